import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';

/** Runs work that only one process at a time may do. The error says that the turn never came. */
export type ProcessLock = <Value>(work: () => Promise<Value>) => Promise<Result<Value, string>>;

/** Longer than one refresh may take, in milliseconds. */
const PATIENCE = 40_000;
const POLL = 50;
/** SQLITE_BUSY: https://sqlite.org/rescode.html */
const BUSY = 5;

/** An exclusive transaction on an empty database is a lock of the operating system: it dies with its process, so there are no stale ones. */
export function processLock(file: string, clock: Clock): ProcessLock {
  return async (work) => {
    const until = clock.monotonic() + PATIENCE;
    for (;;) {
      const taken = take(file);
      if (taken.ok) {
        try {
          return ok(await work());
        } finally {
          taken.value.close();
        }
      }
      if (taken.error !== 'busy') return err(`${file} cannot be locked (${taken.error})`);
      if (clock.monotonic() > until) return err(`another process has held ${file} for ${PATIENCE / 1000} s`);
      await new Promise<void>((resolve) => clock.after(POLL, resolve));
    }
  };
}

function take(file: string): Result<DatabaseSync, string> {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    return ok(database);
  } catch (cause) {
    if (database?.isOpen) database.close();
    const busy = cause instanceof Error && 'errcode' in cause && cause.errcode === BUSY;
    return err(busy ? 'busy' : cause instanceof Error ? cause.message : String(cause));
  }
}
