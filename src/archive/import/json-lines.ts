import { isObject } from '../../exchange/json.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { err, ok } from '../../exchange/result.ts';
import type { Result } from '../../exchange/result.ts';
import { parse } from './json-items.ts';
import type { SourceFile } from './reader.ts';
import { asUtf8 } from './utf8.ts';

export interface JsonLine {
  /** Counted from 1. */
  number: number;
  value: Result<JsonObject, string>;
  mended?: string;
  /** The file ends here, without the end of the line: it may be torn. */
  isLast?: true;
}

const NEWLINE = 0x0a;

/** Objects of a file that has one in each line. Empty lines are passed over; others cost only themselves. */
export async function* jsonLines(file: SourceFile, most: number): AsyncGenerator<JsonLine> {
  let number = 0;
  let pieces: Buffer[] = [];
  let size = 0;

  function line(isLast: boolean): JsonLine | undefined {
    number += 1;
    const bytes = Buffer.concat(pieces);
    const length = size;
    pieces = [];
    size = 0;
    if (length > most)
      return { number, value: err(`${length} bytes, more than the ${most} that are taken at once (raise it: --limit conversation=…)`) };
    if (bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09 || byte === 0)) return undefined;
    const { value, mended } = parse(bytes, depthOf(bytes));
    const object = !value.ok ? value : isObject(value.value) ? ok(value.value) : err('it should be an object');
    return { number, value: object, ...(mended === undefined ? {} : { mended }), ...(isLast ? { isLast } : {}) };
  }

  for await (const chunk of asUtf8(file.open())) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      size += end - from;
      if (size <= most) pieces.push(chunk.subarray(from, end));
      else pieces = [];
      from = end + 1;
      const one = line(false);
      if (one) yield one;
    }
    size += chunk.length - from;
    if (size <= most) pieces.push(chunk.subarray(from));
    else pieces = [];
  }
  if (size > 0) {
    const one = line(true);
    if (one) yield one;
  }
}

/** How deep it is nested, at most; brackets in strings count too, which does no harm here. */
function depthOf(bytes: Buffer): number {
  let depth = 0;
  let deepest = 0;
  for (const byte of bytes) {
    if (byte === 0x5b || byte === 0x7b) deepest = Math.max(deepest, (depth += 1));
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return deepest;
}
