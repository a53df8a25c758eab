import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { err, ok, type Result } from '../../exchange/result.ts';
import { type Holder, lockFolder, whoHolds } from '../../journal/lock.ts';
import { catchUp } from '../catch-up.ts';
import { finishReplacing } from '../protect/redacted-copy.ts';
import { forgetTexts, forgetUnusedWords } from '../search/forget-texts.ts';
import { BATCH, indexingOf, scrub } from '../search/indexing.ts';
import type { Archive } from '../store/open.ts';
import { inTransaction } from '../store/transaction.ts';
import { backupsIn } from './backup.ts';
import { forgettingIn, shrink, type Forgetting } from './forget-exchanges.ts';
import { removeForgotten } from './redact-originals.ts';

/** What deleting and redacting have in common: they hold the data folder, say what they have begun, and leave no byte where nobody looks. */
export interface Erasing {
  /** Absent: there is no record. */
  record?: Forgetting;
  /** Files of the log that could not be emptied into the record. */
  segments: number;
  close(): void;
}

/** Who works in the data folder. */
export interface InUse {
  by: 'server' | 'protect';
  holder?: Holder;
}

/**
 * Nobody else may write into the data folder until `close`: a server has in memory what is to go, and protect's copies could bring it back.
 * Throws what SQLite and node:fs throw.
 */
export function holdForErasing(archive: Archive, dataFolder: string, now: number): Result<Erasing, InUse> {
  const transcripts = join(archive.folder, 'transcripts');
  mkdirSync(transcripts, { recursive: true, mode: 0o700 });
  const releases: (() => void)[] = [];
  const close = (): void => {
    for (const release of releases.splice(0).toReversed()) release();
  };
  try {
    for (const [folder, by] of [
      [dataFolder, 'server'],
      [transcripts, 'protect'],
    ] as const) {
      const lock = lockFolder(folder, { pid: process.pid, started: now });
      if (lock.ok) releases.push(lock.value.release);
      else {
        close();
        if (lock.error.type === 'failed') throw lock.error.error;
        const { holder } = whoHolds(folder);
        return err({ by, ...(holder && { holder }) });
      }
    }
    const record = forgettingIn(dataFolder, archive.key);
    if (record) releases.push(record.close);
    // What is freed is overwritten, and what is said to be done is on disk.
    archive.database.exec('PRAGMA secure_delete = ON; PRAGMA synchronous = FULL');
    finishReplacing(archive);
    const segments = record?.emptyLog() ?? 0;
    catchUp(archive, dataFolder);
    return ok({ ...(record && { record }), segments, close });
  } catch (error) {
    close();
    throw error;
  }
}

export type ErasureKind = 'delete' | 'redact';

/** `taking`: something may still be in messages, files and the record. `wiping`: it is out of them, and may be in the index and in free pages. */
export interface Erasure {
  name: string;
  kind: ErasureKind;
  stage: 'taking' | 'wiping';
  /** UTC milliseconds. */
  at: number;
  /** Ids of those that are to go, of a deletion. */
  conversations: string[];
}

/** `asked`: what was asked for, in a form that gives nothing away; the same again has the same name. */
export function erasureName(kind: ErasureKind, asked: string): string {
  return createHash('sha256').update(`${kind}\n${asked}`).digest('hex').slice(0, 32);
}

export function beginErasure(database: DatabaseSync, { name, kind, at, conversations }: Omit<Erasure, 'stage'>): void {
  database
    .prepare("INSERT OR REPLACE INTO erasures (name, kind, stage, at, conversations) VALUES (?, ?, 'taking', ?, ?)")
    .run(name, kind, Math.round(at), JSON.stringify(conversations));
}

/** In the transaction that takes the last of it out. */
export function nowWiping(database: DatabaseSync, name: string): void {
  database.prepare("UPDATE erasures SET stage = 'wiping', conversations = '[]' WHERE name = ?").run(name);
}

export function unfinishedErasures(database: DatabaseSync): Erasure[] {
  return database
    .prepare('SELECT name, kind, stage, at, conversations FROM erasures ORDER BY at')
    .all()
    .map(({ name, kind, stage, at, conversations }) => ({
      name: String(name),
      kind: kind === 'redact' ? 'redact' : 'delete',
      stage: stage === 'wiping' ? 'wiping' : 'taking',
      at: Number(at),
      conversations: JSON.parse(String(conversations)) as string[],
    }));
}

/** Wipes, and then whatever waited for that is finished. `texts`: that are gone and were no message's (titles); `unknown`: nobody knows any more which. */
export function wipe(archive: Archive, texts: readonly string[] | 'unknown'): void {
  const { database } = archive;
  removeForgotten(archive);
  const indexing = indexingOf({ database });
  while (indexing.catchUp(BATCH) > 0);
  inTransaction(database, () => {
    if (texts === 'unknown') forgetUnusedWords(database);
    else forgetTexts(database, texts);
  });
  scrub(database);
  shrink(database);
  database.exec("DELETE FROM erasures WHERE stage = 'wiping'");
}

/** Backups in the data folder, archives that a restore has set aside, and a rescue's own data folder: those that `holds` says yes to. */
export function earlierStates(dataFolder: string, holds: (path: string) => boolean): string[] {
  const before = readdirSync(dataFolder)
    .filter((name) => /^(?:before-restore|rescue-before)-/.test(name))
    .map((name) => join(dataFolder, name));
  const backups = backupsIn(join(dataFolder, 'backups')).map(({ path }) => path);
  const rescue = join(dataFolder, 'rescue');
  return [...backups, ...before, rescue].filter(
    (path) => existsSync(join(path, 'archive.db')) && ((path === rescue && hasLog(path)) || holds(path)),
  );
}

/** What is in a -wal is not seen by who reads the database alone. */
function hasLog(path: string): boolean {
  const log = join(path, 'archive.db-wal');
  return existsSync(log) && statSync(log).size > 0;
}
