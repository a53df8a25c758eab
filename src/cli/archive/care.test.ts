import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openArchive } from '../../archive/store/open.ts';
import { keepOriginal, originalPath } from '../../archive/store/originals.ts';
import { putInto } from '../../archive/store/put.ts';
import { EXIT } from '../exit-code.ts';
import { runIn, type Ran } from '../testing/run-in.ts';

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

it('deletes what was imported, with the export that was kept whole, and a later export does not bring it back', async () => {
  const talk = (uuid: string, text: string): object => ({
    uuid,
    name: text,
    created_at: '2026-10-01T10:00:00Z',
    updated_at: '2026-10-01T10:00:00Z',
    chat_messages: [{ uuid: `${uuid}-1`, sender: 'human', text, content: [] }],
  });
  const exported = (...talks: object[]): void => writeFileSync(join(folder, 'x.json'), JSON.stringify(talks));
  const data = join(folder, 'data');
  const inFiles = (): string[] =>
    readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
      (name) => statSync(join(data, name)).isFile() && readFileSync(join(data, name)).includes('zanzibar'),
    );
  exported(talk('a', 'zanzibar tea'), talk('b', 'coffee'));
  await run('import', 'x.json');
  expect(inFiles().length).toBeGreaterThan(1);
  expect(await run('delete', '--search', 'zanzibar')).toMatchObject({
    code: EXIT.usage,
    out: expect.stringContaining('export file that was kept whole'),
    note: expect.stringContaining('Nothing was deleted'),
  });
  expect(await run('delete', '--search', 'zanzibar', '--yes')).toMatchObject({ code: EXIT.done });
  expect(inFiles()).toEqual([]);
  exported(talk('a', 'zanzibar tea'), talk('b', 'coffee'), talk('c', 'milk'));
  await run('import', 'x.json');
  const { out } = await run('conversations');
  expect(out).toContain('milk');
  expect(out).toContain('coffee');
  expect(out).not.toContain('zanzibar');
  await run('import', 'x.json', '--again');
  expect((await run('conversations')).out).toContain('zanzibar');
  expect(await run('delete', '--source', 'claude-ai', '--before', '2026-10-01', '--yes')).toMatchObject({
    note: expect.stringContaining('There is none'),
  });
  expect(await run('delete', '--source', 'claude-ai', '--before', '2026-10-02', '--yes')).toMatchObject({
    note: expect.stringContaining('3 conversations deleted'),
  });
});

it('deletes nothing that is not named clearly', async () => {
  for (const words of [
    ['--search', 'zanzibar source:codx'],
    [],
    ['c_0'],
    ['--before', 'yesterday'],
    ['--source', 'nobody'],
    ['c_0', '--search', 'x'],
  ])
    expect(await run('delete', ...words, '--yes')).toMatchObject({ code: EXIT.usage });
  expect((await run('conversations')).out).toContain('Sky');
});
