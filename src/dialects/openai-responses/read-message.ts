import type { PartHead } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { carry, carryChanges, changed, missing, say, type NextPart, type OpenItem, type Reading } from './reading.ts';
import { extrasOf, listOf, PRODUCER } from './wire.ts';

const KNOWN = new Set(['type', 'role', 'content', 'status']);
const CLOSING = new Set([...KNOWN, 'id']);

type TextKind = 'text' | 'refusal';

interface Content {
  kind: TextKind;
  /** Its place in the item's content. */
  place: number;
  part: number;
  said: string;
  annotations: number;
  logprobs: boolean;
}

/**
 * A message: each text or refusal in its content is a part, which bears the item's id and other fields. A part ends when the next begins, or
 * with the item: what stands between (`output_text.done`, `content_part.done`) only repeats it, and may be written twice.
 */
export function readMessage(item: JsonObject, nextPart: NextPart): OpenItem {
  const extras = extrasOf(item, KNOWN);
  let content: Content | undefined;
  let contents = 0;

  function begin(kind: TextKind, place: number, reading: Reading): Content {
    end(reading);
    const head: PartHead = kind === 'text' ? { type: 'text', ...(extras && { extras }) } : { type: 'refusal' };
    content = { kind, place, part: nextPart(), said: '', annotations: 0, logprobs: false };
    contents = place + 1;
    reading.events.push({ type: 'part-start', index: content.part, part: head });
    return content;
  }

  function end(reading: Reading): void {
    if (content) reading.events.push({ type: 'part-end', index: content.part });
    content = undefined;
  }

  function at(kind: TextKind, body: JsonObject, reading: Reading): Content | undefined {
    const place = typeof body.content_index === 'number' ? body.content_index : 0;
    if (content?.kind === kind && content.place === place) return content;
    if (place < contents) {
      reading.problem ??= `content ${place} of a message goes on after its end`;
      return undefined;
    }
    // The official client needs the content's beginning.
    reading.clean = false;
    return begin(kind, place, reading);
  }

  function speak(to: Content | undefined, text: Json | undefined, reading: Reading): void {
    if (!to || typeof text !== 'string' || text === '') return;
    to.said += text;
    say(reading, to.part, { type: 'text', text });
  }

  function mend(to: Content | undefined, full: Json | undefined, reading: Reading): void {
    if (!to) return;
    const rest = missing(to.said, full);
    if (rest === undefined) reading.problem ??= 'the text that is repeated at the end is not the one that came in pieces';
    else if (rest !== '') {
      reading.clean = false;
      speak(to, rest, reading);
    }
  }

  /** A content as a whole. */
  function whole(part: Json | undefined, place: number, reading: Reading): void {
    if (!isObject(part)) return;
    const kind = kindOf(part);
    if (!kind) return carryContent(part, place, reading);
    if (content?.place !== place) {
      if (place < contents) return;
      begin(kind, place, reading);
    }
    if (content?.kind !== kind) return;
    if (kind === 'text') logprobs(content, part.logprobs, reading);
    mend(content, kind === 'text' ? part.text : part.refusal, reading);
    if (kind === 'refusal') return;
    for (const annotation of listOf(part.annotations).slice(content.annotations)) {
      carry(reading, content.part, 'response.output_text.annotation.added', { annotation, annotation_index: content.annotations++ });
    }
  }

  /** They come with the deltas, or all together at the end. */
  function logprobs(to: Content, value: Json | undefined, reading: Reading): void {
    if (to.logprobs || !Array.isArray(value) || value.length === 0) return;
    carry(reading, to.part, 'response.output_text.delta', { logprobs: value });
  }

  /** A kind of content that has no neutral word: the message around it is kept. */
  function carryContent(part: JsonObject, place: number, reading: Reading): void {
    if (place < contents) return;
    end(reading);
    contents = place + 1;
    const index = nextPart();
    const value = { ...item, content: [part], status: 'completed' };
    reading.events.push({ type: 'part-start', index, part: { type: 'opaque', producer: PRODUCER, value } }, { type: 'part-end', index });
  }

  return {
    id: typeof item.id === 'string' ? item.id : undefined,
    event(type, body, reading) {
      switch (type) {
        case 'response.content_part.added': {
          const place = typeof body.content_index === 'number' ? body.content_index : contents;
          const kind = isObject(body.part) ? kindOf(body.part) : undefined;
          if (kind && place >= contents) begin(kind, place, reading);
          return;
        }
        case 'response.output_text.delta': {
          const to = at('text', body, reading);
          if (to && Array.isArray(body.logprobs) && body.logprobs.length > 0) {
            carry(reading, to.part, type, { logprobs: body.logprobs });
            to.logprobs = true;
          }
          return speak(to, body.delta, reading);
        }
        case 'response.output_text.done':
          return mend(at('text', body, reading), body.text, reading);
        case 'response.refusal.delta':
          return speak(at('refusal', body, reading), body.delta, reading);
        case 'response.refusal.done':
          return mend(at('refusal', body, reading), body.refusal, reading);
        case 'response.content_part.done':
          return whole(body.part, typeof body.content_index === 'number' ? body.content_index : 0, reading);
        case 'response.output_text.annotation.added': {
          const to = at('text', body, reading);
          if (!to) return;
          to.annotations++;
          return carry(reading, to.part, type, body);
        }
        default:
          if (content) carry(reading, content.part, type, body);
      }
    },
    done(final, reading) {
      for (const [place, part] of listOf(final.content).entries()) whole(part, place, reading);
      // A message without a word still has its place in the output.
      if (contents === 0) carryContent({ type: 'output_text', text: '', annotations: [] }, 0, reading);
      if (content?.kind === 'text') carryChanges(reading, content.part, changed(item, final, CLOSING));
      end(reading);
    },
  };
}

function kindOf(part: JsonObject): TextKind | undefined {
  if (part.type === 'output_text' || part.type === 'text') return 'text';
  return part.type === 'refusal' ? 'refusal' : undefined;
}
