import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { err, ok } from '../../exchange/result.ts';
import { virtualClock, type VirtualClock } from '../../exchange/virtual-clock.ts';
import type { FeedAdapter, StatusPage } from '../page.ts';
import type { FetchPage } from '../poll/fetch-page.ts';
import { openWatch } from '../store/open.ts';
import { createBackfill, type Backfill } from './backfill.ts';

const DAY = 86_400_000;
const MONTH = 30 * DAY;

/** Three requests of a month each, the newest first; what is read is the address that was asked. */
const ADAPTER: FeedAdapter = {
  family: 'statuspage',
  requests: () => [],
  history: ({ url }, from, to) =>
    Array.from({ length: Math.ceil((to - from) / MONTH) }, (_, index) => ({
      url: `${url}/${index}`,
      mirrors: [`${url}/mirror/${index}`],
      required: false,
    })),
  read: ({ url }) => ok({ components: [{ id: url, name: url, state: 'operational' }], incidents: [], listsAllOpen: false }),
};
const page = (id: string, family: StatusPage['family'] = 'statuspage'): StatusPage => ({
  id,
  family,
  url: `https://${id}.example`,
  covers: [],
  source: 'made up',
});

let folder: string;
let database: DatabaseSync;
let clock: VirtualClock;
let asked: { url: string; at: number }[];
let read: string[];
/** Addresses that fail so many times more. */
let failing: Map<string, number>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-backfill-'));
  const opened = openWatch(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  database = opened.value;
  clock = virtualClock();
  asked = [];
  read = [];
  failing = new Map();
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const fetchPage: FetchPage = ({ url }) => {
  asked.push({ url, at: clock.now() });
  const left = failing.get(url) ?? 0;
  failing.set(url, left - 1);
  if (left > 0) return Promise.resolve(err({ type: 'timeout', message: `${url} did not answer` }));
  return Promise.resolve(
    ok({ type: 'payload', payload: { url, contentType: 'application/json', bytes: new Uint8Array() }, validators: {} }),
  );
};

function backfill(): Backfill {
  return createBackfill({
    database,
    clock,
    fetchPage,
    adapterOf: (family) => (family === 'statuspage' ? ADAPTER : undefined),
    onReading: (_page, reading) => void read.push(reading.components[0]!.id),
  });
}

it('reads ninety days, the newest first and a request of each page in turn, with a pause between', async () => {
  const running = backfill().run([page('a'), page('b'), page('none', 'feed')], new AbortController().signal);
  await clock.drain(600_000);
  await running;
  expect(read).toEqual([
    'https://a.example/0',
    'https://b.example/0',
    'https://a.example/1',
    'https://b.example/1',
    'https://a.example/2',
    'https://b.example/2',
  ]);
  const gaps = asked.slice(1).map(({ at }, index) => at - asked[index]!.at);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2000);
  expect(backfill().progress([page('a'), page('none', 'feed')])).toEqual([{ page: 'a', done: 3, of: 3, missed: 0 }]);
});

it('is carried on after a restart where it was left, also weeks later, and is done once', async () => {
  const stop = new AbortController();
  const running = backfill().run([page('a')], stop.signal);
  await clock.advance(1000);
  stop.abort();
  await running;
  expect(read).toEqual(['https://a.example/0']);
  expect(backfill().progress([page('a')])).toEqual([{ page: 'a', done: 1, of: 3, missed: 0 }]);
  await clock.advance(20 * DAY);
  for (let time = 0; time < 2; time++) {
    const again = backfill().run([page('a')], new AbortController().signal);
    await clock.drain(600_000);
    await again;
  }
  expect(read).toEqual(['https://a.example/0', 'https://a.example/1', 'https://a.example/2']);
});

it('asks the mirror, tries again later, and gives up what can’t be had without losing the rest', async () => {
  failing.set('https://a.example/0', 1);
  failing.set('https://a.example/1', 1).set('https://a.example/mirror/1', 1);
  failing.set('https://a.example/2', 99).set('https://a.example/mirror/2', 99);
  const running = backfill().run([page('a')], new AbortController().signal);
  await clock.drain(DAY);
  await running;
  expect(read).toEqual(['https://a.example/mirror/0', 'https://a.example/1']);
  expect(asked.filter(({ url }) => url.endsWith('a.example/2'))).toHaveLength(3);
  expect(backfill().progress([page('a')])).toEqual([{ page: 'a', done: 3, of: 3, missed: 1 }]);
});

it('an interrupted request is asked again', async () => {
  const stop = new AbortController();
  failing.set('https://a.example/0', 99).set('https://a.example/mirror/0', 99);
  const running = backfill().run([page('a')], stop.signal);
  await clock.advance(1000);
  stop.abort();
  await running;
  failing.clear();
  expect(backfill().progress([page('a')])).toMatchObject([{ done: 0, missed: 0 }]);
  const again = backfill().run([page('a')], new AbortController().signal);
  await clock.drain(600_000);
  await again;
  expect(read[0]).toBe('https://a.example/0');
});
