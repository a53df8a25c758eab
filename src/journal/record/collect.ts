import type { Files } from '../files.ts';
import type { PlacedFrame } from '../frame.ts';
import { openSegment } from '../segment-reader.ts';
import type { SegmentReader } from '../segment-reader.ts';
import { END_FRAME, isEntry, readOpening } from '../payload.ts';
import type { StoredOpening } from '../payload.ts';

export interface Place {
  segment: number;
  offset: number;
}

/** An exchange's frames in the log, while it is not in the record. */
export interface Found {
  id: string;
  frames: Place[];
  ended: boolean;
}

/** An exchange as the log tells it. */
export interface Told {
  stored: StoredOpening | undefined;
  /** Its entries, each once, by their place in its history. */
  entries: PlacedFrame[];
  /** Places in its history are missing. Content that is not to be kept is missing rightly. */
  hole: boolean;
}

/** Reads segments from a place on and keeps, per exchange, where its frames are. Contents stay on disk until they are asked for. */
export interface Collector {
  /** Reads on, up to `size` bytes of `segment`. `finished`: that segment will not grow. `take` is told of each end. */
  read(segment: number, size: number, finished: boolean, ended: (found: Found) => void): void;
  /** How far a segment has been read; Infinity: it is done with. */
  position(segment: number): number;
  tell(found: Found): Told;
  drop(found: Found): void;
  open(): Found[];
  /** Where everything that is still needed begins; the place read up to, if nothing is. */
  needed(): Place;
  forgetSegment(segment: number): void;
  close(): void;
}

/** `known`: exchanges that are in the record. Their frames are passed over. `damaged` is told of what is no frame. */
export function collector(
  folder: string,
  from: Place,
  files: Files,
  known: (id: string) => boolean,
  damaged: (segment: number, offset: number, size: number) => void,
): Collector {
  const found = new Map<string, Found>();
  const readers = new Map<number, SegmentReader>();
  let at = from;

  function reader(segment: number): SegmentReader | undefined {
    const have = readers.get(segment);
    if (have) return have;
    const opened = openSegment(folder, segment, files);
    if (opened) readers.set(segment, opened);
    return opened;
  }

  function add(segment: number, frame: PlacedFrame): Found | undefined {
    let exchange = found.get(frame.id);
    if (!exchange) {
      if (known(frame.id)) return undefined;
      found.set(frame.id, (exchange = { id: frame.id, frames: [], ended: false }));
    }
    exchange.frames.push({ segment, offset: frame.offset });
    if (frame.type === END_FRAME) exchange.ended = true;
    return exchange.ended ? exchange : undefined;
  }

  return {
    read(segment, size, finished, ended) {
      if (segment < at.segment) return;
      const start = segment === at.segment ? at.offset : 0;
      const source = reader(segment);
      if (!source) {
        at = { segment, offset: start };
        return;
      }
      const done = new Set<Found>();
      const { stopped, damage } = source.scan(start, size, finished, (frame) => {
        const exchange = add(segment, frame);
        if (exchange) done.add(exchange);
      });
      at = { segment, offset: stopped };
      for (const each of damage) damaged(segment, each.offset, each.size);
      if (finished && stopped < size) damaged(segment, stopped, size - stopped);
      for (const exchange of done) ended(exchange);
    },
    position: (segment) => (segment < at.segment ? Infinity : segment === at.segment ? at.offset : 0),
    tell(exchange) {
      let stored: StoredOpening | undefined;
      let entries: PlacedFrame[] = [];
      let inOrder = true;
      let whole = true;
      for (const place of exchange.frames) {
        const frame = reader(place.segment)?.at(place.offset);
        if (!frame) continue;
        if (isEntry(frame)) {
          if (frame.seq !== entries.length) whole = false;
          if (frame.seq <= (entries.at(-1)?.seq ?? -1)) inOrder = false;
          entries.push(frame);
        } else stored ??= readOpening(frame);
      }
      if (!inOrder) {
        entries = sorted(entries);
        whole = entries.every((entry, index) => entry.seq === index);
      }
      return { stored, entries, hole: !stored || (stored.opening.save && (!whole || !stored.request)) };
    },
    drop: (exchange) => found.delete(exchange.id),
    open: () => [...found.values()],
    needed() {
      let least = at;
      for (const { frames } of found.values()) {
        const first = frames[0];
        if (first && (first.segment < least.segment || (first.segment === least.segment && first.offset < least.offset))) least = first;
      }
      return least;
    },
    forgetSegment(segment) {
      readers.get(segment)?.close();
      readers.delete(segment);
    },
    close() {
      for (const each of readers.values()) each.close();
      readers.clear();
    },
  };
}

/** What was written again, after a failed write, lies behind what came after it, and perhaps twice. */
function sorted(frames: readonly PlacedFrame[]): PlacedFrame[] {
  const bySeq = new Map(frames.map((frame) => [frame.seq, frame]));
  return [...bySeq.values()].toSorted((one, other) => one.seq - other.seq);
}
