import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { FeedProblem, Payload } from '../page-reading.ts';

/** A payload as JSON. What a network, a challenge or an error page puts in its place is told apart from JSON that is broken. */
export function jsonOf({ bytes, contentType }: Payload): Result<Json, FeedProblem> {
  const text = new TextDecoder().decode(bytes).trimStart();
  if (contentType === 'text/html' || contentType === 'application/xhtml+xml' || text.startsWith('<')) {
    return err({ type: 'not-a-feed', message: 'a web page came instead of JSON' });
  }
  if (text === '') return err({ type: 'not-a-feed', message: 'nothing came: the answer is empty' });
  try {
    return ok(JSON.parse(text) as Json);
  } catch {
    return err({ type: 'malformed', message: 'what came is no JSON, or is cut off' });
  }
}

/** A payload as a JSON object. */
export function objectOf(payload: Payload): Result<JsonObject, FeedProblem> {
  const json = jsonOf(payload);
  if (!json.ok) return json;
  return isObject(json.value) ? ok(json.value) : err({ type: 'unknown-shape', message: 'what came is JSON, but no object' });
}

/** Reads a payload with what throws `Unreadable` at the first member that is not what it should be. */
export function reading<Value>(read: () => Value): Result<Value, FeedProblem> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Unreadable) return err({ type: 'unknown-shape', message: error.message });
    throw error;
  }
}

/** A member that a reading cannot do without is missing or is something else. */
class Unreadable extends Error {}

export function unreadable(message: string): never {
  throw new Unreadable(message);
}

/** `where`: the member's path, for the message. */
export function needObject(value: unknown, where: string): JsonObject {
  return isObject(value) ? value : unreadable(`${where} is no object`);
}

export function needList(value: unknown, where: string): JsonObject[] {
  if (!Array.isArray(value)) return unreadable(`${where} is no list`);
  return value.map((item: unknown, index) => needObject(item, `${where}[${index}]`));
}

export function needText(value: unknown, where: string): string {
  return text(value) ?? unreadable(`${where} is no text`);
}

/** A list that may be absent; what is there must be one. `$undefined` stands for nothing where a page's program has printed its own memory. */
export function listOrNone(value: unknown, where: string): JsonObject[] {
  return isNothing(value) ? [] : needList(value, where);
}

/** Text that says something. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && !isNothing(value) && value.trim() !== '' ? value.trim() : undefined;
}

/** An address that a person can open. */
export function webAddress(value: unknown): string | undefined {
  const written = text(value);
  return written !== undefined && /^https?:\/\//.test(written) && URL.canParse(written) ? written : undefined;
}

/** UTC ms of an ISO 8601 date. */
export function time(value: unknown): number | undefined {
  const written = text(value);
  // Date.parse also takes a bare number or word for some year.
  if (written === undefined || !/^\d{4}-\d\d-\d\d/.test(written)) return undefined;
  const at = Date.parse(written);
  return Number.isNaN(at) ? undefined : at;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '$undefined';
}
