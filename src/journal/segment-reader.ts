import { join } from 'node:path';
import { codeOf } from './disk-trouble.ts';
import type { Files } from './files.ts';
import { FRAME_HEADER, frameAt, scanFrames } from './frame.ts';
import type { Damage, PlacedFrame } from './frame.ts';
import { SEGMENT_HEADER, SEGMENT_MARK, segmentName } from './segment.ts';

/** An open segment. */
export interface SegmentReader {
  number: number;
  /**
   * Hands over the frames from `from` on (0: from the beginning) up to `to`, and returns what was no frame and where reading
   * stopped. `finished`: the file will not grow, so that what is left of it is a torn tail.
   */
  scan(from: number, to: number, finished: boolean, take: (frame: PlacedFrame) => void): { stopped: number; damage: Damage[] };
  at(offset: number): PlacedFrame | undefined;
  size(): number;
  close(): void;
}

/** Read at once; a frame that is longer makes it grow. */
const WINDOW = 1024 * 1024;
/** Most frames are a few hundred bytes: one read gets header and payload. */
const GUESS = 1024;

/** `undefined`: the file is gone, or it is no segment. */
export function openSegment(folder: string, number: number, files: Files): SegmentReader | undefined {
  let file: number;
  try {
    file = files.openToRead(join(folder, segmentName(number)));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const header = Buffer.alloc(SEGMENT_HEADER);
  if (files.read(file, header, 0) < SEGMENT_HEADER || !header.subarray(0, SEGMENT_MARK.length).equals(SEGMENT_MARK)) {
    files.close(file);
    return undefined;
  }
  const salt = header.readUInt32LE(SEGMENT_MARK.length);

  function read(position: number, size: number): Buffer {
    const into = Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < size) {
      const got = files.read(file, filled === 0 ? into : into.subarray(filled), position + filled);
      if (got === 0) break;
      filled += got;
    }
    return into.subarray(0, filled);
  }

  return {
    number,
    size: () => files.look(file).size,
    close: () => files.close(file),
    scan(from, to, finished, take) {
      const damage: Damage[] = [];
      let position = Math.max(from, SEGMENT_HEADER);
      let window = WINDOW;
      while (position < to) {
        const bytes = read(position, Math.min(window, to - position));
        const last = position + bytes.length >= to || bytes.length === 0;
        const scan = scanFrames(bytes, salt, finished && last);
        for (const frame of scan.frames) take({ ...frame, offset: frame.offset + position });
        for (const each of scan.damage) damage.push({ ...each, offset: each.offset + position });
        position += scan.consumed;
        if (last) break;
        window = scan.consumed === 0 ? window * 2 : WINDOW;
      }
      return { stopped: position, damage };
    },
    at(offset) {
      const bytes = read(offset, GUESS);
      const found = frameAt(bytes, 0, salt);
      if (found !== 'short') return found && { ...found, offset };
      if (bytes.length < FRAME_HEADER) return undefined;
      const whole = frameAt(read(offset, 4 + bytes.readUInt32LE(0)), 0, salt);
      return typeof whole === 'object' ? { ...whole, offset } : undefined;
    },
  };
}
