import { describe, expect, it } from 'vitest';
import { answered, type Asked, houseOfAccounts } from '../../test/matrix/house-of-accounts.ts';
import type { LinePlace } from './admission.ts';

type House = ReturnType<typeof houseOfAccounts>;

function slow(concurrency: number, ms = 1000): House {
  return houseOfAccounts([{ name: 'p', concurrency, answer: () => answered({}, ms) }], { line: '1h' }, (principal) =>
    principal === 'cy' ? 2 : 1,
  );
}

/** In which order they were answered, by name. */
async function order(house: House, all: Record<string, Asked>): Promise<string[]> {
  const seen: string[] = [];
  for (let step = 0; step < 3000 && seen.length < Object.keys(all).length; step++) {
    await house.clock.advance(100);
    for (const [name, asked] of Object.entries(all)) if (asked.kinds().length > 0 && !seen.includes(name)) seen.push(name);
  }
  return seen;
}

function crowd(house: House, principal: string, priority: 'interactive' | 'normal' | 'batch', count: number): Record<string, Asked> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${principal} ${priority} ${index}`, house.ask({ principal, priority })]),
  );
}

describe('places that are short', () => {
  it('go to people in turn, whoever asked more', async () => {
    const house = slow(1);
    const all = {
      ...crowd(house, 'ann', 'interactive', 12),
      ...crowd(house, 'bob', 'interactive', 3),
      ...crowd(house, 'cy', 'interactive', 6),
    };
    const turns = (await order(house, all)).map((name) => name.split(' ')[0]);
    const early = turns.slice(1, 13);
    const count = (name: string): number => early.filter((one) => one === name).length;
    expect([count('ann'), count('bob'), count('cy')]).toEqual([3, 3, 6]);
  });

  it('go to interactive before normal before batch, and to each at last', async () => {
    const house = slow(1);
    const all = {
      ...crowd(house, 'ann', 'batch', 3),
      ...crowd(house, 'ann', 'normal', 3),
      ...crowd(house, 'ann', 'interactive', 3),
    };
    const turns = (await order(house, all)).map((name) => name.split(' ')[1]);
    // The first found the place free.
    expect(turns).toEqual(['batch', ...Array(3).fill('interactive'), ...Array(3).fill('normal'), 'batch', 'batch']);
  });

  it('are never all left to batch where there are several', async () => {
    const house = slow(4);
    crowd(house, 'ann', 'batch', 10);
    await house.clock.advance(10);
    expect(house.concurrency.status('p/m')).toMatchObject({ now: 3, most: 4, waiting: 7 });
    const pressing = house.ask({ principal: 'bob' });
    await house.clock.advance(1);
    expect(pressing.kinds()).toEqual(['first p key']);
    await house.clock.advance(60_000);
    expect(house.concurrency.status('p/m')).toBeUndefined();
  });

  it('tell each who waits its place, and that it waits no longer', async () => {
    const house = slow(1);
    house.ask();
    const places: (LinePlace | undefined | 'none')[] = [];
    let look: (() => LinePlace | undefined) | undefined;
    const ask = (priority: 'batch' | 'interactive'): Asked =>
      house.ask({ principal: 'bob', priority, ...(priority === 'batch' && { inLine: (place) => void (look = place) }) });
    ask('batch');
    places.push(look?.());
    ask('interactive');
    ask('interactive');
    places.push(look?.());
    await house.clock.advance(1500);
    places.push(look?.());
    await house.clock.advance(60_000);
    places.push(look === undefined ? 'none' : look());
    expect(places).toEqual([
      { target: 'p/m', place: 1, of: 1 },
      { target: 'p/m', place: 3, of: 3 },
      { target: 'p/m', place: 2, of: 2 },
      'none',
    ]);
  });

  it('can’t be blocked by one who asks for more than the line has room for', async () => {
    const house = slow(1);
    crowd(house, 'ann', 'batch', 200);
    const pressing = house.ask({ principal: 'bob' });
    const modest = house.ask({ principal: 'cy', priority: 'batch' });
    await house.clock.advance(10);
    expect(house.concurrency.status('p/m')).toMatchObject({ waiting: 100 });
    expect([pressing.outcome(), modest.outcome()]).toEqual([undefined, undefined]);
    await house.clock.advance(5000);
    expect([pressing.outcome()?.type, modest.outcome()?.type]).toEqual(['complete', 'complete']);
  });
});
