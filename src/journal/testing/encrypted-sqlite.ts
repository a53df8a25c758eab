import type { DatabaseSync as Database, DatabaseSyncOptions } from 'node:sqlite';
import { openEncrypted } from '../at-rest/encrypted-database.ts';

export * from 'node:sqlite';

/** What `node:sqlite` is to tests that run over encrypted databases: each database is one. The key is the same for a test's own child processes. */
const KEY = Buffer.alloc(32, 'a key of tests alone');

export function DatabaseSync(path: string | URL, { timeout = 0, readOnly = false }: DatabaseSyncOptions = {}): Database {
  return openEncrypted(path instanceof URL ? path.href : path, KEY, { timeout, readOnly });
}
