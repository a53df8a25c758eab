import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../exchange/virtual-clock.ts';
import type { Fault } from '../exchange/fault.ts';
import { err, ok } from '../exchange/result.ts';
import type { Journal } from '../journal/journal.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { openingOf, wholeEnd } from '../journal/testing/entries.ts';
import { createQueue, type Queue, type QueueNews, type StartProblem } from './queue.ts';
import { queueSettings } from './settings.ts';
import { type JobStore, openJobStore } from './store.ts';

const HOUR = 3_600_000;
const DOWN: Fault = { class: 'provider-fault', symptom: 'status', status: 529, message: 'overloaded' };

let folder: string;
let clock: VirtualClock;
let journal: Journal;
let store: JobStore;
let queue: Queue;
let news: QueueNews[];
/** Exchanges that were asked again, in order, and what comes of each. */
let asked: string[];
let provider: (exchange: string) => Fault | 'whole' | 'hangs' | StartProblem;
let most: number;
let current: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-queue-'));
  clock = virtualClock();
  journal = memoryJournal({ clock, keepAfterEnd: 400 * HOUR });
  [asked, news, most, current] = [[], [], 0, 0];
  provider = () => DOWN;
  await start();
});
afterEach(async () => {
  await queue.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<void> {
  const opened = openJobStore(folder);
  if (!opened.ok) throw new Error(opened.error.reason);
  store = opened.value;
  queue = createQueue({
    store,
    journal,
    clock,
    random: () => 1,
    settings: () => queueSettings.parse({}),
    withdraw: journal.withdraw,
    onNews: (one) => news.push(one),
    start({ exchange }) {
      const becomes = provider(exchange);
      if (becomes !== 'whole' && becomes !== 'hangs' && 'type' in becomes) return Promise.resolve(err(becomes));
      asked.push(exchange);
      const run = `run_${randomUUID()}`;
      const log = journal.open(openingOf(run, { runs: exchange, route: 'default' }), Buffer.from('{}'));
      current += 1;
      most = Math.max(most, current);
      // An answer takes a second.
      if (becomes !== 'hangs')
        clock.after(1000, () => {
          current -= 1;
          log.append(becomes === 'whole' ? wholeEnd() : { type: 'end', outcome: { type: 'failed', fault: becomes, committed: false } });
        });
      return Promise.resolve(ok(run));
    },
  });
  await queue.begin();
}

async function keep(exchange: string, terms: Parameters<Queue['keep']>[1] = {}): Promise<void> {
  const log = journal.open(openingOf(exchange, { route: 'default' }), Buffer.from('{}'));
  queue.keep({ exchange, route: 'default', model: 'm', principal: 'local' }, terms);
  log.append({ type: 'end', outcome: { type: 'deferred', fault: DOWN } });
  await clock.advance(0);
}

function stateOf(exchange: string): string | undefined {
  return store.get(exchange)?.state;
}

it('asks one as a canary, ever more rarely, and all when that is answered, a few at once', async () => {
  for (let each = 0; each < 20; each++) await keep(`x${String(each).padStart(2, '0')}`);
  await clock.advance(10 * 60_000);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.length).toBeLessThan(10);
  expect(most).toBe(1);
  provider = () => 'whole';
  await clock.advance(15 * 60_000);
  expect(store.counts()).toEqual({ answered: 20 });
  expect(most).toBe(4);
  expect(news.filter(({ change }) => change === 'answered')).toHaveLength(20);
});

it('asks at once when somebody is said to be back', async () => {
  await keep('x1');
  await clock.advance(20 * 60_000);
  provider = () => 'whole';
  queue.wake('default');
  await clock.advance(65_000);
  expect(stateOf('x1')).toBe('answered');
});

it('goes by priority, then by deadline, then by age; a file that has waited for an hour is no longer behind', async () => {
  provider = () => 'hangs';
  await keep('hold');
  await keep('b1', { priority: 'batch' });
  await keep('n1');
  await keep('n2', { deadline: HOUR });
  await keep('i1', { priority: 'interactive' });
  expect(store.order(clock.now()).filter((id) => id !== 'hold')).toEqual(['i1', 'n2', 'n1', 'b1']);
  await clock.advance(HOUR + 60_000);
  expect(store.get('n2')?.state).toBe('expired');
  await keep('n3');
  expect(store.order(clock.now()).indexOf('b1')).toBeLessThan(store.order(clock.now()).indexOf('n3'));
});

it('gives up what can’t be answered by anybody, with the reason, and goes on with the others', async () => {
  provider = (exchange) =>
    exchange === 'bad' ? { class: 'bad-request', symptom: 'status', status: 400, message: 'max_tokens is missing' } : 'whole';
  await keep('bad');
  await keep('good');
  await clock.advance(60_000);
  expect([stateOf('bad'), store.get('bad')?.reason, stateOf('good')]).toEqual(['failed', 'max_tokens is missing', 'answered']);
  expect((await journal.get('bad'))?.state).not.toBe('deferred');
});

it('lets the others past one that fails again and again', async () => {
  provider = (exchange) => (exchange === 'poison' ? DOWN : 'whole');
  await keep('poison');
  for (let each = 0; each < 8; each++) await keep(`x${each}`);
  await clock.advance(5 * 60_000);
  expect(store.counts()).toMatchObject({ answered: 8 });
  expect(asked.filter((exchange) => exchange === 'poison').length).toBeLessThan(12);
});

it('expires when its time is over, and says so once', async () => {
  await keep('x1', { deadline: 60_000 });
  await clock.advance(120_000);
  expect(stateOf('x1')).toBe('expired');
  expect(news.filter(({ change }) => change === 'expired')).toHaveLength(1);
  provider = () => 'whole';
  queue.wake();
  await clock.advance(HOUR);
  expect(stateOf('x1')).toBe('expired');
});

it('can be changed, cancelled, and asked by hand', async () => {
  await keep('x1');
  await keep('x2');
  expect(queue.change('x2', { priority: 'interactive' })?.priority).toBe('interactive');
  expect(store.order(clock.now())[0]).toBe('x2');
  expect((await queue.cancel('x1'))?.state).toBe('cancelled');
  expect(await queue.cancel('x1')).toBeUndefined();
  provider = () => 'whole';
  expect((await queue.run('x2')).ok).toBe(true);
  expect((await queue.run('x1')).ok).toBe(false);
  await clock.advance(2000);
  expect(stateOf('x2')).toBe('answered');
});

it('takes up what a process that died was asking, and what it had not written down', async () => {
  provider = () => 'hangs';
  await keep('x1');
  await clock.advance(10_000);
  expect(stateOf('x1')).toBe('running');
  // It dies; another one has kept x2 in the journal, and not in the queue.
  await queue.close();
  journal
    .open(openingOf('x2', { route: 'default' }), Buffer.from('{}'))
    .append({ type: 'end', outcome: { type: 'deferred', fault: DOWN } });
  await clock.advance(0);
  provider = () => 'whole';
  await start();
  await clock.advance(10 * 60_000);
  expect([stateOf('x1'), stateOf('x2')]).toEqual(['answered', 'answered']);
  expect(store.get('x1')?.attempts).toBe(2);
});

it('hears of an answer that somebody else asked for, and of one that was given up elsewhere', async () => {
  await keep('x1');
  await keep('x2');
  const log = journal.open(openingOf('other', { runs: 'x1', route: 'default' }), Buffer.from('{}'));
  await clock.advance(0);
  expect(stateOf('x1')).toBe('running');
  log.append(wholeEnd());
  await journal.withdraw('x2');
  provider = () => ({ type: 'gone' });
  await clock.advance(10 * 60_000);
  expect([stateOf('x1'), stateOf('x2')]).toEqual(['answered', 'cancelled']);
});

it('is listed page by page, in the order of the line, with what is over behind it', async () => {
  provider = () => 'hangs';
  await keep('held');
  for (const [exchange, priority] of [
    ['b1', 'batch'],
    ['n1', 'normal'],
    ['i1', 'interactive'],
    ['gone', 'normal'],
  ] as const)
    await keep(exchange, { priority });
  await queue.cancel('gone');
  const pages: string[] = [];
  for (let after: string | undefined; ; after = pages.at(-1)) {
    const page = store.list({ limit: 2, ...(after !== undefined && { after }) }, clock.now());
    pages.push(...page.map(({ exchange }) => exchange));
    if (page.length < 2) break;
  }
  const whole = store.list({ limit: 100 }, clock.now()).map(({ exchange }) => exchange);
  expect(pages).toEqual(whole);
  expect(whole.filter((exchange) => exchange !== 'held')).toEqual(['i1', 'n1', 'b1', 'gone']);
});

it('has no more than there is room for, and keeps what is over for a month', async () => {
  expect(queue.hasRoom()).toBe(true);
  provider = () => 'whole';
  await keep('x1');
  await clock.advance(60_000);
  expect(stateOf('x1')).toBe('answered');
  await clock.advance(31 * 24 * HOUR);
  expect(stateOf('x1')).toBeUndefined();
});

it('answers each exactly once whatever the provider does, as long as it comes back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('whole', 'down', 'down'), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      async (weather, jobs) => {
        await queue.close();
        rmSync(join(folder, 'queue.db'), { force: true });
        for (const rest of ['-wal', '-shm']) rmSync(join(folder, `queue.db${rest}`), { force: true });
        journal = memoryJournal({ clock, keepAfterEnd: 400 * HOUR });
        news = [];
        let turn = 0;
        provider = () => (turn < weather.length && weather[turn++] === 'down' ? DOWN : 'whole');
        await start();
        for (let each = 0; each < jobs; each++) await keep(`p${each}`);
        await clock.advance(20 * HOUR);
        expect(store.counts()).toEqual({ answered: jobs });
        expect(
          news
            .filter(({ change }) => change === 'answered')
            .map(({ job }) => job.exchange)
            .toSorted(),
        ).toEqual(Array.from({ length: jobs }, (_, each) => `p${each}`).toSorted());
      },
    ),
    { numRuns: 12 },
  );
});
