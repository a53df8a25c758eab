import { describe, expect, it } from 'vitest';
import type { Fault } from '../exchange/fault.ts';
import type { Refusal } from './admission.ts';
import { PATIENCE, house, visited, fault, RESET, NO_NETWORK } from '../../test/matrix/itinerary-house.ts';

/** Who is asked next where one stands in line, and after the first words. */

describe('a line', () => {
  /** A line whose head is called by hand. */
  function lined() {
    const calls: (() => void)[] = [];
    let left = 0;
    const wait: NonNullable<Refusal['wait']> = (ready) => {
      calls.push(ready);
      return () => void (left += 1);
    };
    return { calls, wait, left: () => left };
  }

  it('is stood in until one is called, or patience is at an end', async () => {
    const { way, refuse, refusals, clock } = house({ name: 'a' });
    const { calls, wait, left } = lined();
    refuse('a', { wait });
    const found = way.next();
    if (found.type !== 'line') throw new Error(found.type);
    let ready = 0;
    found.stand(() => (ready += 1));
    calls[0]!();
    expect(ready).toBe(1);
    // Called, and no longer pressed for time.
    await clock.advance(PATIENCE);
    expect([ready, left()]).toEqual([1, 0]);
    refusals.clear();
    expect(visited(way.next())).toMatchObject({ index: 0 });
    expect(left()).toBe(0);

    const late = house({ name: 'a' });
    const other = lined();
    late.refuse('a', { wait: other.wait });
    const stand = late.way.next();
    if (stand.type !== 'line') throw new Error(stand.type);
    stand.stand(() => (ready += 10));
    await late.clock.advance(PATIENCE);
    expect([ready, other.left()]).toEqual([11, 1]);
    expect(late.way.next()).toEqual({ type: 'none' });
  });

  it('is left by whoever goes elsewhere, or away', () => {
    const { way, refuse, refusals } = house({ name: 'a' }, { name: 'b' });
    const { wait, left } = lined();
    refuse('a', { wait });
    refuse('b');
    const found = way.next();
    if (found.type !== 'line') throw new Error(found.type);
    found.stand(() => undefined);
    refusals.delete('b');
    expect(visited(way.next())).toMatchObject({ index: 1 });
    expect(left()).toBe(1);

    const away = house({ name: 'a' });
    const other = lined();
    away.refuse('a', { wait: other.wait });
    const stand = away.way.next();
    if (stand.type !== 'line') throw new Error(stand.type);
    stand.stand(() => undefined);
    away.way.close();
    expect(other.left()).toBe(1);
  });

  it('is the first that there is, and is left by whoever gives it up', async () => {
    const { way, refuse, clock } = house({ name: 'a' }, { name: 'b' });
    const [first, second] = [lined(), lined()];
    refuse('a', { wait: first.wait });
    refuse('b', { wait: second.wait });
    const found = way.next();
    if (found.type !== 'line') throw new Error(found.type);
    let ready = 0;
    const leave = found.stand(() => (ready += 1));
    expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
    leave();
    await clock.advance(PATIENCE);
    expect([ready, first.left()]).toEqual([0, 1]);
  });

  it('is not stood in for somebody who is ill, and is where nobody else is left for a second try', () => {
    const ill = house({ name: 'a' });
    ill.suspect('a');
    ill.refuse('a', { wait: lined().wait });
    expect(ill.way.next()).toEqual({ type: 'none' });

    const { way, next, refuse } = house({ name: 'a' });
    const visit = next();
    expect(way.stands(visit)).toBe(true);
    refuse('a');
    expect(way.stands(visit)).toBe(false);
    refuse('a', { wait: lined().wait });
    expect(way.stands(visit)).toBeTypeOf('function');
    expect(way.stands({ ...visit, othersLeft: true })).toBe(false);
  });
});

describe('a hop', () => {
  const cutOf = (index: number, of: Fault, since = 100_000) => ({ index, fault: of, since });

  it('goes to the same one on a fresh connection, then to those behind it, then to those before it, each once', () => {
    const { way, clock } = house({ name: 'a' }, { name: 'b' }, { name: 'c' });
    const order: number[] = [];
    for (let from = 1; ;) {
      const found = way.hop(cutOf(from, RESET, clock.monotonic()));
      if (found.type !== 'visit') break;
      expect(found.visit).toMatchObject({ kind: 'hop', fresh: true });
      order.push((from = found.visit.index));
    }
    expect(order).toEqual([1, 2, 0]);
  });

  it('goes elsewhere at once where the same one is suspected, was to blame for its words, or has no account left', () => {
    const weak = house({ name: 'a' }, { name: 'b' });
    weak.suspect('a');
    expect(visited(weak.way.hop(cutOf(0, RESET)))).toMatchObject({ index: 1 });
    for (const failure of [fault({ symptom: 'diverged' }), fault({ class: 'quota' })]) {
      const { way } = house({ name: 'a' }, { name: 'b' });
      expect(visited(way.hop(cutOf(0, failure)))).toMatchObject({ index: 1 });
      expect(way.hop(cutOf(1, failure))).toMatchObject({ type: 'visit', visit: { index: 0 } });
    }
  });

  it('rather goes to the doubtful than nowhere', () => {
    const { way, open } = house({ name: 'a' }, { name: 'b' });
    open('a');
    open('b');
    expect(visited(way.hop(cutOf(0, RESET)))).toMatchObject({ index: 0, kind: 'hop', held: expect.any(Number) as number });
  });

  it('does not count whom our own network did not let us reach', () => {
    const { way } = house({ name: 'a' });
    expect(visited(way.hop(cutOf(0, RESET)))).toMatchObject({ index: 0 });
    expect(way.hop(cutOf(0, RESET))).toEqual({ type: 'none' });
    expect(visited(way.hop(cutOf(0, NO_NETWORK)))).toMatchObject({ index: 0 });
  });

  it('does not go to a login of the client, to what is too small, or to another key of who has failed', () => {
    const { way, next } = house(
      { name: 'a:1', window: 100 },
      { name: 'a:2', window: 300 },
      { name: 'own', passThrough: true },
      { name: 'c', window: 100 },
    );
    way.fell(next(), fault({ class: 'too-long' }), undefined);
    expect(way.hop(cutOf(0, fault({ class: 'quota' })))).toEqual({ type: 'none' });
  });

  it('that a control does not let go is told; it is waited for as long as patience lasts since the cut', async () => {
    const { way, clock, refusals, asks } = house({ name: 'a' }, { name: 'b' });
    refusals.set('a hop', { reason: 'no a', until: clock.now() + 2000 });
    refusals.set('b hop', { reason: 'no b', class: 'quota', until: clock.now() + PATIENCE + 1 });
    way.passed();
    const since = clock.monotonic();
    expect(way.hop(cutOf(0, RESET, since))).toEqual({ type: 'wait', ms: 2000 });
    expect(asks.at(-1)).toMatchObject({ kind: 'hop' });
    expect(way.passed()).toEqual([
      { target: 'a/m', reason: 'no a' },
      { target: 'b/m', reason: 'no b' },
    ]);
    await clock.advance(PATIENCE);
    refusals.set('a hop', { reason: 'no a', until: clock.now() + 2000 });
    expect(way.hop(cutOf(0, RESET, since))).toEqual({ type: 'none' });
  });

  it('passes nobody over who has failed of itself: that says more', () => {
    const { way, next, refuse } = house({ name: 'a' }, { name: 'b' });
    const visit = next();
    way.missed(visit, RESET);
    refuse('a');
    refuse('b');
    way.passed();
    expect(way.hop(cutOf(0, RESET))).toEqual({ type: 'none' });
    expect(way.misses().map(({ target, fault: { message } }) => [target, message])).toEqual([
      ['a/m', 'down'],
      ['b/m', 'no b'],
    ]);
    expect(way.passed()).toEqual([
      { target: 'a/m', reason: 'no a' },
      { target: 'b/m', reason: 'no b' },
    ]);
  });

  it('does not stand in line for somebody who is ill', () => {
    const { way, suspect, refusals } = house({ name: 'a' }, { name: 'b' });
    suspect('b');
    refusals.set('a', { reason: 'no a' });
    refusals.set('b hop', { reason: 'no b', wait: () => () => undefined });
    expect(way.hop(cutOf(0, RESET))).toEqual({ type: 'none' });
  });

  it('stands in the first line that there is, unless somebody may go at once', () => {
    const wait = () => () => undefined;
    const { way, refusals } = house({ name: 'a' }, { name: 'b' }, { name: 'c' });
    refusals.set('a hop', { reason: 'no a', wait });
    refusals.set('b hop', { reason: 'no b', wait });
    expect(visited(way.hop(cutOf(0, RESET)))).toMatchObject({ index: 2 });
    expect(way.hop(cutOf(0, RESET)).type).toBe('line');
  });
});
