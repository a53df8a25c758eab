import { describe, expect, it } from 'vitest';
import {
  PATIENCE,
  JITTER,
  house,
  visited,
  fault,
  DOWN,
  RESET,
  limited,
  NO_NETWORK,
  SAID,
  names,
} from '../../test/matrix/itinerary-house.ts';

/** Who is asked next, one rule after the other; what comes of it in whole exchanges is in engine.test.ts, concurrency.test.ts and others. */

describe('the next one', () => {
  it('is the next of the plan, each once, the first as such', () => {
    const { way, next } = house({ name: 'a' }, { name: 'b' });
    const first = next();
    expect(first).toMatchObject({ index: 0, kind: 'first', fresh: false, held: null, othersLeft: true });
    expect(way.remaining()).toBe(1);
    expect(way.failed(first, DOWN, undefined)).toBe('next');
    expect(next()).toMatchObject({ index: 1, kind: 'next', othersLeft: false });
    expect(way.remaining()).toBe(0);
    expect(way.next()).toEqual({ type: 'none' });
    expect(way.misses()).toEqual([{ target: 'a/m', fault: DOWN }]);
  });

  it('is not whom a control keeps out, which is told, once, with those whom the plan leaves out', () => {
    const { way, next, refuse, asks } = house({ name: 'a' }, { name: 'b' });
    refuse('a', { class: 'quota', until: Date.UTC(2026, 5, 2, 6, 6) });
    expect(next()).toMatchObject({ index: 1, kind: 'first', othersLeft: false });
    expect(asks[0]).toMatchObject({ index: 0, kind: 'first', size: 2 });
    expect(way.passed()).toEqual([
      { target: 'out/m', reason: 'never' },
      { target: 'a/m', reason: 'no a' },
    ]);
    expect(way.passed()).toEqual([]);
    expect(way.misses()).toEqual([{ target: 'a/m', fault: { class: 'quota', symptom: 'skipped', message: 'no a', retryAfter: 60_000 } }]);
  });

  it('is one that was passed over before, once it is no longer kept out', () => {
    const { way, next, refuse, refusals } = house({ name: 'a' }, { name: 'b' });
    refuse('a');
    const visit = next();
    refusals.clear();
    way.failed(visit, DOWN, undefined);
    expect(next()).toMatchObject({ index: 0, kind: 'next' });
    expect(names(way.passed())).toEqual(['out/m']);
    expect(names(way.misses())).toEqual(['b/m']);
  });

  it('is waited for as long as patience lasts, and no longer', async () => {
    const { way, clock, refuse, refusals } = house({ name: 'a' }, { name: 'b' });
    refuse('a', { until: clock.now() + 2000 });
    refuse('b', { until: clock.now() + 1000 });
    expect(way.next()).toEqual({ type: 'wait', ms: 1000 });
    await clock.advance(1000);
    refusals.delete('b');
    expect(visited(way.next())).toMatchObject({ index: 1, kind: 'first', othersLeft: false });

    const late = house({ name: 'a' });
    late.refuse('a', { until: late.clock.now() + PATIENCE + 1 });
    expect(late.way.next()).toEqual({ type: 'none' });
    late.refuse('a', { until: late.clock.now() + PATIENCE });
    expect(late.way.next()).toEqual({ type: 'wait', ms: PATIENCE });
    await late.clock.advance(PATIENCE);
    expect(late.way.next()).toEqual({ type: 'none' });
  });

  it('is one whom its control lets go when nobody else is left, as a trial', () => {
    const { way, asks, refusals } = house({ name: 'a' });
    refusals.set('a first', { reason: 'at its limit' });
    expect(visited(way.next())).toMatchObject({ index: 0, kind: 'first', fresh: true });
    expect(asks.at(-1)).toMatchObject({ kind: 'canary', lastResort: true });
  });

  it('is an open one only when nobody else is left, as a trial with a slot', () => {
    const { way, open, next } = house({ name: 'a' }, { name: 'b' });
    open('a');
    const visit = next();
    expect(visit).toMatchObject({ index: 1, othersLeft: false });
    expect(way.passed().at(-1)).toMatchObject({ target: 'a/m' });
    way.failed(visit, DOWN, undefined);
    const trial = next();
    expect(trial).toMatchObject({ index: 0, kind: 'canary', fresh: true });
    expect(trial.held).toEqual(expect.any(Number));
  });

  it('is polled for while somebody else tries it, for as long as patience lasts', async () => {
    const { way, open, health, clock } = house({ name: 'a' });
    open('a');
    expect(health.admit({ provider: 'a', model: 'm', credential: 'key', dialect: 'openai-chat', vendor: 'a' }, true).type).toBe('canary');
    expect(way.next()).toEqual({ type: 'wait', ms: 250 });
    await clock.advance(PATIENCE);
    expect(way.next()).toEqual({ type: 'none' });
  });
});

describe('several keys', () => {
  const KEYS = [{ name: 'a:1' }, { name: 'a:2' }, { name: 'b' }];

  it('of a service that has failed of itself are not tried one by one', () => {
    const { way, next } = house(...KEYS);
    way.failed(next(), DOWN, undefined);
    expect(next()).toMatchObject({ index: 2 });
    expect(way.remaining()).toBe(0);
  });

  it.each(['rate-limited', 'quota', 'auth'] as const)('are where the account is to blame: %s', (kind) => {
    const { way, next } = house(...KEYS);
    expect(way.failed(next(), fault({ class: kind }), undefined)).toBe('next');
    expect(next()).toMatchObject({ index: 1, kind: 'next', planned: { target: { credential: 'key 2' } } });
  });

  it('are nobody else: another service is', () => {
    expect(house({ name: 'a:1' }, { name: 'a:2' }).next().othersLeft).toBe(false);
    expect(house(...KEYS).next().othersLeft).toBe(true);
  });
});

describe('after a failure', () => {
  it('a bad request goes back in the words of a native target, and is asked of the next elsewhere', () => {
    const BAD = fault({ class: 'bad-request', status: 400 });
    const native = house({ name: 'a' }, { name: 'b' });
    const visit = native.next();
    expect(native.way.decides(visit, BAD, SAID)).toBe(true);
    expect(native.way.decides(visit, BAD, undefined)).toBe(false);
    expect(native.way.decides(visit, DOWN, SAID)).toBe(false);
    expect(native.way.decides({ ...visit, kind: 'hedge' }, BAD, SAID)).toBe(false);
    expect(native.way.failed(visit, BAD, SAID)).toBe('pass-back');
    const wordless = house({ name: 'a' });
    expect(wordless.way.failed(wordless.next(), BAD, undefined)).toBe('next');
    const foreign = house({ name: 'a', native: false }, { name: 'b' });
    const elsewhere = foreign.next();
    expect(foreign.way.decides(elsewhere, BAD, SAID)).toBe(false);
    expect(foreign.way.failed(elsewhere, BAD, SAID)).toBe('next');
  });

  it('what was too long goes only where there is known to be more room, or nothing known', () => {
    const { way, next } = house(
      { name: 'a', window: 200 },
      { name: 'b', window: 200 },
      { name: 'c', window: 100 },
      { name: 'd' },
      { name: 'e', window: 201 },
    );
    expect(way.failed(next(), fault({ class: 'too-long', status: 413 }), undefined)).toBe('next');
    const unknown = next();
    expect(unknown.index).toBe(3);
    // Whose room is not known makes nobody else's too small.
    expect(way.failed(unknown, fault({ class: 'too-long', status: 413 }), undefined)).toBe('next');
    expect(next().index).toBe(4);
    expect(way.next()).toEqual({ type: 'none' });
  });

  it('a fresh connection is tried where that helps and the breaker is closed, once', () => {
    const { way, next } = house({ name: 'a' }, { name: 'b' });
    const visit = next();
    expect(way.failed(visit, RESET, undefined)).toMatchObject({
      wait: 0,
      visit: { index: 0, kind: 'retry', fresh: true, after: RESET, othersLeft: true },
    });
    expect(way.failed(visit, RESET, undefined)).toBe('next');
    const weak = house({ name: 'a' }, { name: 'b' });
    weak.suspect('a');
    expect(weak.way.failed(weak.next(), RESET, undefined)).toBe('next');
  });

  it('a control may keep the second try from being made, which is told', () => {
    const { way, next, refusals } = house({ name: 'a' }, { name: 'b' });
    refusals.set('a retry', { reason: 'the budget is short' });
    const visit = next();
    way.passed();
    expect(way.failed(visit, RESET, undefined)).toBe('next');
    expect(way.passed()).toEqual([{ target: 'a/m', reason: 'not asked a second time: the budget is short' }]);
  });

  it('a short Retry-After is waited for, unless another key may be asked', () => {
    const alone = house({ name: 'a' }, { name: 'b' });
    expect(alone.way.failed(alone.next(), limited(PATIENCE), undefined)).toMatchObject({
      wait: PATIENCE,
      visit: { index: 0, kind: 'retry' },
    });
    for (const wait of [undefined, PATIENCE + 1]) {
      const { way, next } = house({ name: 'a' }, { name: 'b' });
      expect(way.failed(next(), limited(wait), undefined)).toBe('next');
    }
    const keys = house({ name: 'a:1' }, { name: 'a:2' });
    expect(keys.way.failed(keys.next(), limited(1000), undefined)).toBe('next');
    expect(keys.way.failed(keys.next(), limited(1000), undefined)).toMatchObject({ wait: 1000, visit: { index: 1 } });
  });

  it('the last one is asked once more after half a second and some, or after its Retry-After', () => {
    const half = 500 * (1 + JITTER / 256);
    for (const [retryAfter, wait] of [
      [undefined, half],
      [100, half],
      [2000, 2000],
      [PATIENCE, PATIENCE],
    ] as const) {
      const { way, next } = house({ name: 'a' });
      const failure = fault(retryAfter === undefined ? {} : { retryAfter });
      expect(way.failed(next(), failure, undefined)).toMatchObject({ wait, visit: { kind: 'retry' } });
    }
    const long = house({ name: 'a' });
    expect(long.way.failed(long.next(), fault({ retryAfter: PATIENCE + 1 }), undefined)).toBe('next');
    const quota = house({ name: 'a' });
    expect(quota.way.failed(quota.next(), fault({ class: 'quota' }), undefined)).toBe('next');
    const others = house({ name: 'a' }, { name: 'b' });
    expect(others.way.failed(others.next(), DOWN, undefined)).toBe('next');
  });

  it('nobody is asked again whom health keeps out for longer than the wait', () => {
    const marked = (until: number) => {
      const { way, next, health } = house({ name: 'a' }, { name: 'b' });
      const visit = next();
      health.failed(visit.planned.target, limited(until), { remaining: 0 } as never);
      way.passed();
      return { again: way.failed(visit, limited(1000), undefined), passed: way.passed() };
    };
    // Its own wait has marked it until the very moment that is waited for.
    expect(marked(1000).again).toMatchObject({ wait: 1000 });
    const longer = marked(60_000);
    expect(longer.again).toBe('next');
    expect(longer.passed).toEqual([{ target: 'a/m', reason: expect.stringMatching(/^not asked a second time: ./) as string }]);
  });

  it('nobody who could not be asked is without a reason in the record', () => {
    const { way, next } = house({ name: 'a' }, { name: 'b' });
    const visit = next();
    way.passed();
    way.missed(visit, DOWN);
    expect(way.passed()).toEqual([]);
    way.missed(visit, fault({ symptom: 'skipped', message: 'can not be told that' }));
    expect(way.passed()).toEqual([{ target: 'a/m', reason: 'can not be told that' }]);
  });

  it('a network that is away says nothing against a service, nor does being cancelled', () => {
    for (const kind of ['local-network', 'cancelled'] as const) {
      const { way, next } = house({ name: 'a:1' }, { name: 'a:2' }, { name: 'b' });
      way.missed(next(), fault({ class: kind }));
      expect(next()).toMatchObject({ index: 1 });
    }
  });

  it('a network that is away is waited is waited for once; from then on only what is local is asked', () => {
    const { way, next } = house({ name: 'a' }, { name: 'b' }, { name: 'c', local: true });
    const visit = next();
    expect(way.networkWait(DOWN)).toBeUndefined();
    expect(way.failed(visit, NO_NETWORK, undefined)).toMatchObject({ wait: 2000, visit: { index: 0, kind: 'retry' } });
    expect(way.failed(visit, NO_NETWORK, undefined)).toBe('next');
    expect(next()).toMatchObject({ index: 2 });
  });
});

describe('the own words of a provider', () => {
  it('are told where nobody else was there to be asked', () => {
    const { way, next } = house({ name: 'a:1' }, { name: 'a:2' });
    way.failed(next(), fault({ class: 'quota' }), SAID);
    expect(way.onlyResponse()).toBe(SAID);
    const two = house({ name: 'a' }, { name: 'b' });
    two.way.failed(two.next(), fault({ class: 'quota' }), SAID);
    expect(two.way.onlyResponse()).toBeUndefined();
    // What will pass, and what nobody said: not somebody's last word.
    const silent = house({ name: 'a' });
    silent.way.failed(silent.next(), fault({ class: 'quota' }), undefined);
    expect(silent.way.onlyResponse()).toBeUndefined();
    const foreign = house({ name: 'a', native: false });
    foreign.way.failed(foreign.next(), fault({ class: 'quota' }), SAID);
    expect(foreign.way.onlyResponse()).toBeUndefined();
  });
});

describe('beside a slow one', () => {
  it('another service is asked that is well and not kept out, and nobody is passed over for it', () => {
    const { way, next, refusals, open } = house(
      { name: 'a:1' },
      { name: 'a:2' },
      { name: 'own', passThrough: true },
      { name: 'ill' },
      { name: 'dear' },
      { name: 'b' },
    );
    open('ill');
    refusals.set('dear hedge', { reason: 'too dear' });
    const slow = next();
    expect(way.hedge(slow)).toMatchObject({ index: 5, kind: 'hedge', fresh: false });
    expect(way.hedge(slow)).toBeUndefined();
    expect(names(way.misses())).toEqual([]);
    way.fell(slow, fault({ class: 'quota' }), undefined);
    expect(next()).toMatchObject({ index: 1, kind: 'next' });
  });

  it('nobody is asked whose other key has been', () => {
    const { way, next } = house({ name: 'a:1' }, { name: 'b' }, { name: 'a:2' });
    way.fell(next(), fault({ class: 'quota' }), undefined);
    const slow = next();
    expect(slow.index).toBe(1);
    expect(way.hedge(slow)).toBeUndefined();
  });

  it('a failure of one while the other goes on is noted like any', () => {
    const { way, next } = house({ name: 'a', window: 100 }, { name: 'b', window: 100 }, { name: 'c', window: 200 });
    way.fell(next(), fault({ class: 'too-long', status: 413 }), SAID);
    expect(next()).toMatchObject({ index: 2, kind: 'next' });
    expect(names(way.misses())).toEqual(['a/m']);
  });
});
