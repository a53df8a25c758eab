import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { type DatabaseKind, type DatabaseProblem, openDatabase } from '../../journal/sqlite-file.ts';

const NOTES: DatabaseKind = {
  /** `undn` */
  applicationId: 0x756e646e,
  migrations: new URL('./migrations/', import.meta.url),
  setAside: (path) => `move ${path} (and its -wal and -shm files) away: your notes are read anew, the files themselves are never touched`,
};

/** Opens (and makes or upgrades) `notes.db` of a data folder: an index of the user's notes. `key`: of an encrypted data folder. */
export function openNotes(dataFolder: string, key?: DataKey): Result<DatabaseSync, DatabaseProblem> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const opened = openDatabase(join(dataFolder, 'notes.db'), NOTES, key);
  // What is deleted from a folder is not to lie in free pages here.
  if (opened.ok) opened.value.exec('PRAGMA secure_delete = ON');
  return opened;
}
