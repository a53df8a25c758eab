import { chmodSync, closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { err, ok } from '../exchange/result.ts';
import type { Result } from '../exchange/result.ts';
import type { DataKey } from './at-rest/data-key.ts';
import { HOW_TO_GET_IT, LIBRARY_MISSING, openEncrypted } from './at-rest/encrypted-database.ts';
import { lockedProblem } from './at-rest/locked.ts';

/** Why a database can't be used. `unavailable` may pass by itself; the others need someone. */
export interface DatabaseProblem {
  type: 'corrupt' | 'foreign' | 'locked' | 'newer' | 'unavailable';
  reason: string;
  action: string;
}

/** A kind of database file of ours. */
export interface DatabaseKind {
  /** Four letters as a number: how a database says what it is (PRAGMA application_id). */
  applicationId: number;
  /** Folder of numbered SQL files; a database's user_version is the number of the last one that it has. */
  migrations: URL;
  /** What to do when its file is damaged or somebody else's. */
  setAside(path: string): string;
}

/** Milliseconds that a writer waits for a reader's checkpoint. */
const BUSY = 5000;
/** SQLITE_READONLY, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_CORRUPT, SQLITE_NOTADB: https://sqlite.org/rescode.html */
const READ_ONLY = 8;
const CONSTRAINT = 19;
const MISMATCH = 20;
const CORRUPT = 11;
const NOT_A_DATABASE = 26;
/** Bytes of the smallest page. */
const PAGE = 512;

function stepsOf({ migrations }: DatabaseKind): string[] {
  return readdirSync(migrations)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, migrations), 'utf8'));
}

/** Opens (and makes or upgrades) a database. A file that is not ours is left as it is. `key`: of an encrypted data folder. */
export function openDatabase(path: string, kind: DatabaseKind, key?: DataKey): Result<DatabaseSync, DatabaseProblem> {
  const locked = lockedProblem(dirname(path), key);
  if (locked) return err(locked);
  let database: DatabaseSync | undefined;
  try {
    // For its owner only, as SQLite then makes the files beside it (-wal, -shm) too.
    closeSync(openSync(path, 'a', 0o600));
    database = connect(path, key);
    const steps = stepsOf(kind);
    const { version, problem } = examine(database, path, kind, steps.length);
    if (problem) {
      database.close();
      return err(problem);
    }
    chmodSync(path, 0o600);
    if (version === 0) database.exec(`PRAGMA application_id = ${kind.applicationId}`);
    // Readers do not wait for the writer, and the log makes up for what a power cut takes from the WAL.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
    for (let step = version; step < steps.length; step++) {
      database.exec('BEGIN IMMEDIATE');
      // Another process may have been here in between.
      if (versionOf(database) === step) database.exec(`${steps[step]!}\nPRAGMA user_version = ${step + 1}`);
      database.exec('COMMIT');
    }
    return ok(database);
  } catch (error) {
    if (database?.isOpen) database.close();
    return err(databaseProblem(error, path, kind));
  }
}

/** One of which nothing is left when it is closed. */
export function openInMemory(kind: DatabaseKind): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.exec(`PRAGMA foreign_keys = ON; ${stepsOf(kind).join('\n')}`);
  return database;
}

/** Opens a database to read. It has to be there. */
export function openDatabaseToRead(path: string, kind: DatabaseKind, key?: DataKey): Result<DatabaseSync, DatabaseProblem> {
  const locked = lockedProblem(dirname(path), key);
  if (locked) return err(locked);
  let database: DatabaseSync | undefined;
  try {
    database = readable(path, key);
    const { version, problem } = examine(database, path, kind, stepsOf(kind).length);
    if (!problem && version > 0) return ok(database);
    database.close();
    return err(problem ?? { type: 'unavailable', reason: `${path} is still empty`, action: 'start the server once' });
  } catch (error) {
    if (database?.isOpen) database.close();
    return err(databaseProblem(error, path, kind));
  }
}

/** A process that was killed in mid-change, without a -wal beside it, leaves that to be undone: only who may write can. */
function readable(path: string, key: DataKey | undefined): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = connect(path, key, true);
    versionOf(database);
    return database;
  } catch (error) {
    database?.close();
    if (!(error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === READ_ONLY))
      throw error;
  }
  const mending = connect(path, key);
  try {
    versionOf(mending);
  } finally {
    mending.close();
  }
  return connect(path, key, true);
}

function connect(path: string, key: DataKey | undefined, readOnly = false): DatabaseSync {
  return key ? openEncrypted(path, key, { timeout: BUSY, readOnly }) : new DatabaseSync(path, { timeout: BUSY, readOnly });
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

function examine(database: DatabaseSync, path: string, kind: DatabaseKind, known: number): { version: number; problem?: DatabaseProblem } {
  const version = versionOf(database);
  const owner = Number(database.prepare('PRAGMA application_id').get()?.['application_id']);
  const tables = Number(database.prepare('SELECT count(*) AS count FROM sqlite_master').get()?.['count']);
  if (owner !== kind.applicationId && tables > 0) {
    return { version, problem: { type: 'foreign', reason: `${path} is a database of another program`, action: kind.setAside(path) } };
  }
  if (version > known) {
    const reason = `${path} was written by a newer Understudy (schema ${version}; this one knows ${known})`;
    return { version, problem: { type: 'newer', reason, action: 'update Understudy, or choose another folder with --data DIR' } };
  }
  return { version };
}

/** What SQLite's error means for a database. */
export function databaseProblem(error: unknown, path: string, kind: DatabaseKind): DatabaseProblem {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  if (message === LIBRARY_MISSING) return { type: 'locked', reason: `${path} is encrypted, and ${message}`, action: HOW_TO_GET_IT };
  if (code === NOT_A_DATABASE && looksEncrypted(path)) {
    const reason = `${path} is encrypted with another key than that of its folder, or damaged`;
    return { type: 'corrupt', reason, action: `put encryption.json back that it was encrypted with, or: ${kind.setAside(path)}` };
  }
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    const reason = code === CORRUPT ? `${path} is damaged (${message})` : `${path} is not a database`;
    return { type: 'corrupt', reason, action: kind.setAside(path) };
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

/** SQLite's files begin with their name, encrypted ones with a salt. */
function looksEncrypted(path: string): boolean {
  const name = Buffer.from('SQLite format 3\0');
  try {
    const file = openSync(path, 'r');
    try {
      const begun = Buffer.alloc(PAGE);
      const read = readSync(file, begun, 0, PAGE, 0);
      // Bytes 16 to 23 are left as they are: page size, format, reserved space of a page (https://sqlite.org/fileformat.html).
      return read === PAGE && !begun.subarray(0, name.length).equals(name) && begun[21] === 64 && begun[22] === 32 && begun[23] === 32;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}
