import type { DatabaseSync } from 'node:sqlite';
import type { Result } from '../../exchange/result.ts';
import type { DataKey } from '../at-rest/data-key.ts';
import { databaseProblem, openDatabase, openDatabaseToRead } from '../sqlite-file.ts';
import type { DatabaseKind, DatabaseProblem } from '../sqlite-file.ts';

/** Why the record can't be used. */
export type RecordProblem = DatabaseProblem;

const RECORD: DatabaseKind = {
  /** `unds` */
  applicationId: 0x756e6473,
  migrations: new URL('./migrations/', import.meta.url),
  setAside: (path) =>
    `stop the server, move ${path} (and its -wal and -shm files) away, start again: a new record is made from the log; ` +
    'or repair it: sqlite3 record.db .recover | sqlite3 repaired.db',
};

/** Opens (and makes or upgrades) the record. A file that is not ours is left as it is. `key`: of an encrypted data folder. */
export function openRecord(path: string, key?: DataKey): Result<DatabaseSync, RecordProblem> {
  return openDatabase(path, RECORD, key);
}

/** Opens the record to read. It has to be there. */
export function openRecordToRead(path: string, key?: DataKey): Result<DatabaseSync, RecordProblem> {
  return openDatabaseToRead(path, RECORD, key);
}

/** What SQLite's error means for the record. */
export function recordProblem(error: unknown, path: string): RecordProblem {
  return databaseProblem(error, path, RECORD);
}
