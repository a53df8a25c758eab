import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { beginErasure } from '../../archive/care/erasing.ts';
import { openArchive } from '../../archive/store/open.ts';
import { lockFolder } from '../../journal/lock.ts';
import { EXIT } from '../exit-code.ts';
import { runIn, type Ran } from '../testing/run-in.ts';

const KEY = `sk-ant-${'abcdefgh'.repeat(4)}`;
let folder: string;
let data: string;
const run = (...words: string[]): Promise<Ran> => runIn(folder, [...words, '--data', data]);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-redact-'));
  data = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function talk(uuid: string, text: string): object {
  const created_at = '2026-10-01T10:00:00Z';
  return {
    uuid,
    name: uuid,
    created_at,
    updated_at: created_at,
    chat_messages: [{ uuid: `${uuid}-1`, sender: 'human', text, content: [] }],
  };
}

async function imported(...talks: object[]): Promise<void> {
  writeFileSync(join(folder, 'x.json'), JSON.stringify(talks));
  await run('import', 'x.json');
}

function inFiles(text: string): string[] {
  return readdirSync(data, { recursive: true, encoding: 'utf8' }).filter(
    (name) => statSync(join(data, name)).isFile() && readFileSync(join(data, name)).includes(text),
  );
}

it('shows first where a text is, takes it out, and a later export does not bring it back', async () => {
  await imported(talk('a', 'zanzibar tea'), talk('b', 'coffee'));
  expect(await run('redact', 'zanzibar tea', '--all')).toMatchObject({
    code: EXIT.usage,
    out: expect.stringMatching(/1 message: a\n[^]*1 attachment or import: rewritten/),
    note: expect.stringContaining('Nothing was changed'),
  });
  expect(inFiles('zanzibar').length).toBeGreaterThan(1);
  expect(await run('redact', 'zanzibar tea', '--all', '--yes')).toMatchObject({ code: EXIT.done });
  expect(inFiles('zanzibar')).toEqual([]);
  await imported(talk('a', 'zanzibar tea'), talk('b', 'coffee'), talk('c', 'more zanzibar tea'));
  expect(inFiles('zanzibar')).toEqual([]);
  expect((await run('conversations')).out).toContain('c');
  expect(await run('redact', '--again', '--yes')).toMatchObject({ code: EXIT.done, note: expect.stringContaining('nowhere') });
  expect(await run('redact', '--forget')).toMatchObject({ note: expect.stringContaining('1 text forgotten') });
  expect(await run('redact', '--again', '--yes')).toMatchObject({ code: EXIT.usage });
});

it('takes out secrets, and says as JSON what became of what', async () => {
  await imported(talk('a', `use ${KEY} for it`));
  const { code, out } = await run('redact', '--secrets', '--all', '--yes', '--json');
  expect(code).toBe(EXIT.done);
  expect(JSON.parse(out)).toMatchObject({
    redacted: true,
    left: [],
    texts: 1,
    conversations: [{ messages: 1 }],
    originals: [{ becomes: 'rewritten', name: 'x.json' }],
  });
  expect(inFiles(KEY)).toEqual([]);
});

it('reads a text from a file, and names the backup that has it', async () => {
  await imported(talk('a', 'zanzibar tea'));
  const { out: backup } = await run('backup');
  writeFileSync(join(folder, 'text'), 'zanzibar tea\n');
  const { code, out } = await run('redact', '--from', 'text', '--search', 'zanzibar', '--yes');
  expect(code).toBe(EXIT.failed);
  expect(out).toContain(backup.trim());
});

it('says what to type while a server has the folder', async () => {
  mkdirSync(data);
  const lock = lockFolder(data, { pid: 4711, started: 0, address: 'http://127.0.0.1:1' });
  if (!lock.ok) throw new Error('locked');
  for (const words of [
    ['redact', 'some text', '--all'],
    ['delete', '--source', 'codex'],
  ]) {
    const { code, note } = await run(...words, '--yes');
    expect(code).toBe(EXIT.failed);
    expect(note).toContain('The server at http://127.0.0.1:1');
    expect(note).toContain('kill 4711');
  }
  lock.value.release();
});

it('says that one was cut off, until the same is asked for again', async () => {
  await imported(talk('a', 'zanzibar tea'));
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  beginErasure(opened.value.database, { name: 'other', kind: 'redact', at: 0, conversations: [] });
  opened.value.close();
  expect(await run('archive', 'check')).toMatchObject({
    code: EXIT.failed,
    out: expect.stringContaining('same understudy redact command'),
  });
  await run('redact', '--forget');
  expect(await run('archive', 'check')).toMatchObject({ code: EXIT.done });
});

it('takes nothing out that is not told clearly', async () => {
  await imported(talk('a', 'zanzibar tea'));
  for (const words of [
    [],
    ['--all'],
    ['zan', '--all'],
    ['zanzibar'],
    ['zanzibar', 'c_0'],
    ['--pattern', '(', '--all'],
    ['--secrets', '--pattern', 'a', '--all'],
    ['zanzibar', '--all', '--search', 'x'],
  ])
    expect(await run('redact', ...words, '--yes')).toMatchObject({ code: EXIT.usage });
  expect(inFiles('zanzibar').length).toBeGreaterThan(0);
});
