import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { err, ok, type Result } from '../../exchange/result.ts';

/** Bytes of the largest note that is read: a book has about as many. */
export const LARGEST_NOTE = 2 * 1024 * 1024;

export interface ReadNote {
  text: string;
  bytes: Buffer;
}

/** A note's text; the error is why it is not read, for people. */
export function readNote(path: string): Result<ReadNote, string> {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const found = fstatSync(file);
    if (!found.isFile()) return err('it is no file');
    if (found.size > LARGEST_NOTE) return err(`it is larger than ${LARGEST_NOTE / 1024 / 1024} MiB`);
    const bytes = Buffer.alloc(found.size);
    let read = 0;
    while (read < bytes.length) {
      const more = readSync(file, bytes, read, bytes.length - read, read);
      if (more === 0) break;
      read += more;
    }
    return textOf(bytes.subarray(0, read));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** UTF-8 with or without its mark, and UTF-16 with it. */
function textOf(bytes: Buffer): Result<ReadNote, string> {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  if (encoding === 'utf-8' && bytes.includes(0)) return err('it is no text');
  try {
    return ok({ text: new TextDecoder(encoding, { fatal: true }).decode(bytes), bytes });
  } catch {
    return err('it is neither UTF-8 nor UTF-16');
  }
}
