import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ImportReport } from '../../src/archive/import/report.ts';
import { claudeConversation, desk, simpleChat } from './builders.ts';
import type { Desk } from './builders.ts';

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.remove());

const child = resolve(import.meta.dirname, 'child.ts');

function start(paths: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [child, join(at.folder, 'data'), ...paths], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function finished(process: ReturnType<typeof spawn>): Promise<{ report: ImportReport; memory: number }> {
  let text = '';
  process.stdout!.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(process, 'close');
  return JSON.parse(text) as { report: ImportReport; memory: number };
}

function count(table: string): number {
  return Number(at.archive.database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']);
}

it('killed at any moment, the next one goes on: nothing is lost, nothing doubled', async () => {
  const many = 600;
  const list = Array.from({ length: many }, (_, index) => claudeConversation(`c${index}`, 6));
  const paths = [
    await at.zip('export.zip', { 'conversations.json': JSON.stringify(list) }),
    at.file('conversations.json', JSON.stringify([simpleChat('x'), simpleChat('y')])),
  ];
  let killed = 0;
  for (const enough of [1, 100, 300]) {
    const process = start(paths);
    const closed = once(process, 'close');
    while (count('conversations') < enough && process.exitCode === null) await sleep(2);
    if (process.exitCode === null && process.kill('SIGKILL')) killed += 1;
    await closed;
  }
  expect(killed).toBeGreaterThan(0);
  const { report } = await finished(start(paths));
  expect(report).toMatchObject({ counts: { unreadable: 0 } });
  expect(report.stopped).toBeUndefined();
  expect(count('conversations')).toBe(many + 2);
  expect(count('messages')).toBe(many * 6 + 4);
  const whole = at.archive.database
    .prepare('SELECT count(*) AS count FROM conversations WHERE source = ? AND messages = 6')
    .get('claude-ai');
  expect(Number(whole?.['count'])).toBe(many);
  expect(readdirSync(join(at.folder, 'data/archive/incoming'))).toEqual([]);
  expect((await at.import(paths)).sources.map(({ files }) => files.read)).toEqual([0, 0]);
}, 60_000);

it('takes a file of 300 MB in bounded memory', async () => {
  const path = at.file('conversations.json', '');
  const file = openSync(path, 'w');
  const filler = 'All work and no play makes Jack a dull boy. '.repeat(3).replaceAll(' ', '_').repeat(7700);
  for (let index = 0; index < 300; index++) {
    const one = claudeConversation(`big-${index}`, 1);
    writeSync(file, `${index === 0 ? '[' : ','}${JSON.stringify(one).replace('human says 1', filler)}`);
  }
  writeSync(file, ']');
  closeSync(file);
  const { report, memory } = await finished(start([path]));
  expect(report.sources[0]!.conversations.found).toBe(300);
  // Node itself takes 120 MB of it; the file as a string and its objects would take more than 900.
  expect(memory / 1024).toBeLessThan(450);
}, 120_000);

it('says when the disk is full, and goes on when there is room', async () => {
  const path = at.file(
    'conversations.json',
    JSON.stringify(Array.from({ length: 300 }, (_, index) => claudeConversation(`c${index}`, 10))),
  );
  const pages = Number(at.archive.database.prepare('PRAGMA page_count').get()?.['page_count']);
  at.archive.database.exec(`PRAGMA max_page_count = ${pages + 60}`);
  const report = await at.import([path]);
  expect(report.stopped).toMatchObject({ by: 'disk', reason: expect.stringContaining('full') });
  const done = count('conversations');
  expect(report.sources[0]!.conversations.added).toBe(done);
  at.archive.database.exec('PRAGMA max_page_count = 1073741823');
  expect((await at.import([path])).sources[0]!.conversations).toMatchObject({ found: 300, added: 300 - done });
});
