import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import type { RequestProblem } from './dialect.ts';

/**
 * Reads fields of a request and remembers the first that is wrong. A reader that finds something wrong answers with `undefined`,
 * as for a field that is absent; `null` counts as absent, as it does for OpenAI.
 */
export interface Fields {
  problem(): RequestProblem | undefined;
  report(field: string, message: string): undefined;
  string(from: JsonObject, name: string, path: string): string | undefined;
  number(from: JsonObject, name: string, path: string): number | undefined;
  boolean(from: JsonObject, name: string, path: string): boolean | undefined;
  object(from: JsonObject, name: string, path: string): JsonObject | undefined;
  list(from: JsonObject, name: string, path: string): Json[] | undefined;
  /** As the ones above, but absence is a problem too. */
  needString(from: JsonObject, name: string, path: string): string;
  needObject(from: JsonObject, name: string, path: string): JsonObject | undefined;
}

export function fieldReader(): Fields {
  let first: RequestProblem | undefined;

  function report(field: string, message: string): undefined {
    first ??= { field, message: field === '' ? message : `${field}: ${message}` };
  }

  function read<Value extends Json>(
    from: JsonObject,
    name: string,
    path: string,
    wanted: string,
    check: (value: Json) => value is Value,
  ): Value | undefined {
    const value = from[name];
    if (value === undefined || value === null) return undefined;
    return check(value) ? value : report(join(path, name), `must be ${wanted}, not ${describe(value)}`);
  }

  const fields: Fields = {
    problem: () => first,
    report,
    string: (from, name, path) => read(from, name, path, 'a string', (value) => typeof value === 'string'),
    number: (from, name, path) => read(from, name, path, 'a number', (value) => typeof value === 'number'),
    boolean: (from, name, path) => read(from, name, path, 'true or false', (value) => typeof value === 'boolean'),
    object: (from, name, path) => read(from, name, path, 'an object', (value): value is JsonObject => isObject(value)),
    list: (from, name, path) => read(from, name, path, 'a list', (value): value is Json[] => Array.isArray(value)),
    needString(from, name, path) {
      const value = fields.string(from, name, path);
      if (value === undefined) report(join(path, name), 'is missing, it must be a string');
      return value ?? '';
    },
    needObject(from, name, path) {
      const value = fields.object(from, name, path);
      if (value === undefined) report(join(path, name), 'is missing, it must be an object');
      return value;
    },
  };
  return fields;
}

/** Fields that are not in `known`, where they say something. */
export function others(from: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let found: JsonObject | undefined;
  for (const name in from) {
    const value = from[name];
    if (!known.has(name) && value !== undefined && value !== null) (found ??= {})[name] = value;
  }
  return found;
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function describe(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return `${typeof value === 'boolean' ? '' : `the ${typeof value} `}${JSON.stringify(value).slice(0, 40)}`;
}
