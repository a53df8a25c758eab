import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../../exchange/result.ts';
import { cleanDatabaseCopies } from '../protect/deleted-sessions.ts';
import type { Archive } from '../store/open.ts';
import { originalPath } from '../store/originals.ts';
import { inTransaction } from '../store/transaction.ts';
import { exchangesToForget, forgotten } from '../retention/exchanges.ts';
import { planDeletion, type DeletionPlan } from './deletion-plan.ts';
import {
  beginErasure,
  earlierStates,
  erasureName,
  holdForErasing,
  nowWiping,
  unfinishedErasures,
  wipe,
  type Erasing,
  type InUse,
} from './erasing.ts';
import { holdsConversation } from './verify.ts';

export interface Deletion {
  plan: DeletionPlan;
  /** Deletes what the plan says. Returns where it still is: places that we don't write into. Again after a crash, it does the rest. */
  run(): string[];
  /** Lets go of the data folder. */
  close(): void;
}

/**
 * Prepares a deletion, and finishes one that was cut off. A server must not run: it has in memory what the record is about to lose. Until `close`
 * none can start. Throws what SQLite and node:fs throw.
 */
export function openDeletion(
  archive: Archive,
  dataFolder: string,
  ids: (archive: Archive) => readonly string[],
  now: number,
): Result<Deletion, InUse> {
  const held = holdForErasing(archive, dataFolder, now);
  if (!held.ok) return err(held.error);
  const { close, segments } = held.value;
  try {
    finishErasures(archive, held.value, now);
    const plan = planDeletion(archive, ids(archive));
    const run = (): string[] => {
      const databases = deletePlanned(archive, held.value, plan, nameOf(plan), now);
      return stillIn(
        archive,
        dataFolder,
        { ...plan, shared: [...plan.shared.filter((copy) => !isCleaned(archive, copy)), ...databases] },
        segments,
      );
    };
    return ok({ plan, run, close });
  } catch (error) {
    close();
    throw error;
  }
}

/** Does the rest of deletions, and of redactions whose texts are out of everything that is read. Nothing is asked for: that was agreed to. */
export function finishErasures(archive: Archive, held: Erasing, now: number): void {
  for (const { name, kind, stage, conversations } of unfinishedErasures(archive.database))
    if (kind === 'delete' && stage === 'taking') deletePlanned(archive, held, planDeletion(archive, conversations), name, now);
  if (unfinishedErasures(archive.database).some(({ stage }) => stage === 'wiping')) {
    cleanDatabaseCopies(archive);
    wipe(archive, 'unknown');
  }
}

/** The conversations themselves go last: while they are there, all of it can be done again. Returns copies of databases that still name one. */
function deletePlanned(archive: Archive, { record }: Erasing, plan: DeletionPlan, name: string, now: number): string[] {
  const { database } = archive;
  const conversations = plan.conversations.map(({ id }) => id);
  beginErasure(database, { name, kind: 'delete', at: now, conversations });
  record?.forget([...plan.exchanges, ...exchangesToForget(archive)]);
  removeFiles(archive, plan);
  inTransaction(database, () => {
    forgetRows(archive, plan, now);
    forgotten(archive);
    nowWiping(database, name);
  });
  const left = cleanDatabaseCopies(archive);
  wipe(
    archive,
    plan.conversations.map(({ title }) => title),
  );
  return left;
}

function nameOf({ conversations }: DeletionPlan): string {
  const ids = conversations.map(({ id }) => id);
  return erasureName('delete', ids.toSorted().join());
}

/** opencode's are: others' are not taken apart here. */
function isCleaned(archive: Archive, copy: string): boolean {
  return archive.database.prepare("SELECT 1 FROM protected_files WHERE copy = ? AND source = 'opencode'").get(copy) !== undefined;
}

/** Files of the archive that go with conversations. */
export function removeFiles(archive: Archive, { conversations, originals, exports, copies }: DeletionPlan): void {
  for (const sha256 of [...originals, ...exports]) rmSync(originalPath(archive, sha256), { force: true });
  for (const { copy } of copies) rmSync(join(archive.folder, copy), { force: true });
  const ids = conversations.map(({ id }) => id);
  for (const path of handoffsIn(archive)) if (ids.some((id) => path.includes(id))) rmSync(path, { force: true });
}

/** What `understudy handoff` has written into the data folder: files that are called by their conversation's id. */
export function handoffsIn({ folder }: Archive): string[] {
  const handoffs = join(folder, 'handoffs');
  if (!existsSync(handoffs)) return [];
  const entries = readdirSync(handoffs, { withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ name }) => join(handoffs, name));
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

function stillIn(archive: Archive, dataFolder: string, { conversations, shared }: DeletionPlan, segments: number): string[] {
  return [
    ...earlierStates(dataFolder, (path) => conversations.some(({ id }) => holdsConversation(path, id, archive.key))),
    ...shared.map((copy) => join(dataFolder, 'archive', copy)),
    ...(segments > 0 ? [join(dataFolder, 'log')] : []),
  ];
}
