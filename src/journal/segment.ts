import { join } from 'node:path';
import type { Random } from '../exchange/ids.ts';
import { codeOf } from './disk-trouble.ts';
import type { Files } from './files.ts';

/** A segment begins with this and its salt (u32): 16 bytes. */
export const SEGMENT_MARK = Buffer.from('understudy1\n');
export const SEGMENT_HEADER = SEGMENT_MARK.length + 4;

export function segmentName(number: number): string {
  return `${String(number).padStart(8, '0')}.seg`;
}

/** Numbers of the segments in a folder, in order. A folder that isn't there has none. */
export function segmentNumbers(folder: string, files: Files): number[] {
  let names: string[];
  try {
    names = files.list(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
  return names
    .map((name) => Number(/^(\d{8})\.seg$/.exec(name)?.[1]))
    .filter((number) => number > 0)
    .toSorted((one, other) => one - other);
}

/** Where a batch went. */
export interface Written {
  /** Bytes of it that are in the file. Less than asked for: the rest is not, and `error` says why. */
  bytes: number;
  error?: unknown;
}

/** The segment that is being written to. All of its functions throw what the file system throws, `append` apart. */
export interface Segments {
  /** Number, salt and size of the segment that the next batch goes to; makes one if need be. */
  current(): { number: number; salt: number; size: number };
  append(pieces: readonly Buffer[], bytes: number): Written;
  /** Cuts the current segment back to `size`: what follows is not a whole frame. Gives it up if that fails. */
  cut(size: number): void;
  /** Number of the current segment if its file has vanished from the folder; it is given up then. */
  vanished(): number | undefined;
  /** Gives the current segment up; the next batch goes to a new one. */
  abandon(): void;
  sync(done: (error: Error | null) => void): void;
  close(): void;
}

/** `first`: the number that the first of them gets; `limit`: bytes after which the next one is begun. */
export function segments(folder: string, first: number, limit: number, files: Files, random: Random): Segments {
  let open: { number: number; salt: number; size: number; file: number } | undefined;
  let last = first - 1;

  function begin(): NonNullable<typeof open> {
    files.makeFolder(folder);
    const number = Math.max(last, segmentNumbers(folder, files).at(-1) ?? 0) + 1;
    const header = Buffer.alloc(SEGMENT_HEADER);
    SEGMENT_MARK.copy(header);
    random(header.subarray(SEGMENT_MARK.length));
    const path = join(folder, segmentName(number));
    const file = files.create(path);
    try {
      if (files.write(file, [header]) !== header.length) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    } catch (error) {
      files.close(file);
      files.remove(path);
      throw error;
    }
    last = number;
    return { number, salt: header.readUInt32LE(SEGMENT_MARK.length), size: SEGMENT_HEADER, file };
  }

  function abandon(): void {
    if (!open) return;
    const { file } = open;
    open = undefined;
    try {
      files.close(file);
    } catch {
      // It was closed from outside; that is why we give it up.
    }
  }

  return {
    abandon,
    close: abandon,
    current() {
      if (open && open.size >= limit) abandon();
      open ??= begin();
      return open;
    },
    append(pieces, bytes) {
      const to = open;
      if (!to) return { bytes: 0, error: new Error('no segment is open') };
      try {
        const written = files.write(to.file, pieces);
        to.size += written;
        // Less than asked for is what a disk that is just full gives.
        return written === bytes ? { bytes } : { bytes: written, error: Object.assign(new Error('short write'), { code: 'ENOSPC' }) };
      } catch (error) {
        return { bytes: 0, error };
      }
    },
    cut(size) {
      if (!open) return;
      try {
        files.truncate(open.file, size);
        open.size = size;
      } catch {
        // Its torn tail is skipped by readers; we go on in a new one.
        abandon();
      }
    },
    vanished() {
      if (!open) return undefined;
      const { number } = open;
      try {
        if (files.look(open.file).named) return undefined;
      } catch {
        // Not even the handle is good any more.
      }
      abandon();
      return number;
    },
    sync(done) {
      if (open) files.sync(open.file, done);
      else done(null);
    },
  };
}
