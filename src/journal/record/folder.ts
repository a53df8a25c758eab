import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Files } from '../files.ts';
import { segmentName, segmentNumbers } from '../segment.ts';
import { collector } from './collect.ts';
import type { Collector, Found, Place } from './collect.ts';
import { isAboutContent } from '../sqlite-file.ts';
import { foldInto } from './fold.ts';

/** Exchanges in one transaction: enough to share its cost, few enough that a query does not wait long. */
const BATCH = 128;

/** Bytes. Less than what a reader keeps of what it has read. */
const STEP = 1024 * 1024;

/** Moves exchanges from the log into the record. Its functions throw what SQLite and the file system throw; nothing is lost then. */
export interface Folder {
  /** Folds what earlier processes left behind; what is open in it is interrupted. */
  recover(): void;
  /** Reads on up to a place that is whole, and folds what has ended. */
  foldTo(segment: number, size: number): void;
  /** Removes segments before `before` of which everything is folded. */
  clean(before: number): void;
  close(): void;
}

export interface FolderEvents {
  /** Bytes of the log that are no frame. */
  damaged(segment: number, offset: number, size: number): void;
  /** An exchange that the record does not take. Its segments stay, and the next start tries again. */
  unfit(exchange: string, error: unknown): void;
}

/** `first`: number of the first segment of this process. */
export function folder(log: string, first: number, database: DatabaseSync, files: Files, events: FolderEvents): Folder {
  const into = foldInto(database);
  const writePosition = database.prepare('UPDATE log_position SET segment = ?, byte_offset = ?');
  const frames: Collector = collector(log, start(readPosition(database), first), files, into.isFolded, events.damaged);
  const unfit = new Set<Found>();
  let ended: Found[] = [];
  let position: Place = { segment: -1, offset: -1 };

  function transaction(task: () => void): void {
    database.exec('BEGIN IMMEDIATE');
    try {
      task();
      database.exec('COMMIT');
    } catch (error) {
      into.undone();
      // SQLite may have rolled back by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Most batches have nothing odd in them; one that has is folded again, one by one. */
  function foldBatch(batch: readonly Found[]): void {
    try {
      transaction(() => {
        for (const found of batch) into.exchange(found.id, frames.tell(found));
      });
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      for (const found of batch) foldAlone(found);
    }
  }

  function foldAlone(found: Found): void {
    try {
      transaction(() => into.exchange(found.id, frames.tell(found)));
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      unfit.add(found);
      events.unfit(found.id, error);
    }
  }

  function fold(): void {
    while (ended.length > 0) {
      const batch = ended.slice(0, BATCH);
      foldBatch(batch);
      for (const found of batch) if (!unfit.has(found)) frames.drop(found);
      ended = ended.slice(batch.length);
    }
    const needed = frames.needed();
    if (needed.segment === position.segment && needed.offset === position.offset) return;
    writePosition.run(needed.segment, needed.offset);
    position = needed;
  }

  /** Reads on in steps, and folds after each, while what was read is still in memory. */
  function read(segment: number, size: number, finished: boolean): void {
    let step = STEP;
    for (let from = frames.position(segment); ;) {
      const to = Math.min(size, from + step);
      frames.read(segment, to, finished && to === size, (found) => {
        if (!ended.includes(found) && !unfit.has(found)) ended.push(found);
      });
      if (to === size) return;
      fold();
      const reached = frames.position(segment);
      // A frame that is longer than a step.
      if (reached === from) step *= 2;
      else step = STEP;
      from = reached;
    }
  }

  return {
    recover() {
      for (const segment of segmentNumbers(log, files)) {
        if (segment < first) read(segment, files.size(join(log, segmentName(segment))), true);
      }
      for (const found of frames.open()) if (!ended.includes(found)) ended.push(found);
      read(first, 0, false);
      fold();
    },
    foldTo(segment, size) {
      // The ones in between were finished before this one was begun.
      for (const earlier of segmentNumbers(log, files)) {
        if (earlier < segment) read(earlier, files.size(join(log, segmentName(earlier))), true);
      }
      read(segment, size, false);
      fold();
    },
    clean(before) {
      const { segment: needed } = frames.needed();
      for (const segment of segmentNumbers(log, files)) {
        if (segment >= needed || segment >= before) return;
        frames.forgetSegment(segment);
        files.remove(join(log, segmentName(segment)));
      }
    },
    close: () => frames.close(),
  };
}

/** A log folder that was emptied by hand begins with 1 again, behind the place that the record remembers. */
function start(remembered: Place, first: number): Place {
  const ahead = remembered.segment > first || (remembered.segment === first && remembered.offset > 0);
  return ahead ? { segment: 0, offset: 0 } : remembered;
}

export function readPosition(database: DatabaseSync): Place {
  const row = database.prepare('SELECT segment, byte_offset FROM log_position').get();
  return { segment: Number(row?.['segment'] ?? 0), offset: Number(row?.['byte_offset'] ?? 0) };
}
