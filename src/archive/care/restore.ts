import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { lockFolder } from '../../journal/lock.ts';
import { copyHashed } from './hashed-copy.ts';
import { readManifest, type Damage } from './manifest.ts';
import { examineBackup } from './verify.ts';

export interface RestoreOptions {
  backup: string;
  /** Data folder; made if it isn't there. */
  to: string;
  /** Of the backup, if it is encrypted: with it its databases are asked, too. */
  key?: DataKey;
  /** Set aside what is there. */
  force: boolean;
  /** UTC milliseconds. */
  now: number;
  progress(file: string): void;
}

export type RestoreProblem =
  | { type: 'damaged'; damages: Damage[] }
  /** There is an archive or a record already. */
  | { type: 'occupied' }
  /** A server works in it. */
  | { type: 'in-use' };

export interface Restored {
  files: number;
  /** Where what was there before lies now. */
  setAside?: string;
}

/** What makes up a data folder's archive and record, and what was watched and drilled, which is in no backup: it is of this folder's key. `lock.db` stays: it holds nothing, and we hold it. */
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
  'archive',
  'log',
  'state.json',
  'encryption.json',
];

/**
 * Puts a backup in a data folder's place, after it has been read and found right. It is copied beside first, so that only renames are left when
 * what is there steps aside. Throws what node:fs throws.
 */
export async function restoreBackup({ backup, to, key, force, now, progress }: RestoreOptions): Promise<Result<Restored, RestoreProblem>> {
  const damages = await examineBackup(backup, progress, { ...(key && { key }) });
  const manifest = readManifest(backup);
  if (!manifest.ok || damages.length > 0) return err({ type: 'damaged', damages });
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const lock = lockFolder(to, { pid: process.pid, started: now });
  if (!lock.ok) {
    if (lock.error.type === 'held') return err({ type: 'in-use' });
    throw lock.error.error;
  }
  const draft = join(to, `.restore-${process.pid}`);
  try {
    const there = PARTS.filter((name) => existsSync(join(to, name)));
    if (there.length > 0 && !force) return err({ type: 'occupied' });
    rmSync(draft, { recursive: true, force: true });
    for (const { path, sha256 } of manifest.value.files) {
      progress(path);
      if (copyHashed(join(backup, path), join(draft, path)).sha256 !== sha256) {
        return err({ type: 'damaged', damages: [{ path, reason: 'its bytes changed while they were read' }] });
      }
    }
    const setAside = join(to, `before-restore-${new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')}Z`);
    if (there.length > 0) mkdirSync(setAside, { mode: 0o700 });
    for (const name of there) renameSync(join(to, name), join(setAside, name));
    for (const name of PARTS) if (existsSync(join(draft, name))) renameSync(join(draft, name), join(to, name));
    return ok({ files: manifest.value.files.length, ...(there.length > 0 && { setAside }) });
  } finally {
    rmSync(draft, { recursive: true, force: true });
    lock.value.release();
  }
}
