import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { setImmediate as breathe } from 'node:timers/promises';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { isEncrypted } from '../../journal/at-rest/header.ts';
import { codeOf } from '../../journal/disk-trouble.ts';
import { openRecordToRead } from '../../journal/record/database.ts';
import { openArchiveToRead } from '../store/open.ts';
import { copyHashed, hashFile } from './hashed-copy.ts';
import { manifestPath, manifestText, readManifest, type BackedUpFile, type Manifest } from './manifest.ts';
import { countsOf, examineBackup } from './verify.ts';

export interface MadeBackup {
  path: string;
  manifest: Manifest;
  /** Bytes. */
  size: number;
}

export interface BackupOptions {
  dataFolder: string;
  /** Of an encrypted data folder. Its backup is encrypted with the same. */
  key?: DataKey;
  /** Folder that backups lie in, each in a folder of its own. */
  into: string;
  /** UTC milliseconds. */
  now: number;
  progress(file: string): void;
  signal?: AbortSignal;
}

/** Pages in one step of a database's copy: some 20 MB. */
const PAGES = 5000;
const PREFIX = 'understudy-';
/** Without it nothing else in an encrypted backup can be read. */
const HEADER = 'encryption.json';
const UNFINISHED = /^\.understudy-.*\.part-(\d+)$/;

/**
 * Copies a data folder while others write into it, and reads the copy back. It has its name only when all of it is there and right. Throws what
 * SQLite and node:fs throw (ENOSPC …), and an error that says what is wrong with a copy that is not what it should be.
 *
 * The order makes the parts fit together: an original is there before the archive's database names it, so files are copied after it; an
 * exchange leaves the log only once it is in the record, so the log is copied before the record.
 */
export async function makeBackup(options: BackupOptions): Promise<MadeBackup> {
  const { dataFolder, key, into, now, progress, signal } = options;
  mkdirSync(into, { recursive: true, mode: 0o700 });
  removeUnfinished(into);
  const path = freeName(into, now);
  const draft = join(into, `.${path.slice(into.length + 1)}.part-${process.pid}`);
  mkdirSync(draft, { mode: 0o700 });
  try {
    const files: BackedUpFile[] = [];
    if (isEncrypted(dataFolder)) files.push({ path: HEADER, ...copyHashed(join(dataFolder, HEADER), join(draft, HEADER)) });
    const copy = async (folder: string, from: (name: string) => boolean = () => true): Promise<void> => {
      for (const name of filesBelow(join(dataFolder, folder)).filter(from)) {
        signal?.throwIfAborted();
        const file = `${folder}/${name}`;
        progress(file);
        try {
          files.push({ path: file, ...copyHashed(join(dataFolder, file), join(draft, file)) });
        } catch (error) {
          // Folded into the record, or deleted, since it was listed.
          if (codeOf(error) !== 'ENOENT') throw error;
          rmSync(join(draft, file), { force: true });
        }
        await breathe();
      }
    };
    const database = async (name: 'archive.db' | 'record.db'): Promise<void> => {
      if (!existsSync(join(dataFolder, name))) return;
      signal?.throwIfAborted();
      progress(name);
      await copyDatabase(dataFolder, key, name, join(draft, name));
      files.push({ path: name, ...hashFile(join(draft, name)) });
    };
    await database('archive.db');
    await copy('archive', (name) => !name.startsWith('incoming/'));
    await copy('log', (name) => name.endsWith('.seg'));
    await database('record.db');
    if (existsSync(join(dataFolder, 'state.json'))) {
      files.push({ path: 'state.json', ...copyHashed(join(dataFolder, 'state.json'), join(draft, 'state.json')) });
    }

    const manifest: Manifest = {
      madeAt: now,
      counts: countsOf(draft, key),
      files: files.toSorted((one, other) => (one.path < other.path ? -1 : 1)),
    };
    writeFileSync(manifestPath(draft), manifestText(manifest), { mode: 0o600, flush: true });
    const [damage] = await examineBackup(draft, progress, { ...(key && { key }), signal });
    if (damage) throw new Error(`the copy is not what it should be: ${damage.path}: ${damage.reason}; check the disk, and try again`);
    renameSync(draft, path);
    return { path, manifest, size: sizeOf(manifest) };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Backups that lie in a folder, the newest first. One whose manifest can't be read is said as such. */
export function backupsIn(folder: string): { path: string; manifest?: Manifest; reason?: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX) && statSync(join(folder, name)).isDirectory())
    .toSorted()
    .toReversed()
    .map((name) => {
      const path = join(folder, name);
      const manifest = readManifest(path);
      return manifest.ok ? { path, manifest: manifest.value } : { path, reason: `${manifest.error.path}: ${manifest.error.reason}` };
    });
}

export function sizeOf({ files }: Manifest): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** In one state, however much is written meanwhile: SQLite's backup begins anew when another connection writes, unless its source is held in a transaction. */
async function copyDatabase(dataFolder: string, key: DataKey | undefined, name: 'archive.db' | 'record.db', to: string): Promise<void> {
  const opened = name === 'record.db' ? openRecordToRead(join(dataFolder, name), key) : openArchiveToRead(dataFolder, key);
  if (!opened.ok) throw new Error(`${opened.error.reason}; ${opened.error.action}`);
  const source = 'database' in opened.value ? opened.value.database : opened.value;
  if (key) {
    // Encrypted with the same key, in the state of one moment, and without files beside it.
    try {
      source.prepare('VACUUM INTO ?').run(to);
    } finally {
      source.close();
    }
    chmodSync(to, 0o600);
    return;
  }
  try {
    source.exec('BEGIN');
    source.prepare('SELECT count(*) FROM sqlite_master').get();
    await backup(source, to, { rate: PAGES });
  } finally {
    source.close();
  }
  chmodSync(to, 0o600);
  // One file that can be read where it lies, without files beside it.
  const copy = new DatabaseSync(to);
  try {
    copy.exec('PRAGMA journal_mode = DELETE');
  } finally {
    copy.close();
  }
}

/** `understudy-2026-11-22T21-40-05Z`; with a number where two are made in a second. */
function freeName(into: string, now: number): string {
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-');
  for (let count = 1; ; count++) {
    const path = join(into, `${PREFIX}${stamp}Z${count === 1 ? '' : `-${count}`}`);
    if (!existsSync(path)) return path;
  }
}

/** What backups that were killed have left. */
function removeUnfinished(into: string): void {
  for (const name of readdirSync(into)) {
    const [, pid] = UNFINISHED.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(into, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
}
