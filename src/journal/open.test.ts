import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test, vi } from 'vitest';
import { exchangeId } from '../exchange/ids.ts';
import { nodeFiles } from './files.ts';
import type { Files } from './files.ts';
import { answerText } from './text.ts';
import { attemptStart, openingOf, textEntry, wholeEnd } from './testing/entries.ts';
import { eventually, readToEnd, testFolder } from './testing/folder.ts';
import type { TestFolder } from './testing/folder.ts';
import type { Journal } from './journal.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

const newId = (): string => exchangeId(Date.now(), (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>));

async function answers(journal: Journal, id = newId()): Promise<string> {
  const log = journal.open(openingOf(id), Buffer.from('{}'));
  log.append(attemptStart());
  log.append(textEntry('Hello'));
  log.append(wholeEnd());
  return answerText(await readToEnd(log));
}

function refusing(code: string): Files {
  return {
    ...nodeFiles,
    create() {
      throw Object.assign(new Error(code), { code });
    },
  };
}

/** Opens with a folder that can't be used: it answers, saves nothing, and says why. */
async function degraded(folder: TestFolder, more: Parameters<TestFolder['journal']>[0]): Promise<string> {
  const journal = await folder.journal(more);
  expect(await answers(journal)).toBe('Hello');
  const state = journal.state();
  if (state.type !== 'degraded') throw new Error('it says that it is saving');
  expect(folder.notices).toMatchObject([{ level: 'error' }]);
  expect(folder.notices[0]?.message).toContain(state.reason);
  await journal.close();
  return `${state.reason}; ${state.action}`;
}

test('a data folder that is a file, or that can not be made', async () => {
  using folder = testFolder();
  const file = join(folder.path, 'file');
  writeFileSync(file, 'mine');
  expect(await degraded(folder, { folder: file })).toContain('is not a folder');
  expect(readFileSync(file, 'utf8')).toBe('mine');
  folder.notices.length = 0;
  expect(await degraded(folder, { folder: join(file, 'below') })).toContain('is not a folder');
});

test('no permission, or a read-only file system', async () => {
  using folder = testFolder();
  expect(await degraded(folder, { files: refusing('EACCES') })).toContain('no permission to write');
  folder.notices.length = 0;
  expect(await degraded(folder, { files: refusing('EROFS') })).toContain('read-only file system');
});

test('little space is said at the start', async () => {
  using folder = testFolder();
  const journal = await folder.journal({ files: { ...nodeFiles, free: () => 1000 } });
  expect(folder.notices[0]?.message).toContain('only 1000 bytes are left');
  await journal.close();
});

test('a second server, in this process or another, is told who has the folder; a killed one leaves no lock', async () => {
  using folder = testFolder();
  const journal = await folder.journal({ address: '127.0.0.1:4141' });
  const second = await folder.open();
  expect(second).toMatchObject({
    ok: false,
    error: { type: 'folder-in-use', message: `${folder.path} is in use by process ${process.pid} at 127.0.0.1:4141` },
  });
  const child = join(import.meta.dirname, 'testing', 'crash-child.ts');
  const refused = spawn(process.execPath, [child, folder.path]);
  let said = '';
  refused.stderr.on('data', (text: Buffer) => (said += text.toString()));
  await new Promise((resolve) => refused.on('close', resolve));
  expect(said).toContain(`is in use by process ${process.pid}`);
  await journal.close();

  const holder = spawn(process.execPath, [child, folder.path]);
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  expect(await folder.open()).toMatchObject({ ok: false, error: { message: `${folder.path} is in use by process ${holder.pid}` } });
  holder.kill('SIGKILL');
  await new Promise((resolve) => holder.on('close', resolve));
  const again = await folder.journal();
  await again.close();
});

test("a record that is no database, or another program's, is left untouched, and the log goes on", async () => {
  using folder = testFolder();
  const path = join(folder.path, 'record.db');
  const foreign = join(folder.path, 'foreign.db');
  const other = new DatabaseSync(foreign);
  other.exec('CREATE TABLE theirs (a)');
  other.close();
  const id = newId();
  for (const [bytes, words] of [
    [Buffer.alloc(8192, 'garbage '), 'is not a database'],
    [readFileSync(foreign), 'is a database of another program'],
  ] as const) {
    folder.notices.length = 0;
    writeFileSync(path, bytes);
    const journal = await folder.journal();
    expect(journal.state()).toMatchObject({ type: 'saving', record: { reason: expect.stringContaining(words) } });
    expect(folder.notices[0]).toMatchObject({ level: 'error', message: expect.stringContaining('move ') });
    const each = words === 'is not a database' ? id : newId();
    expect(await answers(journal, each)).toBe('Hello');
    expect(await journal.list({ limit: 1 })).toMatchObject([{ id: each }]);
    await journal.close();
    expect(readFileSync(path).equals(bytes)).toBe(true);
  }
  // Told to move it away: what was answered meanwhile comes out of the log.
  rmSync(path);
  const journal = await folder.journal();
  expect(await journal.list({ limit: 5 })).toHaveLength(2);
  expect(await journal.get(id)).toMatchObject({ state: 'complete', text: 'Hello' });
  await journal.close();
});

test('a record that is damaged inside does not stop answers, and the log keeps what it can not take', async () => {
  using folder = testFolder();
  const before = await folder.journal();
  for (let count = 0; count < 40; count++) await answers(before);
  await before.close();
  const path = join(folder.path, 'record.db');
  const bytes = readFileSync(path);
  bytes.fill(0x5a, 4096);
  writeFileSync(path, bytes);
  const journal = await folder.journal();
  const id = newId();
  expect(await answers(journal, id)).toBe('Hello');
  await journal.list({ limit: 100 });
  await eventually(() => folder.notices.some((notice) => notice.message.includes('damaged')));
  expect(journal.state()).toMatchObject({ type: 'saving', record: {} });
  await journal.close();
  rmSync(path);
  const again = await folder.journal();
  expect(await again.get(id)).toMatchObject({ state: 'complete', text: 'Hello' });
  await again.close();
});

test('a record of a newer Understudy is an error that says so', async () => {
  using folder = testFolder();
  await (await folder.journal()).close();
  const path = join(folder.path, 'record.db');
  const record = new DatabaseSync(path);
  record.exec('PRAGMA user_version = 99');
  record.close();
  expect(await folder.open()).toMatchObject({
    ok: false,
    error: {
      type: 'newer-record',
      message: expect.stringContaining('newer Understudy (schema 99'),
      action: expect.stringContaining('update'),
    },
  });
  // The lock is free again.
  rmSync(path);
  await (await folder.journal()).close();
});

test('a record that can not be opened now is tried again', async () => {
  using folder = testFolder();
  const path = join(folder.path, 'record.db');
  mkdirSync(path);
  const journal = await folder.journal();
  const id = newId();
  expect(await answers(journal, id)).toBe('Hello');
  expect(journal.state()).toMatchObject({ type: 'saving', record: {} });
  rmSync(path, { recursive: true });
  await eventually(() => folder.notices.some((notice) => notice.message.includes('can be used again')));
  expect(journal.state()).toEqual({ type: 'saving' });
  await journal.close();
  const again = await folder.journal();
  expect(await again.get(id)).toMatchObject({ state: 'complete' });
  await again.close();
});
