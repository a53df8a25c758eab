import { describe, expect, it } from 'vitest';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import { pageOf } from './poller.fixtures.ts';
import { ILL, MINUTE, problem, SECOND, START, WELL, world } from './poller-world.fixtures.ts';

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

describe('a machine without a network', () => {
  it('tries again soon: nobody is bothered, and the page is wanted once it is back', async () => {
    const { clock, start, minutes, script, state } = world({ 'a.example': problem('dns', { local: true }) });
    start([pageOf('a')]);
    await clock.advance(5 * MINUTE);
    expect(minutes('a.example')).toHaveLength(11);
    script['a.example'] = WELL;
    await clock.advance(MINUTE);
    expect(state('a')).toMatchObject({ state: 'fresh' });
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
