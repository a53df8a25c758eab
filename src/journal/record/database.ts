import { chmodSync, closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { err, ok } from '../../exchange/result.ts';
import type { Result } from '../../exchange/result.ts';

type RecordProblemType = 'corrupt' | 'foreign' | 'newer' | 'unavailable';

/** Why the record can't be used. `unavailable` may pass by itself; the others need someone. */
export interface RecordProblem {
  type: RecordProblemType;
  reason: string;
  action: string;
}

/** `unds`: how a database says that it is ours. */
const APPLICATION_ID = 0x756e6473;
/** Milliseconds that a writer waits for a reader's checkpoint. */
const BUSY = 5000;
/** SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_CORRUPT, SQLITE_NOTADB: https://sqlite.org/rescode.html */
const CONSTRAINT = 19;
const MISMATCH = 20;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

const folder = new URL('./migrations/', import.meta.url);

/** Numbered SQL files, in order; a database's user_version is the number of the last one that it has. */
function migrations(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}

/** Opens (and makes or upgrades) the record. A file that is not ours is left as it is. */
export function openRecord(path: string): Result<DatabaseSync, RecordProblem> {
  let database: DatabaseSync | undefined;
  try {
    // For its owner only, as SQLite then makes the files beside it (-wal, -shm) too.
    closeSync(openSync(path, 'a', 0o600));
    database = new DatabaseSync(path, { timeout: BUSY });
    const steps = migrations();
    const { version, problem } = examine(database, path, steps.length);
    if (problem) {
      database.close();
      return err(problem);
    }
    chmodSync(path, 0o600);
    if (version === 0) database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    // Readers do not wait for the writer, and the log makes up for what a power cut takes from the WAL.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    for (let step = version; step < steps.length; step++) {
      database.exec(`BEGIN IMMEDIATE;\n${steps[step]!}\nPRAGMA user_version = ${step + 1};\nCOMMIT`);
    }
    return ok(database);
  } catch (error) {
    if (database?.isOpen) database.close();
    return err(recordProblem(error, path));
  }
}

/** Opens the record to read. It has to be there. */
export function openRecordToRead(path: string): Result<DatabaseSync, RecordProblem> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: BUSY, readOnly: true });
    const { version, problem } = examine(database, path, migrations().length);
    if (!problem && version > 0) return ok(database);
    database.close();
    return err(problem ?? { type: 'unavailable', reason: `${path} is still empty`, action: 'start the server once' });
  } catch (error) {
    if (database?.isOpen) database.close();
    return err(recordProblem(error, path));
  }
}

function examine(database: DatabaseSync, path: string, known: number): { version: number; problem?: RecordProblem } {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  const owner = Number(database.prepare('PRAGMA application_id').get()?.['application_id']);
  const tables = Number(database.prepare('SELECT count(*) AS count FROM sqlite_master').get()?.['count']);
  if (owner !== APPLICATION_ID && tables > 0) {
    return { version, problem: { type: 'foreign', reason: `${path} is a database of another program`, action: setAside(path) } };
  }
  if (version > known) {
    const reason = `${path} was written by a newer Understudy (schema ${version}; this one knows ${known})`;
    return { version, problem: { type: 'newer', reason, action: 'update Understudy, or choose another folder with --data DIR' } };
  }
  return { version };
}

/** What SQLite's error means for the record. */
export function recordProblem(error: unknown, path: string): RecordProblem {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    const reason = code === CORRUPT ? `${path} is damaged (${message})` : `${path} is not a database`;
    return { type: 'corrupt', reason, action: `${setAside(path)}; or repair it: sqlite3 record.db .recover | sqlite3 repaired.db` };
  }
  return {
    type: 'unavailable',
    reason: `${path} can't be used: ${message}`,
    action: 'free some space and check permissions of the data folder; it is tried again',
  };
}

/** Whether an error is about what was to be stored (a wrong type, our own mistake) rather than about the disk or the database. */
export function isAboutContent(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  if ('errcode' in error && typeof error.errcode === 'number') return [CONSTRAINT, MISMATCH].includes(error.errcode & 0xff);
  return !('syscall' in error);
}

function setAside(path: string): string {
  return `stop the server, move ${path} (and its -wal and -shm files) away, start again: a new record is made from the log`;
}
