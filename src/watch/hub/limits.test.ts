import { describe, expect, it } from 'vitest';
import { limitsOf } from './limits.ts';

describe('limits', () => {
  it('allow so much at once and the rest as time goes by', () => {
    const limits = limitsOf({ report: { burst: 3, every: 1000 } });
    const takes = [0, 0, 0, 0, 999, 1000, 1000, 10_000, 10_000, 10_000, 10_000].map((now) => limits.take('report', 'one', now));
    expect(takes).toEqual([undefined, undefined, undefined, 1000, 1, undefined, 1000, undefined, undefined, undefined, 1000]);
    expect(limits.take('report', 'other', 0)).toBeUndefined();
  });

  it('remember no more networks than they should', () => {
    const limits = limitsOf({ report: { burst: 2, every: 1000 } }, 100);
    for (let count = 0; count < 1000; count++) limits.take('report', `network ${count}`, 0);
    expect(limits.size()).toBeLessThanOrEqual(100);
    // Who has asked last is not forgotten.
    limits.take('report', 'network 999', 0);
    expect(limits.take('report', 'network 999', 0)).toBe(1000);
  });
});
