import type { Archive } from '../store/open.ts';
import { lookAt, type FoundFile } from './find-files.ts';
import { emptyReport, protectionOf, type PassReport, type Progress } from './pass.ts';
import type { TranscriptStore } from './stores.ts';

export interface WatchOptions {
  now(): number;
  /** Waits; ends at once when the signal is given. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  signal: AbortSignal;
  /** After each look that found something, and after the first one. */
  told(report: PassReport, first: boolean): void;
  progress?(progress: Progress): void;
  /** As in `PassOptions`. */
  hasRoom?(): boolean;
}

/** Between two looks at files that are being written to; milliseconds. */
const SOON = 1000;
/** A file that was written to within this is looked at so often. */
const LIVE = 15 * 60_000;
/** Between two looks at everything, at least. */
const WHOLE = 10_000;
/** A look at everything may take this part of the time: a walk through 10,000 files takes a fifth of a second. */
const SHARE = 1 / 50;
/** But no longer than this lies between two. */
const LONGEST = 2 * 60_000;
/** A database is copied whole at most this often; what is said in it is read at each look. */
const DATABASE_EVERY = 15 * 60_000;

/**
 * Keeps copies and conversations up to date until the signal is given. It looks at the files, in bounded work, instead of having the
 * operating system tell it: watches cost a handle for each of ten thousand files on Linux, hold folders on Windows, and miss things on
 * network drives. An appended line is found within a second, a new session within ten.
 */
export async function watchStores(archive: Archive, stores: readonly TranscriptStore[], options: WatchOptions): Promise<void> {
  const protection = protectionOf(archive);
  const live = new Map<string, { store: TranscriptStore; found: FoundFile }>();
  const { now, signal } = options;
  const passOptions = { now, signal, databaseEvery: DATABASE_EVERY, ...(options.hasRoom && { hasRoom: options.hasRoom }) };
  let next = now();
  let first = true;

  while (!signal.aborted) {
    // Also where somebody has set the clock back.
    if (now() >= next || next - now() > LONGEST) {
      const began = now();
      const report = await protection.pass(stores, { ...passOptions, ...(options.progress ? { progress: options.progress } : {}) });
      // Work that was found says nothing of what the next look costs.
      const took = isNews(report) ? 0 : Math.max(0, now() - began);
      next = now() + Math.min(LONGEST, Math.max(WHOLE, took / SHARE));
      findLive();
      if (first || isNews(report)) options.told(report, first);
      first = false;
    } else {
      const changed = [...live.values()].flatMap(({ store, found }) => {
        const at = lookAt(found.path, found.relative);
        return at && (at.size !== found.size || at.modified !== found.modified || at.inode !== found.inode) ? [{ store, found: at }] : [];
      });
      if (changed.length > 0) {
        const report = await protection.look(changed, passOptions);
        for (const each of changed) live.set(each.found.path, each);
        if (isNews(report)) options.told(report, false);
      }
    }
    await options.wait(Math.min(SOON, Math.max(0, next - now())), signal);
  }

  function findLive(): void {
    live.clear();
    for (const store of stores) {
      if (store.kind === 'database') continue;
      for (const file of protection.ledger.newest(store.root).values()) {
        if (file.goneAt !== undefined || now() - file.modified > LIVE) continue;
        const relative = file.path.slice(store.root.length + 1).replaceAll('\\', '/');
        live.set(file.path, { store, found: { path: file.path, relative, size: file.size, modified: file.modified, inode: file.inode } });
      }
    }
  }
}

function isNews(report: PassReport): boolean {
  const { files: _, ...rest } = report;
  const { files: __, ...nothing } = emptyReport();
  return JSON.stringify(rest) !== JSON.stringify(nothing);
}
