import { isObject } from '../../exchange/json.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';

/** Fields of JSON that nobody vouches for: what is not of the kind asked for is as if it were not there. */
export function textIn(value: JsonObject | undefined, name: string): string | undefined {
  const field = value?.[name];
  return typeof field === 'string' ? field : undefined;
}

/** Text with something in it. */
export function wordsIn(value: JsonObject | undefined, name: string): string | undefined {
  const field = textIn(value, name);
  return field === undefined || field.trim() === '' ? undefined : field;
}

export function numberIn(value: JsonObject | undefined, name: string): number | undefined {
  const field = value?.[name];
  return typeof field === 'number' && Number.isFinite(field) ? field : undefined;
}

export function objectIn(value: JsonObject | undefined, name: string): JsonObject | undefined {
  const field = value?.[name];
  return isObject(field) ? field : undefined;
}

export function listIn(value: JsonObject | undefined, name: string): Json[] {
  const field = value?.[name];
  return Array.isArray(field) ? field : [];
}

export function objectsIn(value: JsonObject | undefined, name: string): JsonObject[] {
  return listIn(value, name).filter(isObject);
}

/** Years 1 to 9999, UTC milliseconds: what lies beyond is no time, whatever wrote it. */
export const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
export const LATEST = Date.UTC(10_000, 0) - 1;

/** UTC milliseconds of ISO 8601 text, or of seconds since 1970 as text or number. */
export function timeIn(value: JsonObject | undefined, name: string): number | undefined {
  const field = value?.[name];
  if (typeof field === 'number') return secondsToTime(field);
  if (typeof field !== 'string' || field === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(field)) return secondsToTime(Number(field));
  return plausible(Date.parse(field));
}

function plausible(time: number): number | undefined {
  return time >= EARLIEST && time <= LATEST ? time : undefined;
}

function secondsToTime(seconds: number): number | undefined {
  return plausible(Math.round(seconds * 1000));
}

/** `{ [name]: value }`, or nothing where there is no value: for optional fields. */
export function some<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}

/** Only those fields that are there and say something. */
export function fieldsOf(value: JsonObject, names: readonly string[]): JsonObject {
  const found: JsonObject = {};
  for (const name of names) {
    const field = value[name];
    if (field === undefined || field === null || field === '' || field === false) continue;
    if (Array.isArray(field) && field.length === 0) continue;
    found[name] = field;
  }
  return found;
}

/** What something is, for people: kind, keys or beginning. */
export function found(value: Json | undefined): Json {
  if (isObject(value))
    return `object with ${
      Object.keys(value)
        .slice(0, 12)
        .map((key) => key.slice(0, 40))
        .join(', ') || 'no members'
    }`;
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'string') return `text ${JSON.stringify(value.slice(0, 60))}`;
  return value === undefined ? 'nothing' : String(value);
}
