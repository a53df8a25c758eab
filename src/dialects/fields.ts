import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import type { RequestProblem } from './dialect.ts';

/**
 * Reads fields of a body that should have certain types. Reading goes on after a mistake, with an empty value in its place;
 * the first problem is kept, and with it the request is refused.
 */
export interface Fields {
  problem(): RequestProblem | undefined;
  wrong(field: string, message: string): void;
  string(value: Json | undefined, field: string): string;
  integer(value: Json | undefined, field: string): number;
  number(value: Json | undefined, field: string): number;
  boolean(value: Json | undefined, field: string): boolean;
  object(value: Json | undefined, field: string): JsonObject;
  list(value: Json | undefined, field: string): Json[];
}

/** `numberOf`: what counts as a number in this dialect. */
export function fields(numberOf: (value: Json | undefined) => number | undefined = plainNumber): Fields {
  let first: RequestProblem | undefined;

  function wrong(field: string, message: string): void {
    first ??= { field, message };
  }

  function expect<Value>(given: Value | undefined, empty: Value, value: Json | undefined, field: string, what: string): Value {
    if (given !== undefined) return given;
    wrong(field, value === undefined ? `is missing; it must be ${what}` : `must be ${what}, not ${nameOf(value)}`);
    return empty;
  }

  function wholeOf(value: Json | undefined): number | undefined {
    const number = numberOf(value);
    return Number.isInteger(number) ? number : undefined;
  }

  return {
    problem: () => first,
    wrong,
    string: (value, field) => expect(typeof value === 'string' ? value : undefined, '', value, field, 'a string'),
    integer: (value, field) => expect(wholeOf(value), 0, value, field, 'a whole number'),
    number: (value, field) => expect(numberOf(value), 0, value, field, 'a number'),
    boolean: (value, field) => expect(typeof value === 'boolean' ? value : undefined, false, value, field, 'true or false'),
    object: (value, field) => expect(isObject(value) ? value : undefined, {}, value, field, 'an object'),
    list: (value, field) => expect(Array.isArray(value) ? value : undefined, [], value, field, 'an array'),
  };
}

function plainNumber(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? 'a string' : String(value);
}
