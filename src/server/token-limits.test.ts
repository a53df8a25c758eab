import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { createTokenLimits } from './token-limits.ts';

describe('the limits of a token', () => {
  it('lets so many in within any span, says when the next may come, and keeps that', async () => {
    const clock = virtualClock();
    const limits = createTokenLimits(clock);
    const ask = (): number | undefined => {
      const admitted = limits.admit('ann', { requests: '3/minute' });
      return 'fault' in admitted ? admitted.fault.retryAfter : undefined;
    };
    expect([ask(), ask()]).toEqual([undefined, undefined]);
    await clock.advance(20_000);
    expect([ask(), ask()]).toEqual([undefined, 40_000]);
    await clock.advance(39_000);
    expect(ask()).toBe(1000);
    await clock.advance(1000);
    expect([ask(), ask(), ask()]).toEqual([undefined, undefined, 20_000]);
    const refused = limits.admit('ann', { requests: '3/minute' });
    expect(refused).toMatchObject({
      fault: { class: 'rate-limited', message: expect.stringContaining('server.tokens.ann.requests: 3/minute') as string },
    });
  });

  it('lets so many in at once, each holder for itself', () => {
    const limits = createTokenLimits(virtualClock());
    const first = limits.admit('ann', { concurrency: 1 });
    if ('fault' in first) throw new Error(first.fault.message);
    expect(limits.admit('ann', { concurrency: 1 })).toMatchObject({
      fault: { class: 'rate-limited', message: expect.stringContaining('ann has 1 request under way') as string },
    });
    expect(limits.admit('bob', { concurrency: 1 })).not.toHaveProperty('fault');
    first.done();
    first.done();
    expect(limits.admit('ann', { concurrency: 1 })).not.toHaveProperty('fault');
    expect(limits.admit('ann', { concurrency: 1 })).toHaveProperty('fault');
  });

  it('never lets more in than it says, and whoever comes back when it was told to is let in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 60 }),
        async (most, waits) => {
          const clock = virtualClock();
          const limits = createTokenLimits(clock);
          const taken: number[] = [];
          for (const wait of waits) {
            await clock.advance(wait);
            let admitted = limits.admit('ann', { requests: `${most}/minute` });
            if ('fault' in admitted) {
              await clock.advance(admitted.fault.retryAfter!);
              admitted = limits.admit('ann', { requests: `${most}/minute` });
            }
            expect(admitted).not.toHaveProperty('fault');
            const now = clock.monotonic();
            taken.push(now);
            expect(taken.filter((at) => at > now - 60_000).length).toBeLessThanOrEqual(most);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
