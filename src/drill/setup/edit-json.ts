import { isDeepStrictEqual } from 'node:util';
import { members, replace, type Span } from '../../dialects/json-spans.ts';
import { isObject, parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';

/**
 * The file with these members in the object that `at` leads to; every other byte stays. An error where it is no plain JSON (comments
 * would be lost), or where something else than an object stands on the way.
 */
export function withMembers(text: string | undefined, at: readonly string[], added: JsonObject): Result<string, string> {
  if (text === undefined || text.trim() === '') return ok(`${JSON.stringify(nested(at, added), null, 2)}\n`);
  const before = parseObject(text);
  if (before === undefined) return err('it is no plain JSON (comments?), and would have to be rewritten');
  const body = Buffer.from(text);
  let object: Span = { start: 0, end: body.length };
  let depth = 0;
  for (; depth < at.length; depth++) {
    const inner = memberSpan(body, object, at[depth]!);
    if (inner === undefined) break;
    if (body[inner.start] !== OPEN) return err(`its ${at.slice(0, depth + 1).join('.')} is no object`);
    object = inner;
  }
  const [first, ...rest] = at.slice(depth);
  const entries = first === undefined ? added : { [first]: nested(rest, added) };
  const edited = replace(body, [inserted(body, object, text, depth, entries)]).toString();
  // As JSON has it: objects out of other parsers have no prototype.
  const expected: unknown = JSON.parse(JSON.stringify(placed(before, at, added)));
  return isDeepStrictEqual(parseObject(edited), expected) ? ok(edited) : err('nothing can be added to it without rewriting it');
}

/** The file without those of the members that are as they were added; what was changed since stays. */
export function withoutMembers(text: string, at: readonly string[], names: readonly string[]): string | undefined {
  let edited = text;
  for (const name of names) {
    const body = Buffer.from(edited);
    let object: Span | undefined = { start: 0, end: body.length };
    for (const step of at) object = object && memberSpan(body, object, step);
    const found = object && members(body, object.start, object.end);
    if (object === undefined || found?.ok !== true) return undefined;
    const spans = [...found.value].toSorted(([, one], [, other]) => one.start - other.start);
    const index = spans.findIndex(([key]) => key === name);
    if (index < 0) return undefined;
    const start = index === 0 ? body.indexOf(OPEN, object.start) + 1 : spans[index - 1]![1].end;
    const end = spans[index]![1].end;
    const last = index === spans.length - 1;
    // The first takes the comma after it along, any other the one before it.
    const until = index > 0 ? end : last ? body.lastIndexOf(CLOSE, object.end - 1) : body.indexOf(COMMA, end) + 1;
    const next = replace(body, [{ start, end: until, with: '' }]).toString();
    if (parseObject(next) === undefined) return undefined;
    edited = next;
  }
  return edited;
}

/** What `at` leads to. */
export function memberAt(value: Json | undefined, at: readonly string[]): Json | undefined {
  let inner = value;
  for (const step of at) inner = isObject(inner) ? inner[step] : undefined;
  return inner;
}

function memberSpan(body: Buffer, { start, end }: Span, name: string): Span | undefined {
  const found = members(body, start, end);
  return found.ok ? found.value.get(name) : undefined;
}

const OPEN = 123;
const CLOSE = 125;
const COMMA = 44;

/** The edit that puts members at the end of an object, in the file's own manner. `depth`: of the object, 0 for the outermost. */
function inserted(body: Buffer, object: Span, text: string, depth: number, entries: JsonObject): Span & { with: string } {
  const found = members(body, object.start, object.end);
  const spans = found.ok ? [...found.value.values()] : [];
  const lines = text.trim().includes('\n') || text.trim() === '{}';
  const indent = /^[ \t]+(?=")/m.exec(text)?.[0] ?? '  ';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const margin = lines ? newline + indent.repeat(depth + 1) : '';
  const written = Object.entries(entries)
    .map(([key, value]) => {
      const json = JSON.stringify(value, null, lines ? indent : undefined);
      return `${margin}${JSON.stringify(key)}:${lines ? ' ' : ''}${json.replaceAll('\n', margin === '' ? '' : margin)}`;
    })
    .join(',');
  if (spans.length > 0) {
    const end = Math.max(...spans.map((span) => span.end));
    return { start: end, end, with: `,${written}` };
  }
  const start = body.indexOf(OPEN, object.start) + 1;
  return { start, end: body.lastIndexOf(CLOSE, object.end - 1), with: written + (lines ? newline + indent.repeat(depth) : '') };
}

function nested(at: readonly string[], value: JsonObject): JsonObject {
  return at.reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), value);
}

function placed(into: JsonObject, at: readonly string[], added: JsonObject): JsonObject {
  const [step, ...rest] = at;
  if (step === undefined) return { ...into, ...added };
  const inner = into[step];
  return { ...into, [step]: placed(isObject(inner) ? inner : {}, rest, added) };
}
