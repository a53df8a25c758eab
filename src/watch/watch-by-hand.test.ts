import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../exchange/virtual-clock.ts';
import { err } from '../exchange/result.ts';
import type { WatchNews } from './messages.ts';
import { openWatchInMemory } from './store/open.ts';
import { watchSettings } from './settings.ts';
import { createWatch, type Watch } from './watch.ts';

let folder: string;
let clock: VirtualClock;
let watch: Watch;
let news: string[];
let isClosed: boolean;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-watch-by-hand-'));
  clock = virtualClock();
  news = [];
  isClosed = false;
  const settings = watchSettings.parse({ alerts: { enabled: false }, products: ['claude.ai'] });
  watch = createWatch(
    {
      folder,
      version: '0.1.0',
      environment: {},
      platform: 'linux',
      plan: {
        settings,
        providers: [{ name: 'wall', origin: 'http://127.0.0.1:1', local: false, probable: false }],
        routes: [],
        address: 'http://127.0.0.1:1',
      },
    },
    {
      database: openWatchInMemory(),
      clock,
      random: () => 0.5,
      fetchPage: () => Promise.resolve(err({ type: 'connect', message: 'status.claude.com can not be reached' })),
      reach: () => Promise.resolve({ type: 'answered' }),
      say(said: WatchNews) {
        if (said.type === 'happened' && said.happening.type === 'incident') news.push(`${said.happening.change} ${said.happening.title}`);
      },
      broken(error) {
        throw error;
      },
    },
  );
});
afterEach(async () => {
  if (!isClosed) await watch.close();
  rmSync(folder, { recursive: true });
});

it('an incident by hand is on the board from its first word to its last, and everybody is told', async () => {
  const { answers } = watch;
  const posted = await answers.post({
    kind: 'incident',
    title: 'No answers',
    products: ['claude.ai', 'wall/api'],
    text: 'We look into it.',
  });
  if (!posted.ok) throw new Error(JSON.stringify(posted.error));
  const { id } = posted.value;
  expect((await answers.board({})).incidents).toMatchObject([{ id, products: ['anthropic/chat', 'wall/api'], phase: 'investigating' }]);

  const startedAt = clock.now();
  await clock.advance(60_000);
  expect(await answers.add({ id, text: 'Found.', phase: 'identified' })).toMatchObject({ ok: true });
  expect(await answers.add({ id, text: 'Still at it.' })).toMatchObject({ ok: true, value: { phase: 'identified' } });
  expect(await answers.add({ id, text: 'x', phase: 'scheduled' })).toMatchObject({ ok: false, error: { problem: 'bad' } });
  await clock.advance(60_000);
  await answers.add({ id, text: 'Restarted.', phase: 'resolved' });
  await clock.advance(3_600_000);
  // What is added when it is over does not make it longer.
  await answers.add({ id, text: 'It was a full disk.' });
  expect((await answers.board({})).incidents).toEqual([]);
  expect(await answers.incident({ id })).toMatchObject({
    phase: 'resolved',
    startedAt,
    endedAt: startedAt + 120_000,
    updates: [{}, {}, {}, {}, { text: 'It was a full disk.', source: { type: 'hand' } }],
  });
  expect(news).toEqual(['opened', 'updated', 'updated', 'ended', 'updated'].map((change) => `${change} No answers`));
  expect(await answers.add({ id: 'i_none', text: 'x' })).toBeNull();
  expect(await answers.post({ kind: 'incident', title: 'x', products: ['clod'], text: 'x' })).toMatchObject({ ok: false });
});

it('planned work begins and ends by itself', async () => {
  const startedAt = clock.now() + 3_600_000;
  const posted = await watch.answers.post({
    kind: 'maintenance',
    title: 'New keys',
    products: ['claude.ai'],
    text: 'A minute without answers.',
    startedAt,
    endedAt: startedAt + 600_000,
  });
  if (!posted.ok) throw new Error(JSON.stringify(posted.error));
  const phase = async (): Promise<string | undefined> => (await watch.answers.incident({ id: posted.value.id }))?.phase;
  expect(await phase()).toBe('scheduled');
  await clock.advance(3_660_000);
  expect(await phase()).toBe('in-progress');
  await clock.advance(600_000);
  expect(await phase()).toBe('resolved');
});

it('what is wrong is in board.txt for as long as somebody looks', async () => {
  const file = join(folder, 'board.txt');
  const shown = (): string => readFileSync(file, 'utf8');
  await clock.advance(1000);
  expect(shown()).toBe('');
  const failure = {
    version: 1 as const,
    at: clock.now(),
    type: 'attempt-ended' as const,
    exchange: 'x_1',
    attempt: 0,
    kind: 'first' as const,
    target: 'wall/m',
    outcome: 'failed',
    fault: { class: 'provider-fault' as const, symptom: 'status' as const, status: 500 },
    took: 9,
  };
  for (let turn = 0; turn < 6; turn++) watch.hear([failure]);
  await clock.advance(1000);
  expect(shown()).toBe('wall/api down\n');
  await clock.advance(200_000);
  expect(shown()).toBe('wall/api down 3 min\n');
  await watch.close();
  isClosed = true;
  expect(existsSync(file)).toBe(false);
});
