import { describe, expect, it } from 'vitest';
import { pageOf } from './poller.fixtures.ts';
import { ILL, MINUTE, problem, SECOND, START, WELL, world, type Answer } from './poller-world.fixtures.ts';

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
      askedAt: START,
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

  it('what has become too old in haste is not known again when the haste is over', async () => {
    const { clock, start, state, script } = world({ 'a.example': WELL });
    const poller = start([pageOf('a')]);
    await clock.advance(SECOND);
    script['a.example'] = problem('timeout');
    poller.hurry(['a']);
    await clock.advance(7 * MINUTE);
    expect(poller.states()).toMatchObject([{ state: 'unknown' }]);
    poller.hurry([]);
    await clock.advance(10 * SECOND);
    expect(poller.states()).toMatchObject([{ state: 'unknown' }]);
    expect(state('a')).toMatchObject({ state: 'unknown' });
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

  it('is asked for whole once an hour: some caches say for good that nothing has changed', async () => {
    const { clock, start, state } = world({
      'a.example': ({ validators }) => (validators ? 'unchanged' : clock.now() < START + MINUTE ? WELL : ILL),
    });
    start([pageOf('a')]);
    await clock.advance(55 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'fresh', reading: { incidents: [] } });
    await clock.advance(10 * MINUTE);
    expect(state('a')).toMatchObject({ reading: { incidents: [{ title: 'Elevated errors' }] } });
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

  it('all of which it can do without: one is enough, none is not, whatever was said before', async () => {
    const regions = pageOf('a', { feeds: ['https://a.example/east', 'https://a.example/west'] });
    const { clock, start, state, script } = world({
      'https://a.example/east': '{"open":["East"]}',
      'https://a.example/west': '{"open":["West"]}',
    });
    start([regions]);
    await clock.advance(SECOND);
    const titles = () => state('a')!.reading!.incidents.map(({ title }) => title);
    expect(titles()).toEqual(['East', 'West']);
    script['https://a.example/west'] = problem('timeout');
    await clock.advance(2 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'fresh' });
    expect(titles()).toEqual(['East', 'West']);
    const { readAt } = state('a')!;
    script['https://a.example/east'] = problem('timeout');
    await clock.advance(8 * MINUTE);
    expect(state('a')).toMatchObject({ state: 'unknown', problem: 'no: timeout', readAt });
  });

  it('there are none: nothing is known', async () => {
    const { clock, start, state } = world({});
    start([pageOf('a', { feeds: [] })]);
    await clock.advance(SECOND);
    expect(state('a')).toMatchObject({ state: 'unknown', problem: 'https://a.example has no feed that could be read' });
  });
});
