import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { PageState, StatusPage } from '../page.ts';
import type { Fetched, FetchProblem, PageRequest } from './fetch-page.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { pageOf, pagesDatabase, testAdapter } from './poller.fixtures.ts';
import { createPoller, type Poller } from './poller.ts';
import { createPageStore } from './store.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const START = Date.UTC(2026, 5, 2, 6, 0);

/** A payload, or `unchanged`. */
type Answer = string | FetchProblem;
/** By address, or by host. */
type Script = Record<string, Answer | ((request: PageRequest) => Answer)>;

interface World {
  clock: ReturnType<typeof virtualClock> & Clock;
  /** Moves the wall clock alone. */
  leap: { wall: number; by(span: number): void };
  script: Script;
  asked: { at: number; url: string; validators?: PageRequest['validators'] }[];
  told: PageState[];
  broken: unknown[];
  counts: { read: number };
  database: DatabaseSync;
  start(pages: readonly StatusPage[], random?: () => number): Poller;
  state(page: string): PageState | undefined;
  /** Minutes at which an address was asked, since the start. */
  minutes(part: string): number[];
}

const pollers: Poller[] = [];
afterEach(async () => {
  for (const poller of pollers.splice(0)) await poller.close();
});

function world(script: Script, database = pagesDatabase(), clock = virtualClock(START)): World {
  const leap = { wall: 0, by: (span: number) => void (leap.wall += span) };
  const shifted = {
    ...clock,
    now: () => clock.now() + leap.wall,
    async advance(span: number) {
      for (let left = span; left > 0; left -= SECOND) {
        await clock.advance(Math.min(left, SECOND));
        await setImmediate();
      }
    },
  };
  const counts = { read: 0 };
  const begun = clock.monotonic();
  const made: World = {
    clock: shifted,
    leap,
    script,
    asked: [],
    told: [],
    broken: [],
    counts,
    database,
    start(pages, random = () => 0.5) {
      const poller = createPoller({
        clock: shifted,
        random,
        fetchPage: oneAtATime(fetchPage),
        adapterOf: () => testAdapter(counts),
        store: createPageStore(database),
        pages,
        onState: (state) => void made.told.push(structuredClone(state)),
        broken: (error) => void made.broken.push(error),
      });
      pollers.push(poller);
      return poller;
    },
    state: (page) => made.told.findLast((state) => state.page === page),
    minutes: (part) => made.asked.filter(({ url }) => url.includes(part)).map(({ at }) => Math.round((at - begun) / (MINUTE / 10)) / 10),
  };

  async function fetchPage(request: PageRequest): Promise<Result<Fetched, FetchProblem>> {
    made.asked.push({ at: clock.monotonic(), url: request.url, ...(request.validators && { validators: request.validators }) });
    const found = script[request.url] ?? script[new URL(request.url).host] ?? problem('dns');
    const answer = typeof found === 'function' ? found(request) : found;
    if (typeof answer === 'object') return err(answer);
    if (answer === 'unchanged') return ok({ type: 'unchanged' });
    const contentType = answer.startsWith('<') ? 'text/html' : 'application/json';
    return ok({
      type: 'payload',
      payload: { url: request.url, contentType, bytes: Buffer.from(answer) },
      validators: { etag: `"${answer.length}"` },
    });
  }
  return made;
}

function problem(type: FetchProblem['type'], more: Partial<FetchProblem> = {}): FetchProblem {
  return { type, message: `no: ${more.status ?? type}`, ...more };
}

const WELL = '{"state":"operational","open":[]}';
const ILL = '{"state":"operational","open":["Elevated errors"]}';

/** Numbers from 0 to 1 that look random (a linear congruence, Numerical Recipes'). */
function seeded(): () => number {
  let state = 1;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

describe('how often', () => {
  it('every five minutes, a little varied', async () => {
    const { clock, start, minutes } = world({ 'a.example': WELL });
    start([pageOf('a')], seeded());
    await clock.advance(180 * MINUTE);
    const times = minutes('a.example');
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(4.4);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5.6);
    expect(new Set(gaps.map((gap) => gap.toFixed(1))).size).toBeGreaterThan(3);
  });

  it('every one or two while something is open there', async () => {
    const { clock, start, minutes, script } = world({ 'a.example': ILL });
    start([pageOf('a')]);
    await clock.advance(5 * MINUTE);
    expect(minutes('a.example')).toEqual([0, 1.5, 3, 4.5]);
    script['a.example'] = WELL;
    await clock.advance(7 * MINUTE);
    expect(minutes('a.example').slice(4)).toEqual([6, 11]);
  });

  it('but not for weeks on end for a notice that nobody adds to', async () => {
    const { clock, start, asked } = world({ 'a.example': ILL });
    start([pageOf('a')]);
    await clock.advance(24 * 60 * MINUTE);
    const before = asked.length;
    await clock.advance(60 * MINUTE);
    expect(asked.length - before).toBe(12);
  });

  it('at once, and more often, when something is suspected; and then as before', async () => {
    const { clock, start, minutes } = world({ 'a.example': WELL, 'b.example': WELL });
    const poller = start([pageOf('a'), pageOf('b')]);
    await clock.advance(2 * MINUTE);
    poller.hurry(['a']);
    await clock.advance(3.1 * MINUTE);
    expect(minutes('a.example')).toEqual([0, 2, 3.5, 5]);
    expect(minutes('b.example')).toHaveLength(2);
    poller.hurry([]);
    await clock.advance(6.6 * MINUTE);
    expect(minutes('a.example').slice(4)).toEqual([6.5, 11.5]);
  });

  it('a suspicion that comes and goes does not have a page asked more than once a minute', async () => {
    const { clock, start, minutes } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    for (let second = 0; second < 180; second++) {
      poller.hurry(second % 2 === 0 ? ['a'] : []);
      await clock.advance(SECOND);
    }
    expect(minutes('a.example').length).toBeLessThanOrEqual(4);
  });

  it('many pages start one after another, the first ones first, and within seconds', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `p${index}`);
    const { clock, start, asked, broken } = world(Object.fromEntries(ids.map((id) => [`${id}.example`, WELL])));
    start(ids.map((id) => pageOf(id)));
    await clock.advance(1);
    expect(asked).toHaveLength(1);
    await clock.advance(5 * SECOND);
    expect(asked.length).toBeLessThan(20);
    await clock.advance(11 * SECOND);
    expect(broken).toEqual([]);
    expect(asked.map(({ url }) => new URL(url).host)).toEqual(ids.map((id) => `${id}.example`));
  });
});

describe('what is known', () => {
  it('is what was read, and that it was', async () => {
    const { clock, start, state } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    expect(poller.states()).toEqual([{ page: 'a', state: 'unknown' }]);
    await clock.advance(SECOND);
    expect(state('a')).toEqual({
      page: 'a',
      state: 'fresh',
      triedAt: START,
      readAt: START,
      reading: { components: [{ id: 'api', name: 'API', state: 'operational' }], incidents: [], listsAllOpen: true },
    });
    expect(poller.states()).toEqual([state('a')]);
  });

  it('is nothing any more after three intervals, and says why', async () => {
    const { clock, start, state, script, told } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    await clock.advance(SECOND);
    script['a.example'] = problem('timeout');
    await clock.advance(14.9 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'fresh', problem: 'no: timeout', readAt: START });
    await clock.advance(MINUTE);
    expect(state('a')).toMatchObject({ state: 'unknown', problem: 'no: timeout', readAt: START });
    expect(told.filter((one, index) => one.state !== told[index - 1]?.state)).toHaveLength(2);
    expect(poller.states()).toMatchObject([{ state: 'unknown' }]);
    script['a.example'] = ILL;
    await clock.advance(5 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [{ title: 'Elevated errors' }] } });
    expect(state('a')).not.toHaveProperty('problem');
  });

  it('with an incident open, three of the shorter ones', async () => {
    const { clock, start, state, script } = world({ 'a.example': ILL });
    const poller = start([pageOf('a')]);
    await clock.advance(SECOND);
    script['a.example'] = problem('timeout');
    await clock.advance(7 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'unknown' });
    expect(poller.states()).toMatchObject([{ state: 'unknown' }]);
  });

  it.each<[string, Answer]>([
    ['a web page', '<html>'],
    ['junk', '{'],
    ['what its adapter stumbles over', 'stumble'],
    ['a captive portal', problem('captive-portal')],
    ['403', problem('status', { status: 403 })],
    ['405', problem('status', { status: 405 })],
    ['too much', problem('too-big')],
    ['redirects', problem('redirects')],
    ['no name', problem('dns', { local: true })],
    ['nothing changed, though nothing was known', 'unchanged'],
  ])('is nothing from %s: neither well nor ill', async (_name, answer) => {
    const { clock, start, told, broken } = world({ 'a.example': answer });
    start([pageOf('a')]);
    await clock.advance(2 * MINUTE);
    expect(told.length).toBeGreaterThan(0);
    for (const state of told)
      expect(state).toEqual({ page: 'a', state: 'unknown', triedAt: expect.any(Number), problem: expect.any(String) });
    expect(broken).toEqual([]);
  });

  it('an unchanged page is fresh without being read again', async () => {
    const { clock, start, state, script, asked, counts, told } = world({ 'a.example': WELL });
    start([pageOf('a')]);
    await clock.advance(SECOND);
    script['a.example'] = 'unchanged';
    await clock.advance(5 * MINUTE);
    script['a.example'] = WELL;
    await clock.advance(5 * MINUTE);
    expect(asked[1]).toMatchObject({ validators: { etag: `"${WELL.length}"` } });
    expect(state('a')).toMatchObject({ state: 'fresh', readAt: START + 10 * MINUTE });
    expect(counts.read).toBe(1);
    expect(told[2]!.reading).toEqual(told[0]!.reading);
  });

  it('what is planned begins and ends though nobody changes the page', async () => {
    const work = `{"open":[],"work":[${START + 7 * MINUTE},${START + 12 * MINUTE}]}`;
    const { clock, start, told, script } = world({ 'a.example': work });
    start([pageOf('a')]);
    await clock.advance(SECOND);
    script['a.example'] = 'unchanged';
    await clock.advance(20 * MINUTE);
    const phases = told.map(({ reading }) => reading!.incidents[0]!.phase);
    expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual(['scheduled', 'in-progress', 'resolved']);
  });
});

describe('parts of a page', () => {
  const page = pageOf('a', { pageId: 'x' });
  const MORE = 'https://a.example/more.json';

  it('make one reading', async () => {
    const { clock, start, state } = world({ 'a.example': WELL, [MORE]: '{"open":["Slow"]}' });
    start([page]);
    await clock.advance(SECOND);
    expect(state('a')!.reading).toMatchObject({ components: [{ id: 'api' }], incidents: [{ title: 'Slow' }], listsAllOpen: true });
  });

  it('without one that it can do without, what that said lately stays for a while', async () => {
    const { clock, start, state, script } = world({ 'a.example': '{"state":"operational"}', [MORE]: '{"open":["Slow"]}' });
    start([page]);
    await clock.advance(SECOND);
    script[MORE] = problem('timeout');
    await clock.advance(10 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [{ title: 'Slow' }], listsAllOpen: false } });
    await clock.advance(10 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [], listsAllOpen: false } });
  });

  it('without one that it needs, nothing is known', async () => {
    const { clock, start, state } = world({ 'a.example': problem('timeout'), [MORE]: WELL });
    start([page]);
    await clock.advance(SECOND);
    expect(state('a')).toMatchObject({ state: 'unknown', problem: 'no: timeout' });
  });
});

describe('whoever does not want us', () => {
  const refusal = problem('status', { status: 403 });

  it('is left alone, twice as long each time, for an hour at most', async () => {
    const { clock, start, minutes, state } = world({ 'a.example': refusal });
    start([pageOf('a')]);
    await clock.advance(240 * MINUTE);
    const times = minutes('a.example');
    expect(times.slice(1).map((time, index) => Math.round(time - times[index]!))).toEqual([6, 11, 21, 41, 61, 61]);
    expect(state('a')!.problem).toContain('no: 403');
  });

  it('as long as it says', async () => {
    const { clock, start, minutes, script } = world({ 'a.example': problem('status', { status: 429, retryAfter: 90 * MINUTE }) });
    const poller = start([pageOf('a')]);
    await clock.advance(SECOND);
    script['a.example'] = WELL;
    poller.hurry(['a']);
    await clock.advance(89 * MINUTE);
    expect(minutes('a.example')).toEqual([0]);
    expect(poller.states()).toMatchObject([{ state: 'unknown', problem: 'no: 429, and is left alone until 07:30 UTC' }]);
    await clock.advance(3 * MINUTE);
    expect(poller.states()).toMatchObject([{ state: 'fresh' }]);
  });

  it('is so for all pages of its host', async () => {
    const { clock, start, asked } = world({ 'a.example': refusal });
    start([pageOf('a'), pageOf('b', { url: 'https://a.example/b' })]);
    await clock.advance(4 * MINUTE);
    expect(asked).toHaveLength(1);
  });

  it('a feed that a page can do without may be refused by itself', async () => {
    const { clock, start, minutes, state } = world({ 'a.example': WELL, 'https://a.example/more.json': refusal });
    start([pageOf('a', { pageId: 'x' })]);
    await clock.advance(14 * MINUTE);
    expect(minutes('state.json')).toEqual([0, 5, 10]);
    expect(minutes('more.json')).toEqual([0, 5]);
    expect(state('a')).toMatchObject({ state: 'fresh' });
  });

  it('a failure that may pass is tried once more soon, then as usual', async () => {
    const { clock, start, minutes } = world({ 'a.example': problem('timeout') });
    start([pageOf('a')]);
    await clock.advance(11 * MINUTE);
    expect(minutes('a.example')).toEqual([0, 0.5, 5.5, 10.5]);
  });
});

describe('mirrors', () => {
  const page = pageOf('a', { mirrors: ['https://one.example', 'https://two.example'] });

  it('are asked in order, and the one that answers comes first for an hour', async () => {
    const { clock, start, state, script, asked } = world({ 'a.example': '<html>', 'one.example': problem('timeout'), 'two.example': WELL });
    start([page]);
    await clock.advance(6 * MINUTE);
    expect(asked.map(({ url }) => new URL(url).host)).toEqual(['a.example', 'one.example', 'two.example', 'two.example']);
    expect(state('a')).toMatchObject({ state: 'fresh' });
    script['a.example'] = WELL;
    await clock.advance(60 * MINUTE);
    expect(new URL(asked.at(-1)!.url).host).toBe('a.example');
  });

  it("know nothing of each other's tags", async () => {
    const { clock, start, script, asked } = world({ 'a.example': WELL, 'one.example': WELL });
    start([page]);
    await clock.advance(SECOND);
    script['a.example'] = problem('timeout');
    await clock.advance(10 * MINUTE);
    expect(asked.map(({ url, validators }) => [new URL(url).host, validators !== undefined])).toEqual([
      ['a.example', false],
      ['a.example', true],
      ['one.example', false],
      ['one.example', true],
    ]);
  });

  it('all fail: every reason is told', async () => {
    const { clock, start, state } = world({ 'a.example': '<html>', 'one.example': problem('timeout') });
    start([page]);
    await clock.advance(SECOND);
    expect(state('a')!.problem).toBe('https://a.example/state.json: a web page came instead of JSON; no: timeout; no: dns');
  });
});

describe('a machine that slept', () => {
  it('knows nothing until it has read again, whatever its timers say', async () => {
    const { clock, start, leap, state, asked } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    await clock.advance(MINUTE);
    leap.by(8 * MINUTE);
    expect(poller.states()).toMatchObject([{ state: 'unknown', readAt: START }]);
    expect(state('a')).toMatchObject({ state: 'unknown' });
    await clock.advance(10 * SECOND);
    expect(asked).toHaveLength(2);
    expect(state('a')).toMatchObject({ state: 'fresh', readAt: expect.any(Number) });
  });

  it('notices by itself', async () => {
    const { clock, start, leap, told } = world({ 'a.example': WELL });
    start([pageOf('a')]);
    await clock.advance(MINUTE);
    leap.by(-3 * MINUTE);
    await clock.advance(40 * SECOND);
    expect(told.map(({ state }) => state)).toEqual(['fresh', 'unknown', 'fresh']);
  });
});

describe('a restart', () => {
  it('shows what was read before with its time; what is old is unknown', async () => {
    const before = world({ 'a.example': ILL, 'b.example': WELL });
    await before.start([pageOf('a'), pageOf('b')]).close();
    const first = before.start([pageOf('a'), pageOf('b')]);
    await before.clock.advance(10 * SECOND);
    await first.close();

    const soon = world(before.script, before.database, virtualClock(START + 4 * MINUTE));
    const poller = soon.start([pageOf('a'), pageOf('b')]);
    expect(poller.states()).toMatchObject([
      { page: 'a', state: 'fresh', readAt: START, reading: { incidents: [{ title: 'Elevated errors' }] } },
      { page: 'b', state: 'fresh' },
    ]);
    await soon.clock.advance(10 * SECOND);
    expect(soon.asked.map(({ url }) => url)).toEqual(['https://a.example/state.json']);
    expect(soon.asked[0]!.validators).toEqual({ etag: `"${ILL.length}"` });
    await poller.close();

    const late = world(before.script, before.database, virtualClock(START + 8 * 60 * MINUTE));
    expect(late.start([pageOf('a')]).states()).toMatchObject([{ state: 'unknown', readAt: expect.any(Number), reading: {} }]);
  });

  it('over and over does not ask over and over', async () => {
    const { clock, start, asked } = world({ 'a.example': problem('timeout') });
    for (let second = 0; second < 50; second++) {
      const poller = start([pageOf('a')]);
      await clock.advance(SECOND);
      await poller.close();
    }
    expect(asked).toHaveLength(1);
  });

  it('with another address under the same name begins anew', async () => {
    const { clock, start, database, script } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    await clock.advance(SECOND);
    await poller.close();
    expect(
      world(script, database)
        .start([pageOf('a', { url: 'https://elsewhere.example' })])
        .states(),
    ).toMatchObject([{ state: 'unknown' }]);
  });

  it('after the clock was put back trusts nothing from the future', async () => {
    const { clock, start, database, script } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    await clock.advance(SECOND);
    await poller.close();
    const back = world(script, database, virtualClock(START - 60 * MINUTE));
    expect(back.start([pageOf('a')]).states()).toMatchObject([{ state: 'unknown' }]);
  });
});

describe('other pages', () => {
  it('take the place of those before; what stays goes on as it was', async () => {
    const { clock, start, asked } = world({ 'a.example': WELL, 'b.example': WELL, 'c.example': WELL });
    const poller = start([pageOf('a'), pageOf('b')]);
    await clock.advance(10 * SECOND);
    poller.setPages([pageOf('c'), pageOf('b')]);
    await clock.advance(4 * MINUTE);
    expect(poller.states().map(({ page, state }) => [page, state])).toEqual([
      ['c', 'fresh'],
      ['b', 'fresh'],
    ]);
    await clock.advance(6 * MINUTE);
    expect(asked.filter(({ url }) => url.includes('a.example'))).toHaveLength(1);
    expect(asked.filter(({ url }) => url.includes('b.example'))).toHaveLength(3);
    poller.setPages([]);
    const before = asked.length;
    await clock.advance(60 * MINUTE);
    expect(asked).toHaveLength(before);
  });

  it('are not asked after the end', async () => {
    const { clock, start, asked } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    await clock.advance(SECOND);
    await poller.close();
    poller.setPages([pageOf('b')]);
    await clock.advance(60 * MINUTE);
    expect(asked).toHaveLength(1);
  });
});

describe('a store that fails', () => {
  it('ends the looking, and says so once', async () => {
    const { clock, start, database, broken, asked } = world({ 'a.example': WELL, 'b.example': WELL });
    start([pageOf('a'), pageOf('b')]);
    database.close();
    await clock.advance(60 * MINUTE);
    expect(broken).toHaveLength(1);
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});
