import type { Json } from '../exchange/json.ts';
import { err, ok, type Result } from '../exchange/result.ts';

/** A half-open range of bytes. */
export interface Span {
  start: number;
  end: number;
}

/** Where JSON stops being JSON. */
export interface JsonProblem {
  /** In bytes, from 0. */
  offset: number;
  /** From 1. */
  line: number;
  /** From 1, in characters of that line. */
  column: number;
  /** `unexpected "}" where a value should be`; without the place. */
  message: string;
}

/** Where the members of a body's object stand, found once: looking through a large body costs as much as parsing it. */
export interface Layout {
  of: Buffer;
  members: ReadonlyMap<string, Span>;
}

export interface SpanEdit extends Span {
  with: string | Buffer;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Spans of the values of the object in `body[start, end)`, by key. With a key twice the last one counts, as in `JSON.parse`.
 * Brackets, commas, colons and literals are checked all the way down; what stands inside strings (escapes, control
 * characters) is not: that would cost as much as parsing.
 */
export function members(body: Buffer, start = 0, end = body.length): Result<Map<string, Span>, JsonProblem> {
  const spans = new Map<string, Span>();
  const scan = scanner(body, start, end);
  let at = scan.skipSpace(start);
  if (body[at] !== OPEN_OBJECT || at >= end) return err(problem(body, at, end, 'a JSON object should begin'));
  at = scan.skipSpace(at + 1);
  if (at < end && body[at] === CLOSE_OBJECT) return finish(body, scan.skipSpace(at + 1), end, spans);
  for (;;) {
    if (at >= end || body[at] !== QUOTE) return err(problem(body, at, end, 'a key in double quotes should be'));
    const keyEnd = scan.skipString(at);
    if (keyEnd === -1) return err(unterminated(body, at));
    const key = readKey(body, at, keyEnd);
    if (key === undefined) return err({ ...problem(body, at, end, ''), message: 'this key has an escape that JSON does not know' });
    at = scan.skipSpace(keyEnd);
    if (at >= end || body[at] !== COLON) return err(problem(body, at, end, 'a ":" should be'));
    const valueStart = scan.skipSpace(at + 1);
    const valueEnd = scan.skipValue(valueStart);
    if (valueEnd === -1) return err(scan.trouble());
    spans.set(key, { start: valueStart, end: valueEnd });
    at = scan.skipSpace(valueEnd);
    if (at < end && body[at] === CLOSE_OBJECT) return finish(body, scan.skipSpace(at + 1), end, spans);
    if (at >= end || body[at] !== COMMA) return err(problem(body, at, end, 'a "," or "}" should be'));
    at = scan.skipSpace(at + 1);
  }
}

/** `members` of a body of which they may be known already. */
export function layoutOf(body: Buffer, known: Layout | undefined): Result<Layout, JsonProblem> {
  if (known?.of === body) return ok(known);
  const found = members(body);
  return found.ok ? ok({ of: body, members: found.value }) : found;
}

/** Spans of the elements of the array in `body[start, end)`; checks as much as `members`. */
export function elements(body: Buffer, start = 0, end = body.length): Result<Span[], JsonProblem> {
  const spans: Span[] = [];
  const scan = scanner(body, start, end);
  let at = scan.skipSpace(start);
  if (body[at] !== OPEN_ARRAY || at >= end) return err(problem(body, at, end, 'a JSON array should begin'));
  at = scan.skipSpace(at + 1);
  if (at < end && body[at] === CLOSE_ARRAY) return finish(body, scan.skipSpace(at + 1), end, spans);
  for (;;) {
    const valueEnd = scan.skipValue(at);
    if (valueEnd === -1) return err(scan.trouble());
    spans.push({ start: at, end: valueEnd });
    at = scan.skipSpace(valueEnd);
    if (at < end && body[at] === CLOSE_ARRAY) return finish(body, scan.skipSpace(at + 1), end, spans);
    if (at >= end || body[at] !== COMMA) return err(problem(body, at, end, 'a "," or "]" should be'));
    at = scan.skipSpace(at + 1);
  }
}

/** The elements of the array in `body[start, end)` one after the other, for who needs but the first; they end where it stops being JSON. */
export function* leadingElements(body: Buffer, start: number, end: number): Generator<Span> {
  const scan = scanner(body, start, end);
  let at = scan.skipSpace(start);
  if (body[at] !== OPEN_ARRAY) return;
  do {
    const from = scan.skipSpace(at + 1);
    at = scan.skipValue(from);
    if (at === -1) return;
    yield { start: from, end: at };
    at = scan.skipSpace(at);
  } while (at < end && body[at] === COMMA);
}

/** Parses `body[start, end)`, and on failure says where and why. */
export function parseJson(body: Buffer, start = 0, end = body.length): Result<Json, JsonProblem> {
  try {
    return ok(JSON.parse(body.toString('utf8', start, end)) as Json);
  } catch {
    const scan = scanner(body, start, end);
    const valueStart = scan.skipSpace(start);
    const valueEnd = scan.skipValue(valueStart);
    if (valueEnd === -1) return err(scan.trouble());
    const rest = scan.skipSpace(valueEnd);
    if (rest < end) return err(problem(body, rest, end, 'the end should be'));
    return err(badString(body, valueStart, end));
  }
}

/** `body` with each span replaced. Edits may come in any order; they must not overlap. */
export function replace(body: Buffer, edits: readonly SpanEdit[]): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const edit of edits.toSorted((one, other) => one.start - other.start)) {
    if (edit.start > at) pieces.push(body.subarray(at, edit.start));
    if (edit.with.length > 0) pieces.push(typeof edit.with === 'string' ? Buffer.from(edit.with) : edit.with);
    at = edit.end;
  }
  pieces.push(body.subarray(at));
  return Buffer.concat(pieces);
}

/** Edits that take the elements with these indexes out of an array, each with one comma. `spans` is what `elements` gave. */
export function removals(spans: readonly Span[], indexes: ReadonlySet<number>): SpanEdit[] {
  const edits: SpanEdit[] = [];
  let kept = false;
  for (const [index, span] of spans.entries()) {
    if (!indexes.has(index)) {
      kept = true;
      continue;
    }
    const before = spans[index - 1];
    const after = spans[index + 1];
    if (kept && before) edits.push({ start: before.end, end: span.end, with: '' });
    else edits.push({ start: span.start, end: after ? after.start : span.end, with: '' });
  }
  return edits;
}

function finish<Value>(body: Buffer, at: number, end: number, value: Value): Result<Value, JsonProblem> {
  return at < end ? err(problem(body, at, end, 'the end should be')) : ok(value);
}

function readKey(body: Buffer, start: number, end: number): string | undefined {
  const text = body.toString('utf8', start + 1, end - 1);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}

interface Scanner {
  skipSpace(at: number): number;
  /** `at` is on the opening quote; the result is after the closing one, or -1. */
  skipString(at: number): number;
  /** After the value that begins at `at`, or -1: then `trouble` says why. */
  skipValue(at: number): number;
  trouble(): JsonProblem;
}

function scanner(body: Buffer, origin: number, end: number): Scanner {
  /** A character a byte, so that offsets are the same. */
  const text = body.toString('latin1', origin, end);
  let troubleAt = 0;
  let wanted = '';

  function fail(at: number, expectation: string): -1 {
    troubleAt = at;
    wanted = expectation;
    return -1;
  }

  function skipSpace(at: number): number {
    while (at < end) {
      const byte = body[at]!;
      if (byte > 32 || (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9)) break;
      at++;
    }
    return at;
  }

  function skipString(start: number): number {
    let at = start + 1;
    for (;;) {
      // Most strings are short, and in long ones escaped quotes come in swarms: looking by hand beats a call. After that the
      // search is left to memchr; a string's `indexOf` gets there five times as fast as a Buffer's.
      const near = Math.min(end, at + 24);
      for (; at < near; at++) {
        const byte = body[at]!;
        if (byte === QUOTE) return at + 1;
        if (byte === BACKSLASH) at++;
      }
      if (at >= end) return -1;
      const quote = text.indexOf('"', at - origin) + origin;
      if (quote < at) return -1;
      let back = quote;
      while (back > at && body[back - 1] === BACKSLASH) back--;
      at = quote + 1;
      if ((quote - back) % 2 === 0) return at;
    }
  }

  function skipScalar(at: number): number {
    let stop = at;
    while (stop < end && isScalar(body[stop]!)) stop++;
    if (stop === at) return fail(at, 'a value should be');
    const text = body.toString('latin1', at, stop);
    if (text === 'true' || text === 'false' || text === 'null' || /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return stop;
    return fail(at, 'a value should be');
  }

  function skipValue(start: number): number {
    if (start >= end) return fail(start, 'a value should be');
    const first = body[start]!;
    if (first === QUOTE) {
      const stop = skipString(start);
      return stop === -1 ? fail(start, '') : stop;
    }
    if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return skipScalar(start);
    /** What closes the containers that are open, outermost first. */
    const closers: number[] = [];
    let at = start;
    for (;;) {
      // At a value.
      const byte = at < end ? body[at]! : 0;
      if (byte === QUOTE) {
        const stop = skipString(at);
        if (stop === -1) return fail(at, '');
        at = stop;
      } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
        const closer = byte + 2;
        at = skipSpace(at + 1);
        if (at < end && body[at] === closer) {
          at++;
        } else {
          closers.push(closer);
          if (byte === OPEN_ARRAY) continue;
          at = skipKey(at);
          if (at === -1) return -1;
          continue;
        }
      } else {
        at = skipScalar(at);
        if (at === -1) return -1;
      }
      // After a value.
      for (;;) {
        const closer = closers.at(-1);
        if (closer === undefined) return at;
        at = skipSpace(at);
        const next = at < end ? body[at]! : 0;
        if (next === closer) {
          closers.pop();
          at++;
          continue;
        }
        if (next !== COMMA) return fail(at, `a "," or "${String.fromCharCode(closer)}" should be`);
        at = skipSpace(at + 1);
        if (closer === CLOSE_OBJECT) {
          at = skipKey(at);
          if (at === -1) return -1;
        }
        break;
      }
    }
  }

  /** Over a key and its colon, to the beginning of the value. */
  function skipKey(at: number): number {
    if (at >= end || body[at] !== QUOTE) return fail(at, 'a key in double quotes should be');
    const stop = skipString(at);
    if (stop === -1) return fail(at, '');
    const colon = skipSpace(stop);
    if (colon >= end || body[colon] !== COLON) return fail(colon, 'a ":" should be');
    return skipSpace(colon + 1);
  }

  return {
    skipSpace,
    skipString,
    skipValue,
    trouble: () => (wanted === '' ? unterminated(body, troubleAt) : problem(body, troubleAt, end, wanted)),
  };
}

/** Letters, digits and the signs of numbers. */
function isScalar(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) || (byte >= 97 && byte <= 122) || byte === 45 || byte === 43 || byte === 46 || (byte >= 65 && byte <= 90)
  );
}

function problem(body: Buffer, offset: number, end: number, wanted: string): JsonProblem {
  const found = offset >= end ? 'the text ends' : `unexpected ${JSON.stringify(characterAt(body, offset))}`;
  return { offset, ...place(body, offset), message: `${found} where ${wanted}` };
}

function unterminated(body: Buffer, offset: number): JsonProblem {
  return { offset, ...place(body, offset), message: 'a string begins here and has no closing quote' };
}

/** The grammar is right and `JSON.parse` still refuses: some string holds a bad escape or a bare control character. */
function badString(body: Buffer, start: number, end: number): JsonProblem {
  const scan = scanner(body, start, end);
  for (let at = body.indexOf(QUOTE, start); at !== -1 && at < end; at = body.indexOf(QUOTE, at)) {
    const stop = scan.skipString(at);
    try {
      JSON.parse(body.toString('utf8', at, stop));
    } catch {
      return { offset: at, ...place(body, at), message: 'this string holds a bare control character or an escape that JSON does not know' };
    }
    at = stop;
  }
  return { offset: start, ...place(body, start), message: 'not JSON' };
}

function characterAt(body: Buffer, offset: number): string {
  return String.fromCodePoint(body.toString('utf8', offset, offset + 4).codePointAt(0) ?? 0xfffd);
}

function place(body: Buffer, offset: number): { line: number; column: number } {
  let line = 1;
  let lineStart = 0;
  for (let feed = body.indexOf(10); feed !== -1 && feed < offset; feed = body.indexOf(10, feed + 1)) {
    line++;
    lineStart = feed + 1;
  }
  return { line, column: body.toString('utf8', lineStart, offset).length + 1 };
}
