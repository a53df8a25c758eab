import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { ok } from '../../exchange/result.ts';
import type { Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { databaseProblem, openDatabase, openDatabaseToRead } from '../../journal/sqlite-file.ts';
import type { DatabaseKind, DatabaseProblem } from '../../journal/sqlite-file.ts';
import { encryptedFiles } from './encrypted-files.ts';
import { type KeptFiles, plainFiles } from './kept-files.ts';

const ARCHIVE: DatabaseKind = {
  /** `unda` */
  applicationId: 0x756e6461,
  migrations: new URL('./migrations/', import.meta.url),
  setAside: (path) =>
    `move ${path} (and its -wal and -shm files) away and restore the last backup (understudy backup restore), ` +
    'or begin a new archive: your conversations with Understudy are read again from its record, other sources from what is kept of them',
};

/** An open archive: `archive.db` and the folder `archive/` beside it, in the data folder. */
export interface Archive {
  database: DatabaseSync;
  /** Where originals lie. */
  folder: string;
  /** How they lie there. */
  files: KeptFiles;
  /** Of an encrypted data folder. */
  key?: DataKey;
  close(): void;
}

/**
 * Opens (and makes or upgrades) the archive of a data folder. Several processes may have it open, and write: SQLite keeps them
 * apart as long as transactions are short, so long work goes in batches. `key`: of an encrypted data folder.
 */
export function openArchive(dataFolder: string, key?: DataKey): Result<Archive, DatabaseProblem> {
  const path = join(dataFolder, 'archive.db');
  const folder = join(dataFolder, 'archive');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    return { ok: false, error: databaseProblem(error, path, ARCHIVE) };
  }
  return archiveOf(openDatabase(path, ARCHIVE, key), folder, key);
}

/** Opens it to read only. It has to be there. */
export function openArchiveToRead(dataFolder: string, key?: DataKey): Result<Archive, DatabaseProblem> {
  return archiveOf(openDatabaseToRead(join(dataFolder, 'archive.db'), ARCHIVE, key), join(dataFolder, 'archive'), key);
}

/** What SQLite's error means for the archive. */
export function archiveProblem(error: unknown, dataFolder: string): DatabaseProblem {
  return databaseProblem(error, join(dataFolder, 'archive.db'), ARCHIVE);
}

function archiveOf(
  opened: Result<DatabaseSync, DatabaseProblem>,
  folder: string,
  key: DataKey | undefined,
): Result<Archive, DatabaseProblem> {
  if (!opened.ok) return opened;
  const database = opened.value;
  const files = key ? encryptedFiles(key) : plainFiles;
  return ok({ database, folder, files, ...(key && { key }), close: () => database.close() });
}
