import type { Json, JsonObject } from '../exchange/json.ts';
import { isObject } from '../exchange/json.ts';

/**
 * What a client makes of the bytes that it gets. Written against the vendors' documentation and apart from our own codecs on
 * purpose: the judge of a drill must not share their mistakes.
 */
export interface Reading {
  text: string;
  calls: { name: string; arguments: string }[];
  /** The answer said that it is finished, in the way in which its dialect says so. */
  finished: boolean;
  /** A proper error in the client's dialect. */
  error?: string;
  /** Comments that mark where another attempt carried on. */
  seams: number;
  /** Something that no client of this dialect could read. */
  garbled?: string;
}

/** Every dialect puts a message under `error`; an error without one says nothing. */
export function readError(object: JsonObject, reading: Reading): boolean {
  const error = object['error'];
  if (!isObject(error) || typeof error['message'] !== 'string') return false;
  reading.error = error['message'];
  return true;
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

export function string(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
