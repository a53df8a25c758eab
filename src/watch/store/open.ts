import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import {
  databaseProblem,
  openDatabase,
  openInMemory,
  openDatabaseToRead,
  type DatabaseKind,
  type DatabaseProblem,
} from '../../journal/sqlite-file.ts';

const WATCH: DatabaseKind = {
  /** `undw` */
  applicationId: 0x756e6477,
  migrations: new URL('./migrations/', import.meta.url),
  setAside: (path) => `move ${path} (and its -wal and -shm files) away: what is watched is learned anew, and pages are read again`,
};

/** Opens (and makes or upgrades) `watch.db` of a data folder: pages, incidents, verdicts, reports, alerts. `key`: of an encrypted data folder. */
export function openWatch(dataFolder: string, key?: DataKey): Result<DatabaseSync, DatabaseProblem> {
  return openDatabase(join(dataFolder, 'watch.db'), WATCH, key);
}

/** The same to read only. It has to be there. */
export function openWatchToRead(dataFolder: string, key?: DataKey): Result<DatabaseSync, DatabaseProblem> {
  return openDatabaseToRead(join(dataFolder, 'watch.db'), WATCH, key);
}

/** One of which nothing is left, for a single look. */
export function openWatchInMemory(): DatabaseSync {
  return openInMemory(WATCH);
}

/** What SQLite's error means for it. */
export function watchProblem(error: unknown, dataFolder: string): DatabaseProblem {
  return databaseProblem(error, join(dataFolder, 'watch.db'), WATCH);
}
