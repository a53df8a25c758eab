import { isDeepStrictEqual } from 'node:util';
import { parse, stringify } from 'smol-toml';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';

/** A file's tables; `undefined` where it is no TOML. Dates stay dates, which no set-up of a server has. */
export function readToml(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return {};
  try {
    const value: unknown = parse(text.replace(/^\uFEFF/, ''));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text between two comments, with which it can be found again. `id`: of this run. */
export function tomlBlock(id: string, at: readonly string[], servers: JsonObject): string {
  const nested = at.reduceRight<JsonObject>((inner, key) => ({ [key]: inner }), servers);
  return `# >>> Understudy parity ${id}\n${stringify(nested).trim()}\n# <<< Understudy parity ${id}\n`;
}

/**
 * The file with servers in a block of their own at its end; nothing else of it changes. An error where the file can't be read, or
 * where the block would say something else there than it does alone (an inline table of that name can't be added to).
 */
export function withTomlBlock(text: string | undefined, block: string): Result<string, string> {
  const before = readToml(text);
  if (before === undefined) return err('it is no TOML that can be read');
  const lead = text === undefined || text === '' ? '' : text.endsWith('\n') ? `${text}\n` : `${text}\n\n`;
  const whole = lead + block;
  const after = readToml(whole);
  const alone = readToml(block);
  if (after === undefined || alone === undefined || !isDeepStrictEqual(plain(after), plain(merged(before, alone))))
    return err('nothing can be added to what it says without rewriting it');
  return ok(whole);
}

/** The file without the block, and without the empty line before it; `undefined` where the block is not there as it was written. */
export function withoutTomlBlock(text: string, block: string): string | undefined {
  const place = text.indexOf(block);
  if (place < 0) return undefined;
  const before = text.slice(0, place);
  return (before.endsWith('\n\n') ? before.slice(0, -1) : before) + text.slice(place + block.length);
}

/** The parser's tables have no prototype. */
function plain(tables: JsonObject): unknown {
  return JSON.parse(JSON.stringify(tables));
}

function merged(one: JsonObject, other: JsonObject): JsonObject {
  const all: JsonObject = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const there = all[key];
    all[key] = isObject(there) && isObject(value) ? merged(there, value) : value;
  }
  return all;
}
