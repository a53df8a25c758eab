import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { lockFolder } from '../../journal/lock.ts';
import { catchUp } from '../catch-up.ts';
import { BATCH, indexingOf, scrub } from '../search/indexing.ts';
import type { Archive } from '../store/open.ts';
import { originalPath } from '../store/originals.ts';
import { inTransaction } from '../store/transaction.ts';
import { backupsIn } from './backup.ts';
import { planDeletion, type DeletionPlan } from './deletion-plan.ts';
import { forgettingIn, shrink, type Forgetting } from './forget-exchanges.ts';
import { holdsConversation } from './verify.ts';

export interface Deletion {
  plan: DeletionPlan;
  /** Deletes what the plan says. Returns where it still is: places that we don't write into. Again after a crash, it does the rest. */
  run(): string[];
  /** Lets go of the data folder. */
  close(): void;
}

/**
 * Prepares a deletion. A server must not run: it has in memory what the record is about to lose. Until `close` none can start. Throws what SQLite
 * and node:fs throw.
 */
export function openDeletion(
  archive: Archive,
  dataFolder: string,
  ids: (archive: Archive) => readonly string[],
  now: number,
): Result<Deletion, 'in-use'> {
  const lock = lockFolder(dataFolder, { pid: process.pid, started: now });
  if (!lock.ok) {
    if (lock.error.type === 'held') return err('in-use');
    throw lock.error.error;
  }
  let record: Forgetting | undefined;
  const close = (): void => {
    record?.close();
    lock.value.release();
  };
  try {
    record = forgettingIn(dataFolder, archive.key);
    const segments = record?.emptyLog() ?? 0;
    catchUp(archive, dataFolder);
    const plan = planDeletion(archive, ids(archive));
    const run = (): string[] => {
      // The conversations themselves go last: while they are there, all of it can be done again.
      record?.forget(plan.exchanges);
      removeFiles(archive, plan);
      forget(archive, plan, now);
      return stillIn(dataFolder, plan, segments, archive.key);
    };
    return ok({ plan, run, close });
  } catch (error) {
    close();
    throw error;
  }
}

/** Files of the archive that go with conversations. */
export function removeFiles(archive: Archive, { originals, exports, copies }: DeletionPlan): void {
  for (const sha256 of [...originals, ...exports]) rmSync(originalPath(archive, sha256), { force: true });
  for (const { copy } of copies) rmSync(join(archive.folder, copy), { force: true });
}

/** What the archive's tables have of them, within a transaction of the caller's. Their words leave the search index when it is next brought up to date. */
export function forgetRows({ database }: Archive, { conversations, originals, exports, copies }: DeletionPlan, now: number): void {
  const revision =
    1 +
    Number(
      database
        .prepare(
          'SELECT max((SELECT coalesce(max(revision), 0) FROM conversations), (SELECT coalesce(max(revision), 0) FROM deletions)) AS last',
        )
        .get()?.['last'],
    );
  const remember = database.prepare('INSERT OR REPLACE INTO deletions (id, at, revision) VALUES (?, ?, ?)');
  const titles = database.prepare(
    'DELETE FROM exchange_titles WHERE crowd IN (SELECT crowd FROM exchange_threads JOIN conversations ON row = conversation WHERE id = ?)',
  );
  const remove = database.prepare('DELETE FROM conversations WHERE id = ?');
  for (const { id } of conversations) {
    remember.run(id, Math.round(now), revision);
    titles.run(id);
    remove.run(id);
  }
  const removeOriginal = database.prepare('DELETE FROM originals WHERE sha256 = ?');
  const rememberFile = database.prepare('INSERT OR REPLACE INTO deleted_files (sha256, revision) VALUES (?, ?)');
  for (const sha256 of [...originals, ...exports]) {
    removeOriginal.run(sha256);
    rememberFile.run(sha256, revision);
  }
  // The row stays: protect would take the file up again otherwise.
  const forgetCopy = database.prepare('UPDATE protected_files SET forgotten = 1, reading = NULL, skipped = NULL, torn = 0 WHERE row = ?');
  for (const { row } of copies) forgetCopy.run(row);
}

function forget(archive: Archive, plan: DeletionPlan, now: number): void {
  const { database } = archive;
  database.exec('PRAGMA secure_delete = ON');
  inTransaction(database, () => forgetRows(archive, plan, now));
  const indexing = indexingOf(archive);
  while (indexing.catchUp(BATCH) > 0);
  scrub(database);
  shrink(database);
}

function stillIn(dataFolder: string, { conversations, shared }: DeletionPlan, segments: number, key: DataKey | undefined): string[] {
  const before = readdirSync(dataFolder)
    .filter((name) => name.startsWith('before-restore-'))
    .map((name) => join(dataFolder, name));
  const backups = backupsIn(join(dataFolder, 'backups')).map(({ path }) => path);
  return [
    ...[...backups, ...before].filter(
      (path) => existsSync(join(path, 'archive.db')) && conversations.some(({ id }) => holdsConversation(path, id, key)),
    ),
    ...shared.map((copy) => join(dataFolder, 'archive', copy)),
    ...(segments > 0 ? [join(dataFolder, 'log')] : []),
  ];
}
