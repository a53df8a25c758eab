import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as breathe } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { openEncrypted } from '../../journal/at-rest/encrypted-database.ts';
import { isEncrypted } from '../../journal/at-rest/header.ts';
import { hashFile } from './hashed-copy.ts';
import { readManifest, type Damage } from './manifest.ts';

/** What is counted, by database. */
const TABLES = {
  'archive.db': ['conversations', 'messages', 'originals', 'protected_files'],
  'record.db': ['exchanges', 'answers', 'pieces'],
} as const;
export const DATABASES = Object.keys(TABLES) as (keyof typeof TABLES)[];

/**
 * Everything that is wrong with a backup: it is read from its first byte to its last, and its databases are asked. Nothing is written. The
 * databases of an encrypted one can't be asked without its `key`.
 */
export async function examineBackup(
  backup: string,
  progress: (file: string) => void,
  { key, signal }: { key?: DataKey; signal?: AbortSignal | undefined } = {},
): Promise<Damage[]> {
  const manifest = readManifest(backup);
  if (!manifest.ok) return [manifest.error];
  const damages: Damage[] = [];
  for (const { path, size, sha256 } of manifest.value.files) {
    signal?.throwIfAborted();
    progress(path);
    const reason = differenceOf(join(backup, path), size, sha256);
    if (reason !== undefined) damages.push({ path, reason });
    await breathe();
  }
  if (damages.length > 0 || (isEncrypted(backup) && !key)) return damages;
  for (const path of DATABASES) {
    const reason = existsSync(join(backup, path)) ? faultOf(backup, path, key) : undefined;
    if (reason !== undefined) damages.push({ path, reason });
  }
  if (damages.length > 0) return damages;
  const counts = countsOf(backup, key);
  for (const [name, count] of Object.entries(manifest.value.counts)) {
    if (counts[name] !== count) damages.push({ path: name, reason: `${counts[name] ?? 'no'} rows, and there should be ${count}` });
  }
  return damages;
}

/** Rows of the tables in the databases of a folder. */
export function countsOf(folder: string, key?: DataKey): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const path of DATABASES) {
    if (!existsSync(join(folder, path))) continue;
    const database = unchanging(folder, path, key);
    try {
      for (const table of TABLES[path]) {
        const row = database.prepare(`SELECT count(*) AS count FROM ${table}`).get();
        counts[`${path.slice(0, -'.db'.length)}.${table}`] = Number(row?.['count']);
      }
    } finally {
      database.close();
    }
  }
  return counts;
}

/** Whether the archive in a backup has a conversation. One that can't be read may have it. */
export function holdsConversation(backup: string, id: string, key?: DataKey): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = unchanging(backup, 'archive.db', key);
    return database.prepare('SELECT 1 FROM conversations WHERE id = ?').get(id) !== undefined;
  } catch {
    return true;
  } finally {
    database?.close();
  }
}

function faultOf(folder: string, name: string, key: DataKey | undefined): string | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = unchanging(folder, name, key);
    return integrityFaults(database)[0];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    database?.close();
  }
}

/** What SQLite finds in a database: https://sqlite.org/pragma.html#pragma_integrity_check */
export function integrityFaults(database: DatabaseSync): string[] {
  return database
    .prepare('PRAGMA integrity_check(10)')
    .all()
    .map((row) => String(row['integrity_check']))
    .filter((line) => line !== 'ok');
}

/** Opens a file that nobody writes, without files beside it: backups may lie on media that can't be written. */
function unchanging(folder: string, name: string, key: DataKey | undefined): DatabaseSync {
  // It knows no such addresses; ours are written without a log beside them, and make none.
  if (isEncrypted(folder) && key) return openEncrypted(join(folder, name), key, { timeout: 0, readOnly: true });
  const url = pathToFileURL(join(folder, name));
  url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: true });
}

function differenceOf(path: string, size: number, sha256: string): string | undefined {
  if (!existsSync(path)) return 'it is missing';
  try {
    const found = hashFile(path);
    if (found.size !== size) return `it has ${found.size} bytes, and should have ${size}`;
    return found.sha256 === sha256 ? undefined : 'its bytes are not what was backed up';
  } catch (error) {
    return `it can't be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
