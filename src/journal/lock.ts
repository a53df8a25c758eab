import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isObject, parseObject } from '../exchange/json.ts';
import { err, ok } from '../exchange/result.ts';
import type { Result } from '../exchange/result.ts';

/** Who writes in a data folder. */
export interface Holder {
  pid: number;
  /** Where its server listens, as it was to be at its start. */
  address?: string;
  /** UTC milliseconds. */
  started: number;
}

export interface Lock {
  release(): void;
}

/** `holder`: what it has written about itself; absent if that can't be read. */
export type LockProblem = { type: 'held'; holder?: Holder } | { type: 'failed'; error: unknown };

/** SQLITE_BUSY: https://sqlite.org/rescode.html */
const BUSY = 5;

/**
 * One writer per data folder. The lock is an exclusive transaction on an empty database, which is a lock of the operating
 * system: it dies with its process, however that dies, so there are no stale ones. `lock.json` only says whose it is.
 */
export function lockFolder(folder: string, holder: Holder): Result<Lock, LockProblem> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, 'lock.db'), { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    if (database?.isOpen) database.close();
    const held = error instanceof Error && 'errcode' in error && error.errcode === BUSY;
    return err(held ? { type: 'held', ...currentHolder(folder) } : { type: 'failed', error });
  }
  sign(folder, holder);
  const locked = database;
  return ok({ release: () => locked.close() });
}

function sign(folder: string, holder: Holder): void {
  try {
    writeFileSync(join(folder, 'lock.json'), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  } catch {
    // On a full disk the lock holds all the same; only a second server's message will not name us.
  }
}

/** Whether someone writes in this folder now, and who. */
export function whoHolds(folder: string): { held: boolean; holder?: Holder } {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, 'lock.db'), { readOnly: true, timeout: 0 });
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return { held: false };
  } catch (error) {
    const held = error instanceof Error && 'errcode' in error && error.errcode === BUSY;
    return held ? { held, ...currentHolder(folder) } : { held };
  } finally {
    if (database?.isOpen) database.close();
  }
}

function currentHolder(folder: string): { holder?: Holder } {
  let text: string;
  try {
    text = readFileSync(join(folder, 'lock.json'), 'utf8');
  } catch {
    return {};
  }
  const value = parseObject(text);
  if (!isObject(value) || typeof value['pid'] !== 'number' || typeof value['started'] !== 'number') return {};
  const address = typeof value['address'] === 'string' ? { address: value['address'] } : {};
  return { holder: { pid: value['pid'], started: value['started'], ...address } };
}
