import { isObject } from '../../exchange/json.ts';
import type { JsonObject } from '../../exchange/json.ts';

const NEWLINE = 10;

/** One line of a file, without its end. */
export interface Line {
  bytes: Uint8Array;
  /** Offset of what follows it. */
  end: number;
  /** Nothing ends it yet: its writer may be in the middle of it. */
  torn: boolean;
}

/** Lines of bytes that come in pieces. `offset`: where the first piece stands in its file. */
export function* linesIn(pieces: Iterable<Uint8Array>, offset = 0): Generator<Line> {
  const splitter = lineSplitter(offset);
  for (const piece of pieces) yield* splitter.add(piece);
  yield* splitter.rest();
}

/** The same for pieces that have to be waited for. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const splitter = lineSplitter(0);
  for await (const piece of pieces) yield* splitter.add(piece);
  yield* splitter.rest();
}

function lineSplitter(offset: number) {
  let held: Uint8Array[] = [];
  let at = offset;
  const take = (last: Uint8Array): Uint8Array => {
    const whole = held.length === 0 ? last : Buffer.concat([...held, last]);
    held = [];
    return whole;
  };
  return {
    *add(piece: Uint8Array): Generator<Line> {
      let from = 0;
      for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
        const bytes = take(piece.subarray(from, end));
        at += bytes.length + 1;
        from = end + 1;
        yield { bytes, end: at, torn: false };
      }
      // A copy: the piece's memory is its reader's, who fills it anew.
      if (from < piece.length) held.push(Uint8Array.from(piece.subarray(from)));
    },
    *rest(): Generator<Line> {
      const bytes = take(new Uint8Array());
      if (bytes.length > 0) yield { bytes, end: at + bytes.length, torn: true };
    },
  };
}

/** What stands in a line. `empty`: nothing but spaces, or the zeros that a power cut leaves. */
export function recordOf(bytes: Uint8Array): JsonObject | 'empty' | 'no JSON' | 'no object' {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .replaceAll('\0', '')
    .replace(/^\uFEFF/, '')
    .trim();
  if (text === '') return 'empty';
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : 'no object';
  } catch {
    return 'no JSON';
  }
}
