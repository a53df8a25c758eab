import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import { err, type Result } from '../exchange/result.ts';
import type { RequestProblem } from './dialect.ts';
import { type TopMembers, topMembers } from './top-members.ts';

/** Reads members of an OpenAI request and remembers the first that is wrong. What is wrong, absent or null comes out as `undefined`. */
export interface TopReader {
  problem(): RequestProblem | undefined;
  report(field: string, message: string): void;
  string(field: string): string | undefined;
  boolean(field: string): boolean | undefined;
  /** A whole number above 0. */
  count(field: string): number | undefined;
  object(field: string): JsonObject | undefined;
  read<Value>(field: string, wanted: string, check: (value: Json) => value is Value & Json): Value | undefined;
}

export function topOf(body: Buffer, parse?: boolean): Result<TopMembers, RequestProblem> {
  const found = topMembers(body, parse);
  if (found.ok) return found;
  const { line, column, message } = found.error;
  return err({ field: '', message: `the body is not a JSON object: line ${line}, column ${column}: ${message}` });
}

export function topReader(top: TopMembers): TopReader {
  let problem: RequestProblem | undefined;

  function report(field: string, message: string): void {
    problem ??= { field, message };
  }

  function read<Value>(field: string, wanted: string, check: (value: Json) => value is Value & Json): Value | undefined {
    const found = top.value(field);
    if (!found.ok) report(field, `${field} is not JSON: ${found.error.message}`);
    else if (found.value === undefined || found.value === null) return undefined;
    else if (check(found.value)) return found.value;
    else report(field, `${field} must be ${wanted}`);
    return undefined;
  }

  return {
    problem: () => problem,
    report,
    read,
    string: (field) => read(field, 'a string', (value) => typeof value === 'string'),
    boolean: (field) => read(field, 'true or false', (value) => typeof value === 'boolean'),
    count: (field) =>
      read(field, 'a whole number above 0', (value): value is number => Number.isSafeInteger(value) && (value as number) > 0),
    object: (field) => read(field, 'an object', isObject),
  };
}
