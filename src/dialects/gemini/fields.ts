import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { RequestProblem } from '../dialect.ts';
import { camel } from './camel.ts';

/**
 * Reads fields of a body that should have certain types. Reading goes on after a mistake, with an empty value in its place;
 * the first problem is kept, and with it the request is refused.
 */
export interface Fields {
  problem(): RequestProblem | undefined;
  wrong(field: string, message: string): void;
  string(value: Json | undefined, field: string): string;
  number(value: Json | undefined, field: string): number;
  integer(value: Json | undefined, field: string): number;
  /** With its names in camelCase. */
  message(value: Json | undefined, field: string): JsonObject;
  /** As it is: JSON of the user's own. */
  object(value: Json | undefined, field: string): JsonObject;
  list(value: Json | undefined, field: string): Json[];
}

export function fields(): Fields {
  let first: RequestProblem | undefined;

  function wrong(field: string, message: string): void {
    first ??= { field, message };
  }

  function expect<Value>(given: Value | undefined, empty: Value, value: Json | undefined, field: string, what: string): Value {
    if (given !== undefined) return given;
    wrong(field, value === undefined ? `is missing; it must be ${what}` : `must be ${what}, not ${nameOf(value)}`);
    return empty;
  }

  /** Protobuf JSON has numbers as strings too. */
  function numberOf(value: Json | undefined): number | undefined {
    if (typeof value === 'number') return value;
    if (typeof value !== 'string' || value.trim() === '') return undefined;
    const parsed = Number(value);
    return Number.isFinite(parsed) ? parsed : undefined;
  }

  function integerOf(value: Json | undefined): number | undefined {
    const parsed = numberOf(value);
    return Number.isInteger(parsed) ? parsed : undefined;
  }

  return {
    problem: () => first,
    wrong,
    string: (value, field) => expect(typeof value === 'string' ? value : undefined, '', value, field, 'a string'),
    number: (value, field) => expect(numberOf(value), 0, value, field, 'a number'),
    integer: (value, field) => expect(integerOf(value), 0, value, field, 'a whole number'),
    message: (value, field) => expect(isObject(value) ? camel(value) : undefined, {}, value, field, 'an object'),
    object: (value, field) => expect(isObject(value) ? value : undefined, {}, value, field, 'an object'),
    list: (value, field) => expect(Array.isArray(value) ? value : undefined, [], value, field, 'an array'),
  };
}

function nameOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? 'a string' : String(value);
}
