import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a data folder is written anew, encrypted or not, before it takes the old one's place; and where that one lies until it is gone. */
const NEW = '.converting';
const OLD = '.converted';
/** Once this is in the new one, it is whole, and nothing is left to do but renames. */
const READY = 'ready';

/** All that holds words in a data folder, and what says how it is encrypted. */
const PARTS = [
  'archive.db',
  'archive.db-wal',
  'archive.db-shm',
  'record.db',
  'record.db-wal',
  'record.db-shm',
  'watch.db',
  'watch.db-wal',
  'watch.db-shm',
  'drills.db',
  'drills.db-wal',
  'drills.db-shm',
  'queue.db',
  'queue.db-wal',
  'queue.db-shm',
  'notes.db',
  'notes.db-wal',
  'notes.db-shm',
  'archive',
  'log',
  'encryption.json',
];

/** An empty folder to write the new one into. What an earlier try has left is removed: the old one is whole. */
export function beginSwap(folder: string): string {
  const fresh = join(folder, NEW);
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  return fresh;
}

/** From here on the new one counts, whatever happens. */
export function commitSwap(folder: string): void {
  const fresh = join(folder, NEW);
  syncFolder(fresh);
  writeFileSync(join(fresh, READY), '', { mode: 0o600, flush: true });
  syncFolder(fresh);
}

/** There is one that has not come to its end: the folder is in neither state until it has. */
export function isSwapping(folder: string): boolean {
  return existsSync(join(folder, NEW, READY)) || existsSync(join(folder, OLD));
}

/** Brings it to its end. Again after a crash, it does the rest. The caller holds the folder's lock. Throws what node:fs throws. */
export function finishSwap(folder: string): void {
  const fresh = join(folder, NEW);
  const old = join(folder, OLD);
  if (existsSync(join(fresh, READY))) {
    mkdirSync(old, { recursive: true, mode: 0o700 });
    for (const part of PARTS) {
      const there = existsSync(join(folder, part));
      const isNew = existsSync(join(fresh, part));
      // What is in its place already has left the new folder, and its old one lies in the other.
      if (there && !existsSync(join(old, part)) && (isNew || !existsSync(join(old, `${part}.placed`))))
        renameSync(join(folder, part), join(old, part));
      if (isNew) {
        writeFileSync(join(old, `${part}.placed`), '');
        renameSync(join(fresh, part), join(folder, part));
      }
    }
    syncFolder(folder);
    rmSync(join(fresh, READY));
  }
  rmSync(fresh, { recursive: true, force: true });
  rmSync(old, { recursive: true, force: true });
}

/** So that what was written before is there before what is written after. Not every system can. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Windows opens no folders; it writes names in order by itself (NTFS's journal).
  }
}
