import { isObject, type Json, type JsonObject, parseObject } from '../exchange/json.ts';
import { ok, type Result } from '../exchange/result.ts';
import { type JsonProblem, type Layout, members, parseJson, type Span } from './json-spans.ts';

const SPACE = 32;
const CLOSE_ARRAY = 93;
const FIRST_BYTES: Record<number, Kind> = { 34: 'string', 91: 'array', 123: 'object', 110: 'null' };

type Kind = 'string' | 'array' | 'object' | 'null' | 'other';

/** The members of a request's object, for `inspect`. They are the same whether they were found in the bytes or in what was parsed of them. */
export interface TopMembers {
  names(): Iterable<string>;
  /** What a member is; `undefined`: it is absent. */
  kind(name: string): Kind | undefined;
  /** It is an array with something in it. */
  isFilled(name: string): boolean;
  /** For small members: parses. `undefined`: it is absent. */
  value(name: string): Result<Json | undefined, JsonProblem>;
  /** For the head of the request. */
  found: { layout: Layout } | { parsed: Parsed };
}

/** What was parsed is taken once and let go of: kept, it would lie in memory for as long as the answer takes. */
export interface Parsed {
  of: Buffer;
  /** Before it is taken. */
  look(): JsonObject | undefined;
  take(): JsonObject | undefined;
}

/** `parse`: the body is going to be decoded anyway, so that looking through its bytes first would be one look too many. */
export function topMembers(body: Buffer, parse = false): Result<TopMembers, JsonProblem> {
  const json = parse ? parseObject(body.toString('utf8')) : undefined;
  if (json) return ok(inParsed(body, json));
  const found = members(body);
  return found.ok ? ok(inBytes(body, found.value)) : found;
}

function inBytes(body: Buffer, spans: Map<string, Span>): TopMembers {
  return {
    names: () => spans.keys(),
    kind(name) {
      const span = spans.get(name);
      return span && (FIRST_BYTES[body[span.start]!] ?? 'other');
    },
    isFilled(name) {
      const span = spans.get(name);
      if (!span || FIRST_BYTES[body[span.start]!] !== 'array') return false;
      let at = span.start + 1;
      while (body[at]! <= SPACE) at++;
      return body[at] !== CLOSE_ARRAY;
    },
    value(name) {
      const span = spans.get(name);
      return span ? parseJson(body, span.start, span.end) : ok(undefined);
    },
    found: { layout: { of: body, members: spans } },
  };
}

function inParsed(body: Buffer, json: JsonObject): TopMembers {
  let kept: JsonObject | undefined = json;
  const own = (name: string): Json | undefined => (Object.hasOwn(json, name) ? json[name] : undefined);
  return {
    names: () => Object.keys(json),
    kind(name) {
      const value = own(name);
      if (value === undefined) return undefined;
      if (value === null) return 'null';
      if (typeof value === 'string') return 'string';
      return Array.isArray(value) ? 'array' : isObject(value) ? 'object' : 'other';
    },
    isFilled(name) {
      const value = own(name);
      return Array.isArray(value) && value.length > 0;
    },
    value: (name) => ok(own(name)),
    found: {
      parsed: {
        of: body,
        look: () => kept,
        take() {
          const taken = kept;
          kept = undefined;
          return taken;
        },
      },
    },
  };
}
