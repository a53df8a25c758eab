import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answered, type Asked, houseOfAccounts, refusedWith, type Service } from '../../test/matrix/house-of-accounts.ts';

function busy(concurrency: number, ms: number, more: Partial<Service> = {}): Service {
  return { name: 'p', concurrency, answer: () => answered({}, ms), ...more };
}

const WAITS = { principal: 'local', priority: 'interactive' };

async function finish(house: ReturnType<typeof houseOfAccounts>, all: Asked[]): Promise<void> {
  for (let second = 0; second < 900 && !all.every((asked) => asked.outcome()); second++) await house.clock.advance(1000);
}

describe('at most so many at once', () => {
  it('sends the rest to the next target', async () => {
    const house = houseOfAccounts([busy(2, 5000), { name: 'q', answer: () => answered() }]);
    const all = [house.ask(), house.ask(), house.ask()];
    await finish(house, all);
    expect(all.map((asked) => asked.kinds())).toEqual([['first p key'], ['first p key'], ['first q key']]);
    expect(house.most('p')).toBe(2);
  });

  it('lets the rest wait in line where nobody else is there, in the order in which they came', async () => {
    const house = houseOfAccounts([busy(1, 100)], { patience: '60s' });
    const all = Array.from({ length: 8 }, () => house.ask());
    const order: number[] = [];
    for (let step = 0; step < 200 && order.length < all.length; step++) {
      await house.clock.advance(10);
      all.forEach((asked, index) => void (asked.kinds().length > 0 && !order.includes(index) && order.push(index)));
    }
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    await finish(house, all);
    expect(all.every((asked) => asked.outcome()?.type === 'complete')).toBe(true);
    expect(house.most('p')).toBe(1);
    expect(house.concurrency.status('p/m')).toBeUndefined();
  });

  it('says so when it has waited long enough, or the line is too long', async () => {
    const house = houseOfAccounts([busy(1, 8000)], { line: '3s' });
    const [first, second] = [house.ask(), house.ask()];
    expect(house.concurrency.status('p/m')).toEqual({ now: 1, most: 1, waiting: 1, line: [WAITS] });
    await house.clock.advance(3100);
    expect(second.outcome()).toMatchObject({
      type: 'failed',
      fault: { message: expect.stringContaining('its only place is taken (providers.p.concurrency)') },
    });
    await house.clock.advance(6000);
    expect(first.outcome()).toMatchObject({ type: 'complete' });

    const full = houseOfAccounts([busy(1, 8000)], { line: '3s' });
    const many = Array.from({ length: 103 }, () => full.ask());
    await full.clock.advance(1);
    expect(many.filter((asked) => asked.outcome()?.type === 'failed')).toHaveLength(2);
    expect(many.at(-1)!.outcome()).toMatchObject({ fault: { message: expect.stringContaining('and 100 more wait for one') } });
    for (const asked of many) asked.leave();
    expect(full.concurrency.status('p/m')).toBeUndefined();
  });

  it('counts a model of a service over all its keys', async () => {
    const keys = ['a', 'b'];
    const limited = busy(1, 1000, { keys, answer: (key) => (key === 'a' ? refusedWith(429, 'insufficient_quota') : answered({}, 1000)) });
    const house = houseOfAccounts([limited], { patience: '30s' });
    const all = [house.ask(), house.ask(), house.ask()];
    await finish(house, all);
    expect(all.every((asked) => asked.outcome()?.type === 'complete')).toBe(true);
    expect(house.most('p')).toBe(1);
  });

  it('frees the place of whoever leaves, under way or in line', async () => {
    const house = houseOfAccounts([busy(1, 5000)], { patience: '60s' });
    const [first, second, third] = [house.ask(), house.ask(), house.ask()];
    await house.clock.advance(100);
    second.leave();
    first.leave();
    await house.clock.advance(1);
    expect(third.kinds()).toEqual(['first p key']);
    expect(house.concurrency.status('p/m')).toEqual({ now: 1, most: 1, waiting: 0, line: [] });
  });

  it('lets nobody who has just come overtake the line', async () => {
    const house = houseOfAccounts([busy(1, 5000)], { patience: '60s' });
    const [first, second] = [house.ask(), house.ask()];
    await house.clock.advance(100);
    first.leave();
    const third = house.ask();
    await house.clock.advance(1);
    expect([second.kinds(), third.kinds()]).toEqual([['first p key'], []]);
  });

  it('never asks more at once, never forgets anybody, whatever happens', async () => {
    const step = fc.record({
      ms: fc.integer({ min: 0, max: 3000 }),
      answer: fc.constantFrom('good', 'slow', '503', '429', 'reset', 'cut'),
      leave: fc.option(fc.integer({ min: 0, max: 4000 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(step, { minLength: 1, maxLength: 15 }), async (most, steps) => {
        const answer: Service['answer'] = (_key, turn) => {
          const kind = steps[turn % steps.length]!.answer;
          if (kind === '503') return refusedWith(503, 'server_error');
          if (kind === '429') return refusedWith(429, 'rate_limit_exceeded', { 'retry-after': '1' });
          if (kind === 'reset') return [{ type: 'reset' }];
          if (kind === 'cut') return [...answered({}, 500).slice(0, 4), { type: 'reset' }];
          return answered({}, kind === 'slow' ? 2500 : 100);
        };
        const house = houseOfAccounts([{ name: 'p', concurrency: most, answer }]);
        const all: Asked[] = [];
        for (const { ms, leave } of steps) {
          const asked = house.ask();
          if (leave !== null) house.clock.after(leave, () => asked.leave());
          all.push(asked);
          await house.clock.advance(ms);
        }
        await finish(house, all);
        expect(all.every((asked) => asked.outcome())).toBe(true);
        expect(house.most('p')).toBeLessThanOrEqual(most);
        expect(house.concurrency.status('p/m')).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});
