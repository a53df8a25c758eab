import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LOCKFILE = join(import.meta.dirname, '..', 'package-lock.json');

/**
 * npm (10 and 11) builds whatever has a binding.gyp when it installs by a lockfile, unless the lockfile says what the package says of itself, and it
 * leaves that line out whenever it writes the file. Machines without a compiler could then not install at all.
 */
test('what comes with its binaries is not built when it is installed', () => {
  const { packages } = JSON.parse(readFileSync(LOCKFILE, 'utf8')) as { packages: Record<string, { gypfile?: boolean }> };
  expect(
    packages['node_modules/better-sqlite3-multiple-ciphers'],
    'put "gypfile": false back into its entry in package-lock.json',
  ).toMatchObject({ gypfile: false });
});
