import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { catchUp } from '../catch-up.ts';
import { openArchive } from '../store/open.ts';
import { listConversations } from '../store/read.ts';
import { attempt, chat, exchange, journalIn, told } from './testing/record.ts';
import { eventsOf } from './testing/talk.ts';

vi.setConfig({ testTimeout: 40_000 });

const CHILD = fileURLToPath(new URL('./testing/follow-child.ts', import.meta.url));
const CHATS = 30;
const TURNS = 6;
const base = mkdtempSync(join(tmpdir(), 'understudy-follow-'));
const full = join(base, 'full');
let expected: ReturnType<typeof told>;

beforeAll(async () => {
  const journal = await journalIn(full);
  for (let each = 0; each < CHATS; each++) chat(journal, `chat-${each}`, TURNS);
  await journal.close();
  const reference = copy('reference');
  follow(reference);
  expected = told(reference);
}, 60_000);
afterAll(() => rmSync(base, { recursive: true }));

function copy(name: string): string {
  const folder = join(base, name);
  cpSync(full, folder, { recursive: true });
  return folder;
}

function follow(folder: string): void {
  const opened = openArchive(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  catchUp(opened.value, folder);
  opened.value.close();
}

function child(folder: string): ChildProcess {
  return spawn(process.execPath, [CHILD, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
}

function ended(process: ChildProcess): Promise<string | number | null> {
  return new Promise((resolve) => process.on('close', (code, signal) => resolve(signal ?? code)));
}

describe('following the record', () => {
  test('reads every exchange, into one conversation for each session', () => {
    const { conversations, messages, places } = expected as Record<string, Record<string, unknown>[]>;
    expect(conversations).toHaveLength(CHATS);
    expect(conversations![0]).toMatchObject({ status: 'complete', messages: 2 * TURNS, branches: 1, cost: 0.25 * TURNS });
    expect(messages).toHaveLength(CHATS * TURNS * 2);
    expect(places).toHaveLength(CHATS * TURNS);
  });

  test('killed at any moment, it goes on where it was: nothing is lost, nothing doubled', async () => {
    const folder = copy('killed');
    let kills = 0;
    for (let life = 0; life < 60; life++) {
      const process = child(folder);
      const lives = life % 5;
      let steps = 0;
      process.stdout!.on('data', () => {
        steps += 1;
        if (steps === lives + 1 && kills < 4) process.kill('SIGKILL');
      });
      if ((await ended(process)) === 'SIGKILL') kills += 1;
      else break;
    }
    expect(kills).toBeGreaterThan(1);
    expect(told(folder)).toEqual(expected);
  });

  test('two at the same time read everything once', async () => {
    const folder = copy('together');
    expect(await Promise.all([child(folder), child(folder)].map(ended))).toEqual([0, 0]);
    expect(told(folder)).toEqual(expected);
  });

  test('goes on after rows were numbered anew, and reads a record that was made anew from its beginning', async () => {
    const folder = copy('vacuumed');
    follow(folder);
    const record = new DatabaseSync(join(folder, 'record.db'));
    record.exec(
      'PRAGMA foreign_keys = ON; DELETE FROM exchanges WHERE id IN (SELECT exchange FROM answers ORDER BY rowid LIMIT 50); VACUUM',
    );
    record.close();
    const journal = await journalIn(folder);
    chat(journal, 'chat-0', TURNS + 1, TURNS);
    await journal.close();
    follow(folder);
    const rows = (told(folder) as { messages: unknown[] }).messages;
    expect(rows).toHaveLength(CHATS * TURNS * 2 + 2);
    rmSync(join(folder, 'record.db'));
    for (const beside of ['-wal', '-shm']) rmSync(join(folder, `record.db${beside}`), { force: true });
    const anew = await journalIn(folder);
    chat(anew, 'chat-1', TURNS + 1, TURNS);
    await anew.close();
    follow(folder);
    expect((told(folder) as { messages: unknown[] }).messages).toHaveLength(CHATS * TURNS * 2 + 4);
  });

  test('takes what a killed server has left in its log, and does not take it again when that is folded', async () => {
    const folder = join(base, 'left');
    const journal = await journalIn(folder);
    chat(journal, 'whole', 1);
    await journal.close();
    // A copy of the log while an answer is under way is what a power cut leaves.
    const open = await journalIn(folder);
    const half = { body: { model: 'm', messages: [{ role: 'user', content: 'and then?' }] }, session: 'half' };
    const events = eventsOf([{ type: 'text', text: 'As far as it came' }]).slice(0, 3);
    exchange(open, half, [attempt(), { type: 'events', attempt: 0, events }]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const killed = join(base, 'left-killed');
    cpSync(folder, killed, { recursive: true });
    await open.close();
    follow(killed);
    const left = told(killed) as { conversations: { session: string; status: string }[] };
    expect(new Map(left.conversations.map(({ session, status }) => [session, status]))).toEqual(
      new Map([
        ['half', 'interrupted'],
        ['whole', 'complete'],
      ]),
    );
    await (await journalIn(killed)).close();
    follow(killed);
    expect(told(killed)).toEqual(left);
  });

  test('passes over what it can not read, and says how much that is', async () => {
    const folder = join(base, 'odd');
    const journal = await journalIn(folder);
    chat(journal, 'before', 1);
    exchange(journal, { session: 'odd', body: { model: 'm', messages: [{ role: 'nobody', content: 7 }] } }, [
      attempt(),
      { type: 'events', attempt: 0, events: eventsOf([{ type: 'text', text: 'answered all the same' }]) },
      { type: 'end', outcome: { type: 'complete', finish: 'stop' } },
    ]);
    chat(journal, 'behind', 1);
    await journal.close();
    follow(folder);
    const opened = openArchive(folder);
    if (!opened.ok) throw new Error(opened.error.reason);
    expect(new Set(listConversations(opened.value, { limit: 5 }).map(({ session }) => session))).toEqual(new Set(['before', 'behind']));
    opened.value.close();
    expect(told(folder)).toMatchObject({ skipped: [{ reason: expect.stringContaining('can not be read') as string }] });
  });
});
