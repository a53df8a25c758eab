import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openArchive } from '../archive/store/open.ts';
import { keepOriginal, originalPath } from '../archive/store/originals.ts';
import { putInto } from '../archive/store/put.ts';
import { EXIT } from './exit-code.ts';
import { runIn, type Ran } from './testing/run-in.ts';

let folder: string;
let original: string;
const run = (...words: string[]): Promise<Ran> => runIn(folder, [...words, '--data', join(folder, 'data')]);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-care-'));
  const opened = openArchive(join(folder, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  const archive = opened.value;
  const stored = keepOriginal(archive, Buffer.from('bytes'), { keptAt: 0 });
  original = originalPath(archive, stored.sha256);
  putInto(archive).conversation({ source: 'chatgpt', key: 'k', title: 'Sky', updatedAt: 1 }, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'file', content: { type: 'stored', ...stored } }] },
  ]);
  archive.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('backs up, lists, verifies and restores, each by what the one before said', async () => {
  const made = await run('backup', 'disk');
  expect(made).toMatchObject({ code: EXIT.done, note: expect.stringContaining('1 conversation, 1 message') });
  const path = made.out.trim();
  expect((await run('backup', 'list', 'disk')).out).toContain(path);
  expect(await run('backup', 'verify', path)).toMatchObject({ code: EXIT.done });
  expect(await run('backup', 'restore', path)).toMatchObject({ code: EXIT.usage, note: expect.stringContaining('--force') });
  expect(await run('backup', 'restore', path, '--to', 'other')).toMatchObject({ code: EXIT.done });
  expect((await runIn(folder, ['conversations', '--data', join(folder, 'other')])).out).toContain('Sky');
});

it('goes into the data folder unless it is told where, and says so', async () => {
  const { out, note } = await run('backup');
  expect(out).toContain(join(folder, 'data', 'backups'));
  expect(note).toContain('same disk');
});

it('names the damaged file and exits with 1; so does a check of the archive', async () => {
  const path = (await run('backup', 'disk')).out.trim();
  expect(await run('archive', 'check')).toMatchObject({ code: EXIT.done });
  writeFileSync(original, 'other');
  expect(await run('archive', 'check')).toMatchObject({ code: EXIT.failed, out: expect.stringContaining('its bytes have changed') });
  writeFileSync(join(path, 'archive.db'), 'x');
  expect(await run('backup', 'verify', path)).toMatchObject({ code: EXIT.failed, out: expect.stringContaining('archive.db') });
  expect(await run('backup', 'restore', path, '--to', 'other')).toMatchObject({ code: EXIT.failed });
  expect(existsSync(join(folder, 'other', 'archive.db'))).toBe(false);
});

it('says what is missing where it is not told enough', async () => {
  expect(await run('backup', 'restore')).toMatchObject({ code: EXIT.usage });
  expect(await run('backup', 'a', 'b')).toMatchObject({ code: EXIT.usage });
  expect(await run('archive')).toMatchObject({ code: EXIT.usage });
});
