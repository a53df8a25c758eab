import { join } from 'node:path';
import { codeOf } from './disk-trouble.ts';
import type { Files } from './files.ts';
import { FRAME_HEADER, frameAt, knownFrameAt, scanFrames } from './frame.ts';
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
const WINDOW = 512 * 1024;
/** Bytes that have been scanned and are kept for who asks for their frames soon after, which folding does. */
const KEPT = 8 * 1024 * 1024;
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

  /** What was scanned last, the newest first. */
  let kept: { position: number; bytes: Buffer }[] = [];

  function keep(position: number, bytes: Buffer): void {
    let room = KEPT - bytes.length;
    if (room < 0) return;
    kept = [{ position, bytes }, ...kept.filter((each) => (room -= each.bytes.length) >= 0)];
  }

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
        const scan = scanFrames(bytes, salt, finished && last, position);
        for (const frame of scan.frames) take(frame);
        damage.push(...scan.damage);
        if (scan.damage.length === 0 && scan.consumed > 0) keep(position, bytes.subarray(0, scan.consumed));
        position += scan.consumed;
        if (last) break;
        window = scan.consumed === 0 ? window * 2 : WINDOW;
      }
      return { stopped: position, damage };
    },
    at(offset) {
      for (const { position, bytes } of kept) {
        if (offset >= position && offset < position + bytes.length) return knownFrameAt(bytes, offset - position, position);
      }
      const bytes = read(offset, GUESS);
      const found = frameAt(bytes, 0, salt, offset);
      if (found !== 'short') return found;
      if (bytes.length < FRAME_HEADER) return undefined;
      const whole = frameAt(read(offset, 4 + bytes.readUInt32LE(0)), 0, salt, offset);
      return typeof whole === 'object' ? whole : undefined;
    },
  };
}
