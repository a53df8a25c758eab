import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Result } from '../../exchange/result.ts';
import { type DatabaseKind, type DatabaseProblem, openDatabase } from '../../journal/sqlite-file.ts';

const HUB: DatabaseKind = {
  /** `undh` */
  applicationId: 0x756e6468,
  migrations: new URL('./migrations/', import.meta.url),
  setAside: (path) => `move ${path} (and its -wal and -shm files) away: counts and baselines begin anew, and every key is a new one`,
};

/** Opens (and makes or upgrades) `hub.db` of a hub's folder. */
export function openHub(folder: string): Result<DatabaseSync, DatabaseProblem> {
  return openDatabase(join(folder, 'hub.db'), HUB);
}
