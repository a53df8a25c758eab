import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { catchUp } from '../../archive/catch-up.ts';
import { chat, journalIn } from '../../archive/exchanges/testing/record.ts';
import { openArchive } from '../../archive/store/open.ts';
import { putInto } from '../../archive/store/put.ts';
import { openReader } from '../../journal/reader.ts';
import { lineDecoders } from '../../journal/testing/entries.ts';
import { lockFolder } from '../../journal/lock.ts';
import { EXIT } from '../exit-code.ts';
import { runIn, type Ran } from '../testing/run-in.ts';

const DAY = 24 * 60 * 60_000;
let folder: string;
let data: string;
const run = (...words: string[]): Promise<Ran> => runIn(folder, [...words, '--data', data, '--config', join(folder, 'understudy.yaml')]);

function put(key: string, age: number): string {
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  const head = { source: 'chatgpt', key, title: `About ${key}`, updatedAt: Date.now() - age * DAY } as const;
  const { id } = putInto(opened.value).conversation(head, [
    { key: '1', role: 'user', status: 'complete', parts: [{ type: 'text', text: key }] },
  ]);
  opened.value.close();
  return id;
}

const rules = (text: string): void => writeFileSync(join(folder, 'understudy.yaml'), `archive: { retention: [${text}] }\n`);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-retention-'));
  data = join(folder, 'data');
  rules('');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('says what would go and when, keeps what somebody keeps, and removes nothing by looking', async () => {
  const old = put('raven', 100);
  const other = put('heron', 88);
  expect((await run('archive', 'retention')).out).toContain('nothing is ever removed');
  rules('{ source: chatgpt, olderThan: 90d }');
  const { out } = await run('archive', 'retention');
  expect(out).toContain('1. source chatgpt; older than 90d');
  const day = new Date(Date.now() + 7 * DAY).toISOString().slice(0, 10);
  expect(out).toContain(`Removes 2 sessions from ${day} on.`);
  expect(out).toContain(`${day}  ${old}  chatgpt`);
  expect(out).toContain('About raven');
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(await run('conversations', 'keep', other)).toMatchObject({ code: EXIT.done });
  expect((await run('archive', 'retention')).out).toContain('1 that it would reach is kept.');
  expect((await run('conversations', 'kept')).out).toContain(`${other}  About heron`);
  expect(await run('archive', 'retention', '--now')).toMatchObject({
    code: EXIT.usage,
    note: expect.stringContaining('Nothing was removed'),
  });
  expect((await run('conversations')).out).toMatch(/raven[^]*heron|heron[^]*raven/);
  const [said] = JSON.parse((await run('archive', 'retention', '--json')).out) as { goes: { id: string }[]; kept: number }[];
  expect(said).toMatchObject({ rule: 'source chatgpt; older than 90d', kept: 1, goes: [{ id: old, messages: 1 }] });
});

it('removes at once where that is asked for, from the record too, and lists it', async () => {
  const journal = await journalIn(data);
  chat(journal, 'zanzibar', 2);
  await journal.close();
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  catchUp(opened.value, data);
  opened.value.database.exec(`UPDATE conversations SET updated_at = updated_at - ${100 * DAY}`);
  opened.value.close();
  put('young', 5);
  rules('{ olderThan: 90d }');
  expect(await run('archive', 'retention', '--now', '--yes')).toMatchObject({
    code: EXIT.done,
    note: expect.stringContaining('1 conversation removed'),
  });
  expect((await run('conversations')).out).toContain('About young');
  expect((await run('conversations')).out).not.toContain('zanzibar');
  const reader = openReader(data, lineDecoders);
  if (!reader.ok) throw new Error(reader.error);
  expect(reader.value.list({ limit: 5 })).toEqual([]);
  reader.value.close();
  expect((await run('archive', 'retention', '--removed')).out).toMatch(
    /older than 90d: 1 conversation\n {2}c_\w+ {2}understudy, 4 messages/,
  );
  expect((await run('archive', 'retention')).out).toContain('Last removed on');
  expect(await run('archive', 'retention', '--now')).toMatchObject({
    code: EXIT.done,
    note: expect.stringContaining('nothing was removed'),
  });
});

it('leaves it to a running server, which has to know the rules', async () => {
  put('raven', 100);
  rules('{ olderThan: 90d }');
  await run('archive', 'retention');
  const lock = lockFolder(data, { pid: process.pid, started: 0 });
  if (!lock.ok) throw new Error('held');
  expect(await run('archive', 'retention', '--now', '--yes')).toMatchObject({ note: expect.stringContaining('other rules') });
  const opened = openArchive(data);
  if (!opened.ok) throw new Error(opened.error.reason);
  opened.value.database.prepare("INSERT INTO marks VALUES ('retention/rules', ?)").run(JSON.stringify(['older than 90d']));
  expect(await run('archive', 'retention', '--now', '--yes')).toMatchObject({
    code: EXIT.done,
    note: expect.stringContaining('within a minute'),
  });
  expect(opened.value.database.prepare('SELECT since FROM retention_due').all()).toEqual([{ since: 0 }]);
  opened.value.close();
  lock.value.release();
});

it('tells what takes how much', async () => {
  put('raven', 1);
  const { out } = await run('archive', 'sizes');
  expect(out).toMatch(/archive\.db: conversations and the search index/);
  expect(out).toMatch(/Its disk has .* left\./);
  expect(JSON.parse((await run('archive', 'sizes', '--json')).out)).toMatchObject({ data, sizes: { backups: 0 } });
});
