import type { AnswerEvent, Delta } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { PRODUCER } from './wire.ts';

/** What has been read from one event so far. */
export interface Reading {
  events: AnswerEvent[];
  /** False once something was seen that OpenAI's own client would trip over, or a client that reads only deltas would miss. */
  clean: boolean;
  /** Why the stream cannot be trusted; the first one stays. */
  problem?: string;
}

export function newReading(): Reading {
  return { events: [], clean: true };
}

/** An item of the output while it comes in. */
export interface OpenItem {
  readonly id: string | undefined;
  /** An event about this item, besides its beginning and end. */
  event(type: string, body: JsonObject, reading: Reading): void;
  /** The item as a whole, as its end and the end of the response repeat it: says what has not come yet, and closes its parts. */
  done(item: JsonObject, reading: Reading): void;
}

/** Hands out part indexes. */
export type NextPart = () => number;

export function say(reading: Reading, index: number, delta: Delta): void {
  reading.events.push({ type: 'part-delta', index, delta });
}

/** An event that only this dialect understands, without what an encoder numbers itself. */
export function carry(reading: Reading, index: number, type: string, body: JsonObject): void {
  const value: JsonObject = { type };
  for (const key in body) if (!NUMBERED.has(key)) value[key] = body[key];
  say(reading, index, { type: 'opaque', producer: PRODUCER, value });
}

/** `obfuscation` pads events against traffic analysis and says nothing. */
const NUMBERED = new Set(['type', 'sequence_number', 'item_id', 'output_index', 'content_index', 'obfuscation']);

/**
 * What of a text is still to be said, where `full` repeats it after it came in pieces. Services that leave the repetition empty are
 * believed; a text that is not what came is a hole in the stream (`undefined`).
 */
export function missing(said: string, full: Json | undefined): string | undefined {
  if (typeof full !== 'string' || full === '' || full === said) return '';
  return full.startsWith(said) ? full.slice(said.length) : undefined;
}

/** Fields of an item's end that its beginning did not have. */
export function changed(before: JsonObject, after: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let fields: JsonObject | undefined;
  for (const key in after) {
    if (known.has(key) || JSON.stringify(after[key]) === JSON.stringify(before[key])) continue;
    (fields ??= {})[key] = after[key];
  }
  return fields;
}

/** The last delta of a part: what its item said at its end and not before. */
export function carryChanges(reading: Reading, index: number, fields: JsonObject | undefined): void {
  if (fields) say(reading, index, { type: 'opaque', producer: PRODUCER, value: { type: ITEM_DONE, item: fields } });
}

export const ITEM_DONE = 'response.output_item.done';

/** What `carryChanges` said among a part's opaque deltas. */
export function itemChanges(opaque: readonly Json[]): JsonObject {
  const fields: JsonObject = {};
  for (const value of opaque) if (isObject(value) && value.type === ITEM_DONE && isObject(value.item)) Object.assign(fields, value.item);
  return fields;
}
