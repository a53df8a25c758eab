import type { MessageStreamEvent } from '@anthropic-ai/sdk/resources/messages/messages.js';
import type { AnswerEvent, Delta, FinishEvent, PartHead, PartStartEvent, StartEvent } from '../../exchange/event.ts';
import type { Fault } from '../../exchange/fault.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Usage } from '../../exchange/usage.ts';
import type { EncoderContext, StreamEncoder } from '../dialect.ts';
import { errorBody } from './encode-error.ts';
import { isForeign, openingBlock, sealOf } from './write-blocks.ts';
import { ownFields, stopReason, writeUsage } from './wire.ts';

/** A content block that the client has been shown the beginning of. */
interface OpenBlock {
  /** Its index on the wire. */
  index: number;
  head: PartHead;
  /** What of the reasoning's signature has come; a foreign one goes into the envelope at the end. */
  signature: string;
  /** Its beginning went out as raw bytes. */
  raw: boolean;
}

/** Finish fields that stand beside `delta` in a `message_delta`, not in it. */
const BESIDE_DELTA = new Set(['context_management']);

/**
 * Writes the stream of `POST /v1/messages`. Blocks are written one after another, as Anthropic does: what belongs to a later
 * part while an earlier one is open (chat's parallel tool calls take turns) is held back. Opaque parts and deltas of other
 * dialects are dropped: there is no block that a client would carry them in; their text, if any, is in text parts.
 */
export function encoder(context: EncoderContext): StreamEncoder {
  const open = new Map<number, OpenBlock>();
  const waiting = new Map<number, AnswerEvent[]>();
  const dropped = new Set<number>();
  let nextIndex = 0;
  let started = false;
  let finish: FinishEvent | undefined;
  /** The client has the `message_delta`. */
  let finished = false;
  let called = false;
  let refused = false;
  let usage: Partial<Usage> = {};
  let rawUsage: JsonObject | undefined;

  function note(event: AnswerEvent): void {
    if (event.type === 'usage') {
      usage = { ...usage, ...event.usage };
      if (event.raw) rawUsage = { ...rawUsage, ...event.raw };
    } else if (event.type === 'part-start') {
      called ||= event.part.type === 'tool-call';
      refused ||= event.part.type === 'refusal';
    }
  }

  function encode(events: readonly AnswerEvent[]): string {
    let out = '';
    for (const [place, event] of events.entries()) {
      note(event);
      switch (event.type) {
        case 'start': {
          const next = events[place + 1];
          if (next?.type === 'usage') note(next);
          out += messageStart(event);
          break;
        }
        case 'finish':
          finish = event;
          break;
        case 'usage':
          break;
        default:
          out += route(event);
      }
    }
    return out;
  }

  function messageStart(event: StartEvent): string {
    if (started) return '';
    started = true;
    const message = {
      id: event.id,
      type: 'message',
      role: 'assistant',
      model: event.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: writeUsage(usage, rawUsage),
      ...ownFields(event.extras),
    };
    return write('message_start', `"message":${JSON.stringify(message)}`);
  }

  /** Writes what belongs to the open block, and holds back the rest. */
  function route(event: Extract<AnswerEvent, { index: number }>): string {
    if (dropped.has(event.index)) return '';
    if (event.type === 'part-start' && event.part.type === 'opaque' && isForeign(event.part.producer)) {
      dropped.add(event.index);
      return '';
    }
    if (open.has(event.index) || (open.size === 0 && event.type === 'part-start')) return writePart(event);
    const held = waiting.get(event.index);
    if (held) held.push(event);
    else if (event.type === 'part-start') waiting.set(event.index, [event]);
    return '';
  }

  function writePart(event: Extract<AnswerEvent, { index: number }>): string {
    if (event.type === 'part-start') return beforeBlocks() + blockStart(event);
    const block = open.get(event.index);
    if (!block) return '';
    if (event.type === 'part-delta') return blockDelta(block, event.delta);
    return blockStop(event.index, block) + next();
  }

  /** An answer that begins without a `start` (none should) still has to begin on the wire. */
  function beforeBlocks(): string {
    return started ? '' : messageStart({ type: 'start', id: `msg_${context.exchange}`, model: context.head.model });
  }

  function blockStart(event: PartStartEvent): string {
    const index = nextIndex++;
    open.set(event.index, { index, head: event.part, signature: '', raw: false });
    return write('content_block_start', `"index":${index},"content_block":${JSON.stringify(openingBlock(event.part))}`);
  }

  function blockDelta(block: OpenBlock, delta: Delta): string {
    switch (delta.type) {
      case 'text':
        return block.head.type === 'reasoning'
          ? writeDelta(block.index, `{"type":"thinking_delta","thinking":${JSON.stringify(delta.text)}}`)
          : writeDelta(block.index, `{"type":"text_delta","text":${JSON.stringify(delta.text)}}`);
      case 'arguments':
        return writeDelta(block.index, `{"type":"input_json_delta","partial_json":${JSON.stringify(delta.json)}}`);
      case 'signature':
        block.signature += delta.signature;
        if (block.head.type === 'reasoning' && isForeign(block.head.producer)) return '';
        return writeDelta(block.index, `{"type":"signature_delta","signature":${JSON.stringify(delta.signature)}}`);
      case 'opaque':
        return isForeign(delta.producer) ? '' : writeDelta(block.index, JSON.stringify(delta.value));
    }
  }

  function observeDelta(part: number, delta: Delta): void {
    const block = delta.type === 'signature' ? open.get(part) : undefined;
    if (block && delta.type === 'signature') block.signature += delta.signature;
  }

  function blockStop(part: number, block: OpenBlock): string {
    open.delete(part);
    // What went out raw has its own signature, unless it was cut before that came.
    const seal = block.raw && block.signature !== '' ? undefined : sealOf(block.head, block.signature);
    const sealed = seal === undefined ? '' : writeDelta(block.index, `{"type":"signature_delta","signature":${JSON.stringify(seal)}}`);
    return sealed + write('content_block_stop', `"index":${block.index}`);
  }

  /** The block is closed: the parts that waited for that, up to the first that is still under way. */
  function next(): string {
    let out = '';
    while (open.size === 0) {
      const [first] = waiting;
      if (!first) break;
      waiting.delete(first[0]);
      for (const event of first[1]) out += writeHeld(event);
    }
    return out;
  }

  function writeHeld(event: AnswerEvent): string {
    if (event.type === 'part-start') return blockStart(event);
    if (event.type !== 'part-delta' && event.type !== 'part-end') return '';
    const block = open.get(event.index);
    if (!block) return '';
    return event.type === 'part-delta' ? blockDelta(block, event.delta) : blockStop(event.index, block);
  }

  function messageDelta(): string {
    if (finished) return '';
    finished = true;
    const reason = finish?.reason ?? (called ? 'tool-calls' : 'stop');
    const delta: JsonObject = {
      stop_reason: stopReason(refused && reason === 'stop' ? 'refusal' : reason, finish?.raw, called),
      stop_sequence: finish?.stopSequence ?? null,
    };
    const beside: JsonObject = { usage: writeUsage(usage, rawUsage) };
    for (const [field, value] of Object.entries(ownFields(finish?.extras) ?? {})) {
      (BESIDE_DELTA.has(field) ? beside : delta)[field] = value;
    }
    return write('message_delta', `"delta":${JSON.stringify(delta)},${JSON.stringify(beside).slice(1, -1)}`);
  }

  return {
    observe(events) {
      for (const event of events) {
        note(event);
        if (event.type === 'start') started = true;
        else if (event.type === 'part-start') open.set(event.index, { index: nextIndex++, head: event.part, signature: '', raw: true });
        else if (event.type === 'part-end') open.delete(event.index);
        else if (event.type === 'part-delta') observeDelta(event.index, event.delta);
        else if (event.type === 'finish') finished = true;
      }
    },
    encode,
    end(terminatorSeen) {
      if (terminatorSeen) return '';
      let out = beforeBlocks();
      // A call whose end never came is not to be carried out; nobody has seen its beginning.
      for (const [part, held] of waiting) if (isCutCall(held)) waiting.delete(part);
      while (open.size > 0 || waiting.size > 0) {
        for (const [part, block] of open) out += blockStop(part, block);
        out += next();
      }
      return out + messageDelta() + write('message_stop', '');
    },
    error: (fault: Fault) => `event: error\ndata: ${JSON.stringify(errorBody(fault, context.exchange))}\n\n`,
    seam: (from, to) => `: understudy seam from=${oneLine(from)} to=${oneLine(to)}\n\n`,
  };
}

function isCutCall(held: readonly AnswerEvent[]): boolean {
  const [begin] = held;
  return begin?.type === 'part-start' && begin.part.type === 'tool-call' && held.at(-1)?.type !== 'part-end';
}

function write(type: MessageStreamEvent['type'], fields: string): string {
  return fields === '' ? `event: ${type}\ndata: {"type":"${type}"}\n\n` : `event: ${type}\ndata: {"type":"${type}",${fields}}\n\n`;
}

function writeDelta(index: number, delta: string): string {
  return write('content_block_delta', `"index":${index},"delta":${delta}`);
}

function oneLine(name: string): string {
  return name.replace(/[\r\n]/g, ' ');
}
