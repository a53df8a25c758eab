import type { AnswerEvent, FinishEvent } from '../../exchange/event.ts';
import type { WireError } from '../../exchange/fault.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Extras } from '../../exchange/part.ts';
import type { Frame, StreamDecoder } from '../dialect.ts';
import { sseSplitter, type SseEvent } from '../sse.ts';
import { readErrorBody } from './decode-error.ts';
import { readDelta, startBlock, wholeBlock, type BlockKind } from './read-blocks.ts';
import { DIALECT, extrasOf, finishReason, MESSAGE_FIELDS, readUsage, type WireCounts } from './wire.ts';

const STOP_FIELDS = new Set(['stop_reason', 'stop_sequence']);
const DELTA_FIELDS = new Set(['type', 'delta', 'usage']);

const CR = 13;

interface OpenBlock {
  kind: BlockKind;
  /** Input from the block's start, until a delta takes its place. */
  input?: JsonObject;
}

/** What an event comes to: events and whether the bytes are fit for the official client, or what is wrong. */
type Reading = { events: AnswerEvent[]; clean: boolean } | string;

const NOTHING: Reading = { events: [], clean: true };

/**
 * Reads the stream of `POST /v1/messages`. Strict where a hole could hide (numbering, order, types), tolerant of what is new:
 * unknown events, blocks, deltas and fields are carried.
 */
export function decoder(): StreamDecoder {
  const splitter = sseSplitter();
  const open = new Map<number, OpenBlock>();
  const counts: WireCounts = { fresh: 0 };
  let started = false;
  let finished = false;
  let blocks = 0;
  let over = false;
  let last: Buffer | undefined;

  function frame(sse: SseEvent): Frame {
    const raw = sse.raw;
    if (sse.overflow) return malformed(raw, 'an event of more than 16 MiB');
    if (sse.data === '' && sse.event === 'error') return failed(raw, { message: 'an error event without details' });
    if (sse.data === '') return { type: 'events', raw, clean: true, events: [] };
    const body = parseObject(sse.data);
    if (!body) return malformed(raw, `not JSON: ${sse.data.slice(0, 60)}`);
    const type = typeof body.type === 'string' ? body.type : sse.event;
    if (type === 'error' || sse.event === 'error' || (body.type === undefined && body.error !== undefined)) {
      return failed(raw, readErrorBody(body) ?? { message: sse.data.slice(0, 200) });
    }
    // The SDKs go by the name in `event:`; without one they skip the event.
    const named = sse.event === type;
    if (type === 'message_stop') {
      if (!started) return malformed(raw, 'message_stop before message_start');
      over = true;
      // After a bare CR some clients wait for an LF that may belong to it, and at the end of the body none comes: the answer would have no end.
      return { type: 'end', raw, clean: named && raw.at(-1) !== CR, events: [] };
    }
    if (isRepeat(body, raw)) return malformed(raw, 'repeated frame');
    last = raw;
    const reading = read(type, body);
    return typeof reading === 'string'
      ? malformed(raw, reading)
      : { type: 'events', raw, clean: named && reading.clean, events: reading.events };
  }

  function failed(raw: Buffer, error: WireError): Frame {
    over = true;
    return { type: 'error', raw, error };
  }

  function malformed(raw: Buffer, reason: string): Frame {
    over = true;
    return { type: 'malformed', raw, reason };
  }

  /**
   * Deltas are not numbered, so a doubled one can't be told from a legitimate repeat. But two identical ones in a row with so
   * much in them are next to never written by a model (real streams also pad each event differently), and clients print both.
   * The cost of being wrong is one retry.
   */
  function isRepeat(body: JsonObject, raw: Buffer): boolean {
    if (!last || last.length !== raw.length || !isObject(body.delta) || !raw.equals(last)) return false;
    const text = body.delta.text ?? body.delta.thinking;
    return typeof text === 'string' && text.length >= 16 && new Set(text).size >= 6;
  }

  function read(type: string, body: JsonObject): Reading {
    switch (type) {
      case 'message_start':
        return messageStart(body);
      case 'content_block_start':
        return blockStart(body);
      case 'content_block_delta':
        return blockDelta(body);
      case 'content_block_stop':
        return blockStop(body);
      case 'message_delta':
        return messageDelta(body);
      default:
        return NOTHING;
    }
  }

  function messageStart(body: JsonObject): Reading {
    const message = body.message;
    if (started) return 'a second message_start';
    if (!isObject(message) || typeof message.id !== 'string' || typeof message.model !== 'string') return 'message_start without a message';
    started = true;
    const extras = extrasOf(message, MESSAGE_FIELDS);
    const events: AnswerEvent[] = [{ type: 'start', id: message.id, model: message.model, ...(extras && { extras }) }];
    const usage = message.usage;
    if (isObject(usage)) events.push({ type: 'usage', usage: readUsage(usage, counts), raw: usage });
    for (const block of Array.isArray(message.content) ? message.content : []) {
      const whole = isObject(block) ? wholeBlock(block, blocks) : undefined;
      if (!whole) return 'message_start with broken content';
      blocks++;
      events.push(...whole);
    }
    // Where the message is whole at once (calls made by code that the model wrote), no message_delta follows.
    if (typeof message.stop_reason === 'string') events.push(finishOf(message, undefined, MESSAGE_FIELDS));
    // The SDK writes the final counts into this object and pushes blocks onto this list.
    return { events, clean: isObject(usage) && Array.isArray(message.content) };
  }

  function blockStart(body: JsonObject): Reading {
    const block = body.content_block;
    if (!started) return 'content_block_start before message_start';
    if (finished) return 'content_block_start after the end of the message';
    if (body.index !== blocks) return `block ${String(body.index)} begins where block ${blocks} should`;
    const start = isObject(block) ? startBlock(block, blocks) : undefined;
    if (!start) return 'content_block_start without a block';
    open.set(blocks, { kind: start.kind, ...(start.input && { input: start.input }) });
    blocks++;
    return { events: start.events, clean: true };
  }

  function blockDelta(body: JsonObject): Reading {
    if (finished) return 'content_block_delta after the end of the message';
    const index = body.index;
    const block = typeof index === 'number' ? open.get(index) : undefined;
    if (typeof index !== 'number' || !block) return `a delta for block ${String(index)}, which is not open`;
    if (!isObject(body.delta)) return 'content_block_delta without a delta';
    const delta = readDelta(body.delta, block.kind);
    if (typeof delta === 'string') return delta;
    if (delta === undefined) return NOTHING;
    if (delta.type === 'arguments') delete block.input;
    return { events: [{ type: 'part-delta', index, delta }], clean: true };
  }

  function blockStop(body: JsonObject): Reading {
    const index = body.index;
    const block = typeof index === 'number' ? open.get(index) : undefined;
    if (typeof index !== 'number' || !block) return `the end of block ${String(index)}, which is not open`;
    open.delete(index);
    const end: AnswerEvent = { type: 'part-end', index };
    if (!block.input) return { events: [end], clean: true };
    return { events: [{ type: 'part-delta', index, delta: { type: 'arguments', json: JSON.stringify(block.input) } }, end], clean: true };
  }

  function messageDelta(body: JsonObject): Reading {
    if (!started) return 'message_delta before message_start';
    if (finished) return 'a second end of the message';
    const delta = isObject(body.delta) ? body.delta : {};
    const events: AnswerEvent[] = [];
    if (typeof delta.stop_reason === 'string') {
      finished = true;
      events.push(finishOf(delta, extrasOf(body, DELTA_FIELDS)));
    }
    const usage = body.usage;
    if (isObject(usage)) events.push({ type: 'usage', usage: readUsage(usage, counts), raw: usage });
    // The SDK reads `delta` and `usage` without looking whether they are there.
    return { events, clean: isObject(body.delta) && isObject(usage) };
  }

  return {
    push(chunk) {
      const frames: Frame[] = [];
      if (over) return frames;
      for (const sse of splitter.push(chunk)) {
        frames.push(frame(sse));
        if (over) break;
      }
      return frames;
    },
    end() {
      const frames: Frame[] = [];
      if (over) return frames;
      for (const sse of splitter.end()) frames.push(frame(sse));
      if (!over && splitter.pending()) frames.push(malformed(Buffer.alloc(0), 'the stream ends inside an event'));
      over = true;
      return frames;
    },
  };
}

/** `rest`: fields beside `delta` and `usage` (`context_management`). */
export function finishOf(delta: JsonObject, rest: Extras | undefined, known: ReadonlySet<string> = STOP_FIELDS): FinishEvent {
  const word = String(delta.stop_reason);
  const reason = finishReason(word);
  const own = { ...extrasOf(delta, known)?.fields, ...rest?.fields };
  return {
    type: 'finish',
    reason: reason ?? 'other',
    ...(typeof delta.stop_sequence === 'string' && { stopSequence: delta.stop_sequence }),
    ...(!reason && { raw: word }),
    ...(Object.keys(own).length > 0 && { extras: { dialect: DIALECT, fields: own } }),
  };
}
