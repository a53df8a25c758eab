import { chmodSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../testing/folder.ts';
import { openRecord } from './database.ts';

test('the record and the files beside it are for their owner only', () => {
  using folder = testFolder();
  const path = join(folder.path, 'record.db');
  const modes = (): Record<string, number> =>
    Object.fromEntries(readdirSync(folder.path).map((name) => [name, statSync(join(folder.path, name)).mode & 0o777]));
  const first = openRecord(path);
  if (!first.ok) throw new Error(first.error.reason);
  first.value.exec('CREATE TABLE more (id INTEGER)');
  expect(modes()).toEqual({ 'record.db': 0o600, 'record.db-wal': 0o600, 'record.db-shm': 0o600 });
  first.value.close();
  // One that an earlier version made.
  chmodSync(path, 0o644);
  const again = openRecord(path);
  if (!again.ok) throw new Error(again.error.reason);
  again.value.close();
  expect(modes()).toEqual({ 'record.db': 0o600 });
});
