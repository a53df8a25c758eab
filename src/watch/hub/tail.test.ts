import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tailOf } from './tail.ts';

describe('the tail of what is usual', () => {
  it('is that of a Poisson distribution where variance is the mean', () => {
    expect(tailOf(3, 0.06, 1)).toBeCloseTo(1 - Math.exp(-0.06) * (1 + 0.06 + 0.0018), 12);
    expect(tailOf(0, 0.06, 1)).toBe(1);
  });

  it('is heavier where it is more scattered', () => {
    // With m = 1 and d = 2: r = 1, q = 1/2, so P(X >= k) = 2^-k.
    for (const count of [1, 2, 5, 20]) expect(tailOf(count, 1, 2)).toBeCloseTo(2 ** -count, 10);
    expect(tailOf(4, 0.06, 1.44)).toBeLessThan(1e-3);
    expect(tailOf(3, 0.06, 1.44)).toBeGreaterThan(1e-3);
  });

  it('is a share, and less for more', () => {
    const cases = fc.tuple(
      fc.integer({ min: 0, max: 400 }),
      fc.double({ min: 0.01, max: 3000, noNaN: true }),
      fc.double({ min: 1, max: 50, noNaN: true }),
    );
    fc.assert(
      fc.property(cases, ([count, mean, dispersion]) => {
        const one = tailOf(count, mean, dispersion);
        expect(one).toBeGreaterThanOrEqual(0);
        expect(one).toBeLessThanOrEqual(1);
        expect(tailOf(count + 1, mean, dispersion)).toBeLessThanOrEqual(one * (1 + 1e-9));
      }),
    );
  });
});
