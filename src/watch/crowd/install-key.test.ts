import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { installKeyPath, openInstallKey, replaceInstallKey } from './install-key.ts';
import { isSignedBy } from './signature.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-key-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is made on first use, for its owner only, and is the same from then on', () => {
  const data = join(folder, 'not', 'there', 'yet');
  const first = openInstallKey(data);
  const second = openInstallKey(data);
  if (!first.ok || !second.ok) throw new Error('there is no key');
  expect(second.value.publicKey).toBe(first.value.publicKey);
  expect(isSignedBy(first.value.publicKey, 'text', second.value.sign('text'))).toBe(true);
  expect(statSync(installKeyPath(data)).mode & 0o777).toBe(0o600);
});

it('is another after it was replaced', () => {
  const first = openInstallKey(folder);
  const replaced = replaceInstallKey(folder);
  const after = openInstallKey(folder);
  if (!first.ok || !replaced.ok || !after.ok) throw new Error('there is no key');
  expect(after.value.publicKey).toBe(replaced.value.publicKey);
  expect(after.value.publicKey).not.toBe(first.value.publicKey);
  expect(statSync(installKeyPath(folder)).mode & 0o777).toBe(0o600);
});

it('says what to do where it cannot be read, and leaves the file', () => {
  writeFileSync(installKeyPath(folder), 'nonsense');
  const opened = openInstallKey(folder);
  expect(opened).toMatchObject({ ok: false, error: expect.stringContaining('understudy report --new-key') });
  expect(readFileSync(installKeyPath(folder), 'utf8')).toBe('nonsense');
});

it('closes a file that others can read', () => {
  openInstallKey(folder);
  chmodSync(installKeyPath(folder), 0o644);
  openInstallKey(folder);
  expect(statSync(installKeyPath(folder)).mode & 0o777).toBe(0o600);
});
