import { isObject } from '../../exchange/json.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';

/** Fields of records that other programs have written: what is not of the expected kind is absent. */

export function textIn(record: Json | undefined, ...path: string[]): string | undefined {
  const value = fieldIn(record, ...path);
  return typeof value === 'string' ? value : undefined;
}

export function numberIn(record: Json | undefined, ...path: string[]): number | undefined {
  const value = fieldIn(record, ...path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function objectIn(record: Json | undefined, ...path: string[]): JsonObject | undefined {
  const value = fieldIn(record, ...path);
  return isObject(value) ? value : undefined;
}

export function listIn(record: Json | undefined, ...path: string[]): Json[] {
  const value = fieldIn(record, ...path);
  return Array.isArray(value) ? value : [];
}

export function fieldIn(record: Json | undefined, ...path: string[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => (isObject(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined), record);
}

/** UTC milliseconds of an ISO date, or of a number of milliseconds. */
export function timeIn(record: Json | undefined, ...path: string[]): number | undefined {
  const value = fieldIn(record, ...path);
  const time = typeof value === 'string' ? Date.parse(value) : typeof value === 'number' ? value : Number.NaN;
  return Number.isFinite(time) ? Math.round(time) : undefined;
}

/** A field to put into an object literal, where it is known. */
export function known<Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}
