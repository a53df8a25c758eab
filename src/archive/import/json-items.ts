import { isUtf8 } from 'node:buffer';
import type { Json } from '../../exchange/json.ts';
import { err, ok } from '../../exchange/result.ts';
import type { Result } from '../../exchange/result.ts';
import { DEEPEST } from './limits.ts';
import { Unreadable } from './reader.ts';

/** A piece of a JSON text: an element of its list, a member of its object, or an element of a member that is a list. */
export interface JsonItem {
  /** `[17]`, `.version`, `.conversations[17]`. */
  where: string;
  key?: string;
  index?: number;
  /** Byte in the UTF-8 text where it begins. */
  at: number;
  value: Result<Json, string>;
  /** What had to be mended so that it could be read. */
  mended?: string;
}

export interface JsonItemOptions {
  /** Bytes of the largest piece. */
  most: number;
  /** Members of an object that are lists to be taken apart: `conversations`. */
  lists?: readonly string[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Takes a JSON list or object of any size apart, one piece in memory at a time. Pieces are found by brackets and quotes alone and
 * parsed one by one, so a damaged piece costs only itself. Throws `Unreadable` when the text does not end as it begins; what was
 * before that has been yielded. (A token parser is some ten times slower and loses all that follows a damaged piece.)
 */
export async function* jsonItems(chunks: AsyncIterable<Buffer>, { most, lists = [] }: JsonItemOptions): AsyncGenerator<JsonItem> {
  /** Brackets that are open around pieces: 0 before the text, 1 within it, 2 within a list that is taken apart. */
  let base = 0;
  let depth = 0;
  let deepest = 0;
  let isList = false;
  let isOver = false;
  let key: string | undefined;
  let listKey: string | undefined;
  let index = 0;
  let inString = false;
  let isEscaped = false;
  /** Of the piece at hand. */
  let pieces: Buffer[] = [];
  let size = 0;
  let begins = -1;
  let offset = 0;

  function grow(bytes: Buffer): void {
    size += bytes.length;
    if (size <= most) pieces.push(bytes);
    else pieces = [];
  }

  function item(): JsonItem {
    const place = listKey === undefined ? '' : `.${listKey}`;
    const isElement = isList || listKey !== undefined;
    const found: JsonItem = {
      where: isElement ? `${place}[${index}]` : `.${key ?? ''}`,
      ...(isElement ? { index } : {}),
      ...((listKey ?? key) === undefined ? {} : { key: listKey ?? key! }),
      at: begins,
      ...(size > most
        ? { value: err(`${size} bytes, more than the ${most} that are taken at once (raise it: --limit conversation=…)`) }
        : parse(Buffer.concat(pieces), deepest)),
    };
    if (isElement) index += 1;
    pieces = [];
    size = 0;
    begins = -1;
    deepest = 0;
    return found;
  }

  for await (const chunk of chunks) {
    let from = begins >= 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0) continue;
      if (isOver) throw new Unreadable(`something follows its end (byte ${offset + at}): ${shown(chunk, at)}`);
      if (base === 0) {
        if (byte !== OPEN_LIST && byte !== OPEN_OBJECT)
          throw new Unreadable(`it is no JSON list or object; it begins with ${shown(chunk, at)}`);
        isList = byte === OPEN_LIST;
        base = 1;
        depth = 1;
        continue;
      }
      const isAtBase = depth === base;
      if (isAtBase && (byte === COMMA || byte === CLOSE_LIST || byte === CLOSE_OBJECT)) {
        if (begins >= 0) {
          grow(chunk.subarray(from, at));
          from = -1;
          yield item();
        } else if (key !== undefined && !isList && listKey === undefined)
          throw new Unreadable(`its member ${key} has no value (byte ${offset + at})`);
        if (listKey === undefined) key = undefined;
        if (byte === COMMA) continue;
        const closes = isList || listKey !== undefined ? CLOSE_LIST : CLOSE_OBJECT;
        if (byte !== closes) throw new Unreadable(`it is damaged at byte ${offset + at}: ${shown(chunk, at)}`);
        depth -= 1;
        if (listKey !== undefined) {
          base = 1;
          listKey = undefined;
          key = undefined;
        } else isOver = true;
        continue;
      }
      if (isAtBase && byte === COLON && !isList && listKey === undefined && key === undefined && begins >= 0) {
        grow(chunk.subarray(from, at));
        key = keyOf(Buffer.concat(pieces));
        if (key === undefined) throw new Unreadable(`the name of a member is damaged (byte ${begins})`);
        pieces = [];
        size = 0;
        begins = -1;
        from = -1;
        continue;
      }
      if (isAtBase && byte === OPEN_LIST && begins < 0 && key !== undefined && listKey === undefined && !isList && lists.includes(key)) {
        listKey = key;
        index = 0;
        base = 2;
        depth = 2;
        continue;
      }
      if (begins < 0) {
        begins = offset + at;
        from = at;
      }
      if (byte === QUOTE) inString = true;
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        depth += 1;
        if (depth - base > deepest) deepest = depth - base;
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
    }
    if (begins >= 0) grow(chunk.subarray(from));
    offset += chunk.length;
  }
  if (base === 0) throw new Unreadable('it is empty');
  if (isOver) return;
  const reached =
    begins >= 0
      ? `, in the middle of ${listKey === undefined ? '' : `.${listKey}`}${isList || listKey !== undefined ? `[${index}]` : `.${key ?? ''}`}, which began at byte ${begins}`
      : '';
  throw new Unreadable(`it is cut off after ${offset} bytes${reached}`);
}

function keyOf(bytes: Buffer): string | undefined {
  const { value } = parse(bytes);
  return value.ok && typeof value.value === 'string' ? value.value : undefined;
}

/** Parses a piece; what can be mended without guessing at words is. */
export function parse(bytes: Buffer, depth = 0): Pick<JsonItem, 'value' | 'mended'> {
  const text = bytes.toString('utf8');
  const mended: string[] = isUtf8(bytes) ? [] : ['bytes that are no UTF-8 became �'];
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    try {
      // oxlint-disable-next-line no-control-regex -- these are what is mended
      value = JSON.parse(text.replace(/[\u0000-\u001f]/g, ' ')) as Json;
      mended.push('control characters that JSON does not allow became spaces');
    } catch {
      return { value: err(`it is no valid JSON (${error instanceof Error ? error.message.slice(0, 200) : 'unknown'})`) };
    }
  }
  if (depth > DEEPEST) {
    value = pruned(value);
    mended.push(`it is nested ${depth} deep; what lies deeper than ${DEEPEST} was left out`);
  }
  return { value: ok(value), ...(mended.length > 0 ? { mended: mended.join('; ') } : {}) };
}

/** Without recursion: that is what deep nesting would break. */
function pruned(root: Json): Json {
  let level: Json[] = [root];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: Json[] = [];
    for (const one of level) {
      if (typeof one !== 'object' || one === null) continue;
      for (const inner of Object.values(one)) if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
  for (const one of level) {
    if (Array.isArray(one)) one.length = 0;
    else if (typeof one === 'object' && one !== null) for (const name of Object.keys(one)) delete one[name];
  }
  return root;
}

function shown(chunk: Buffer, at: number): string {
  return JSON.stringify(chunk.subarray(at, at + 40).toString('utf8'));
}
