import type { LiveAnswer } from './answer-log.ts';
import type { Files } from './files.ts';
import type { Replay } from './follower.ts';
import type { PlacedFrame } from './frame.ts';
import { readEntry, readOpening } from './payload.ts';
import { replayer } from './replay.ts';
import type { Decoders } from './replay.ts';
import { openSegment } from './segment-reader.ts';
import type { SegmentReader } from './segment-reader.ts';

/** Reads live answers back from the log. */
export interface ReadBack {
  replay(log: LiveAnswer): Replay | undefined;
  /** The request's body; `undefined`: not kept, or nowhere any more. */
  request(log: LiveAnswer): Buffer | undefined;
  /** Closes what lies before this segment. */
  release(before: number): void;
}

export function readBack(folder: string, files: Files, decoders: Decoders): ReadBack {
  const readers = new Map<number, SegmentReader>();

  function frameOf(log: LiveAnswer, seq: number): PlacedFrame | undefined {
    const place = log.places.get(seq);
    if (!place) return undefined;
    try {
      let reader = readers.get(place.segment);
      if (!reader) {
        reader = openSegment(folder, place.segment, files);
        if (!reader) return undefined;
        readers.set(place.segment, reader);
      }
      const frame = reader.at(place.offset);
      return frame?.id === log.opening.id && frame.seq === seq >>> 0 ? frame : undefined;
    } catch {
      // A disk that can't be read: the follower is told that this part is lost.
      return undefined;
    }
  }

  return {
    replay(log) {
      if (!log.opening.save) return undefined;
      const decode = replayer(log.opening, decoders);
      let seq = 0;
      return {
        next() {
          const frame = frameOf(log, seq);
          const entry = frame && readEntry(frame);
          if (!entry) return undefined;
          seq += 1;
          return decode({ seq: frame.seq, at: frame.at, entry });
        },
      };
    },
    request(log) {
      if (!log.opening.save) return undefined;
      if (log.request) return log.request;
      const frame = frameOf(log, -1);
      return frame && readOpening(frame)?.request;
    },
    release(before) {
      for (const [number, reader] of readers) {
        if (number >= before) continue;
        reader.close();
        readers.delete(number);
      }
    },
  };
}
