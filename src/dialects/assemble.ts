import type { AnswerEvent, FinishEvent, PartHead, StartEvent } from '../exchange/event.ts';
import type { Json, JsonObject } from '../exchange/json.ts';
import type { Producer } from '../exchange/part.ts';
import type { Usage } from '../exchange/usage.ts';

/** One part of an answer with all its deltas joined. */
export interface WholePart {
  head: PartHead;
  /** Of text, reasoning and refusal parts. */
  text: string;
  /** Of tool calls: JSON text. */
  arguments: string;
  signature?: string;
  /** Deltas that only their producer understands, in order. */
  opaque: Json[];
  /** Its `part-end` has been seen. */
  closed: boolean;
}

/** What a stream of events says, put together. */
export interface WholeAnswer {
  start?: StartEvent;
  /** In the order in which they began. */
  parts: WholePart[];
  usage: Partial<Usage>;
  /** The providers' usage objects, later ones over earlier ones. */
  rawUsage?: JsonObject;
  finish?: FinishEvent;
}

/** Joins events into a whole answer. Deltas of a part that was never begun are ignored: decoders do not make them. */
export function assemble(events: readonly AnswerEvent[]): WholeAnswer {
  const answer: WholeAnswer = { parts: [], usage: {} };
  const open = new Map<number, WholePart>();
  for (const event of events) {
    switch (event.type) {
      case 'start':
        answer.start ??= event;
        break;
      case 'part-start': {
        const part: WholePart = { head: event.part, text: '', arguments: '', opaque: [], closed: false };
        open.set(event.index, part);
        answer.parts.push(part);
        break;
      }
      case 'part-delta': {
        const part = open.get(event.index);
        const delta = event.delta;
        if (!part) break;
        if (delta.type === 'text') part.text += delta.text;
        else if (delta.type === 'arguments') part.arguments += delta.json;
        else if (delta.type === 'signature') part.signature = (part.signature ?? '') + delta.signature;
        else part.opaque.push(delta.value);
        break;
      }
      case 'part-end': {
        const part = open.get(event.index);
        if (part) part.closed = true;
        break;
      }
      case 'usage':
        Object.assign(answer.usage, event.usage);
        if (event.raw) answer.rawUsage = { ...answer.rawUsage, ...event.raw };
        break;
      case 'finish':
        answer.finish = event;
        break;
    }
  }
  return answer;
}

/** The same as a dialect can show it: without the deltas that only another producer understands. */
export function assembleFor(events: readonly AnswerEvent[], isForeign: (producer: Producer) => boolean): WholeAnswer {
  return assemble(
    events.filter((event) => event.type !== 'part-delta' || event.delta.type !== 'opaque' || !isForeign(event.delta.producer)),
  );
}
