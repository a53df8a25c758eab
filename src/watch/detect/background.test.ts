import { beforeEach, describe, expect, it } from 'vitest';
import type { ProductKey } from '../product.ts';
import { openWatchInMemory } from '../store/open.ts';
import { isIll } from '../verdict.ts';
import { type Background, NO_BACKGROUND, usualRate, weightOfFailure } from './background.ts';
import { createBackgroundStore } from './background-store.ts';
import { createJudge, type Judge } from './judge.ts';

const MINUTE = 60_000;
const KEY: ProductKey = { provider: 'wall', product: 'api', model: 'm' };
const NAME = 'wall/api/m';

let at: number;
let judge: Judge;

function begin(backgrounds: ReadonlyMap<string, Background> = new Map()): void {
  at = Date.UTC(2026, 10, 23, 8);
  judge = createJudge({ now: () => at, title: () => 'it', before: [], backgrounds });
}
beforeEach(() => begin());

function ask(fails: boolean): void {
  judge.attempt(KEY, 'wall/m', fails ? { type: 'provider', label: '500' } : { type: 'ok' });
  judge.look();
}

function isSeen(): boolean {
  return isIll(judge.judgements().find(({ key }) => key === NAME)!.verdict);
}

/** Requests half a minute apart, of which each so many fails; after how many it is seen. */
function seenAfter(every: number, most: number): number {
  for (let count = 1; count <= most; count++) {
    at += MINUTE / 2;
    ask(count % every === 0);
    if (isSeen()) return count;
  }
  return Infinity;
}

describe('what fails in part', () => {
  it('is seen, though most of it is answered', () => {
    expect(seenAfter(10, 120)).toBeLessThan(100);
  });

  it('is not seen in what fails on any day', () => {
    expect(seenAfter(100, 3000)).toBe(Infinity);
  });

  it('is over when it has not failed for a while', () => {
    seenAfter(10, 120);
    for (let count = 0; count < 60; count++) {
      at += MINUTE / 2;
      ask(false);
    }
    expect(isSeen()).toBe(false);
  });
});

describe('what usually fails', () => {
  const thrice = (): void => {
    for (let count = 0; count < 3; count++) {
      at += 3 * MINUTE;
      ask(true);
    }
  };

  it('makes a failure say less', () => {
    thrice();
    expect(isSeen()).toBe(true);
    begin(new Map([[NAME, { asked: 3000, failed: 120, pending: 0 }]]));
    thrice();
    expect(isSeen()).toBe(false);
    // Whatever is usual: what fails altogether is seen.
    for (let count = 0; count < 3; count++) ask(true);
    expect(isSeen()).toBe(true);
  });

  it('is learned on calm days, and not from an outage', () => {
    for (let count = 1; count <= 2000; count++) {
      at += MINUTE / 2;
      ask(count % 40 === 0);
    }
    const learned = judge.backgrounds().get(NAME)!;
    expect(usualRate(learned)).toBeGreaterThan(0.015);
    for (let count = 0; count < 300; count++) {
      at += MINUTE / 2;
      ask(true);
    }
    expect(usualRate(judge.backgrounds().get(NAME)!)).toBeCloseTo(usualRate(learned), 3);
  });

  it('is one in a hundred at the least and one in twenty at the most', () => {
    expect(usualRate(NO_BACKGROUND)).toBe(0.01);
    expect(usualRate({ asked: 9000, failed: 0 })).toBe(0.01);
    expect(usualRate({ asked: 9000, failed: 9000 })).toBe(0.05);
    expect(weightOfFailure(0.01)).toBe(1);
    expect(weightOfFailure(0.05)).toBeGreaterThan(0.5);
  });

  it('outlasts a restart, and is let go when nobody has asked for long', () => {
    const database = openWatchInMemory();
    const store = createBackgroundStore(database);
    store.keep(new Map([[NAME, { asked: 3000.5, failed: 90.25, pending: 2 }]]), at + 0.5);
    store.keep(new Map([['wall/api/new', NO_BACKGROUND]]), at);
    expect([...createBackgroundStore(database).known()]).toEqual([[NAME, { asked: 3000.5, failed: 90.25, pending: 0 }]]);
    store.keep(new Map(), at + 91 * 86_400_000);
    expect(store.known().size).toBe(0);
    database.close();
  });
});
