import type { Clock } from '../exchange/clock.ts';
import type { Random } from '../exchange/ids.ts';
import type { LiveAnswer } from './answer-log.ts';
import { trouble } from './disk-trouble.ts';
import type { Trouble } from './disk-trouble.ts';
import type { Files } from './files.ts';
import type { JournalState } from './journal.ts';
import type { Item, Save } from './outbox.ts';
import { HEAD_ROOM, writeEntry, writeOpening } from './payload.ts';
import { withoutContent } from './redact.ts';
import { segments } from './segment.ts';

export interface SaverOptions {
  folder: string;
  files: Files;
  clock: Clock;
  random: Random;
  firstSegment: number;
  segmentSize: number;
  /** `process`: what is written survives this process; `power`: also a loss of power. */
  durability: 'process' | 'power';
  /** Answers that are in memory. */
  answers(): Iterable<LiveAnswer>;
  /** Everything up to here is safe; `ended`: an exchange's end is in it. */
  wrote(segment: number, size: number, ended: boolean): void;
  changed(state: JournalState): void;
  /** Something can't be written down at all. It is left out. */
  fault(error: unknown): void;
}

export interface Saver {
  save: Save;
  state(): JournalState;
  close(): void;
}

/** Milliseconds until it is tried again after a failure, and between two looks whether the file is still in its place. */
const RETRY = 1000;
const LOOK = 1000;
/** Entries written in one go when an answer is written again. */
const REWRITE_BATCH = 2000;

/**
 * Saves what answers consist of. When that fails the answers go on: they are shown unsaved, the state says so, and about
 * every second everything that is still in memory is tried again.
 */
export function saver(options: SaverOptions): Saver {
  const { clock } = options;
  const files = segments(options.folder, options.firstSegment, options.segmentSize, options.files, options.random);
  let state: JournalState = { type: 'saving' };
  let cancelRetry = (): void => undefined;
  let looked = clock.monotonic();
  let closed = false;

  function enter(next: JournalState): void {
    state = next;
    options.changed(next);
  }

  function degrade(error: unknown): void {
    cancelRetry();
    cancelRetry = clock.after(RETRY, retry);
    const found: Trouble = trouble(error, options.folder, options.files);
    // A disk that stays full fails each second, with a changing number of bytes left; that is no news.
    if (state.type === 'degraded' && state.reason === found.reason) state = { ...state, ...found };
    else enter({ type: 'degraded', since: state.type === 'degraded' ? state.since : clock.now(), ...found });
  }

  /** Writes whole frames or nothing; what did not get to disk has no place afterwards. Returns the error, if any. */
  function write(items: readonly Item[]): unknown {
    let at: { number: number; salt: number; size: number };
    try {
      at = files.current();
    } catch (error) {
      return error;
    }
    const batch = encode(items, at.salt, options.fault);
    const { number, size: start } = at;
    const written = files.append(batch.pieces, batch.size);
    let end = 0;
    let ended = false;
    for (const frame of batch.frames) {
      if (frame.end > written.bytes) break;
      const { log, logged } = frame.item;
      log.places.put(logged?.seq ?? -1, number, start + end);
      ended ||= logged?.entry.type === 'end';
      end = frame.end;
    }
    if (written.error !== undefined) {
      files.cut(start + end);
      if (end > 0) options.wrote(number, start + end, ended);
      return written.error;
    }
    if (options.durability === 'process') options.wrote(number, start + end, ended);
    return undefined;
  }

  function save(items: Item[], done: () => void): void {
    // The folder may be another process's already. What is under way ends as interrupted, and nothing is shown that is not on disk.
    if (closed) return;
    if (state.type === 'degraded') return done();
    const now = clock.monotonic();
    if (now - looked > LOOK) {
      looked = now;
      const gone = files.vanished();
      if (gone !== undefined) {
        lose(gone);
        degrade(Object.assign(new Error('the segment has vanished'), { code: 'ENOENT' }));
        return done();
      }
    }
    const error = write(items);
    if (error !== undefined) {
      degrade(error);
      return done();
    }
    settle(items, done);
  }

  /** With `power`: waits for the disk. */
  function settle(items: Item[], done: () => void): void {
    if (options.durability === 'process') {
      release(items);
      return done();
    }
    const { number, size } = files.current();
    files.sync((error) => {
      if (error) distrust(number, error);
      else {
        release(items);
        options.wrote(
          number,
          size,
          items.some((item) => item.logged?.entry.type === 'end'),
        );
      }
      done();
    });
  }

  /** The kernel has dropped the pages that it could not write: none of this file is to be relied on. */
  function distrust(segment: number, error: Error): void {
    files.abandon();
    lose(segment);
    degrade(error);
  }

  function lose(segment: number): void {
    for (const log of options.answers()) log.places.forget(segment);
  }

  function retry(): void {
    const written: Item[] = [];
    for (const log of options.answers()) {
      const items = unsaved(log);
      for (let from = 0; from < items.length; from += REWRITE_BATCH) {
        const error = write(items.slice(from, from + REWRITE_BATCH));
        if (error !== undefined) return degrade(error);
      }
      written.push(...items);
    }
    // What comes from here on is saved again, so that nothing falls between this and the wait for the disk.
    enter({ type: 'saving' });
    settle(written, () => undefined);
  }

  return {
    save,
    state: () => state,
    close() {
      closed = true;
      cancelRetry();
      files.close();
    },
  };
}

/** What of an answer should be on disk and isn't, and is still in memory. */
function unsaved(log: LiveAnswer): Item[] {
  const items: Item[] = [];
  if (!log.places.has(-1)) items.push({ log, logged: undefined });
  for (let seq = 0; seq <= log.released(); seq++) {
    if (log.places.has(seq)) continue;
    const logged = log.inMemory(seq);
    if (logged) items.push({ log, logged });
  }
  return items;
}

/** A request's body is on disk: memory can let go of it. */
function release(items: readonly Item[]): void {
  for (const { log, logged } of items) if (!logged) log.request = undefined;
}

interface Encoded {
  pieces: Buffer[];
  size: number;
  /** Where each frame ends, from the batch's beginning. */
  frames: { item: Item; end: number }[];
}

function encode(items: readonly Item[], salt: number, fault: (error: unknown) => void): Encoded {
  const slab = Buffer.allocUnsafe(items.length * HEAD_ROOM);
  const pieces: Buffer[] = [];
  const frames: Encoded['frames'] = [];
  let size = 0;
  let room = 0;
  for (const item of items) {
    try {
      const added = encodeItem(item, slab, room, salt, pieces);
      if (added === 0) continue;
      size += added;
      room += HEAD_ROOM;
      frames.push({ item, end: size });
    } catch (error) {
      fault(error);
    }
  }
  return { pieces, size, frames };
}

/** Bytes added to `pieces`; 0 for what is not to be kept. */
function encodeItem({ log, logged }: Item, slab: Buffer, room: number, salt: number, pieces: Buffer[]): number {
  const { opening } = log;
  if (!logged) return writeOpening(slab, room, { opening, request: opening.save ? log.request : undefined }, salt, pieces);
  const entry = opening.save ? logged.entry : withoutContent(logged.entry);
  if (!entry) return 0;
  const kept = entry === logged.entry ? logged : { ...logged, entry };
  const withEvents = entry.type === 'bytes' && log.mixed.has(entry.attempt);
  return writeEntry(slab, room, opening.id, kept, withEvents, salt, pieces);
}
