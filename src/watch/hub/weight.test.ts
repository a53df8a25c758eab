import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cappedSum, weightOf } from './weight.ts';

describe('the weight of a report', () => {
  it('is whole with own evidence, little for a bare click, less for a new key', () => {
    const backed = { attempts: 3, failures: 1 };
    expect(weightOf({ symptom: 'errors', own: backed }, 7)).toBe(1);
    expect(weightOf({ symptom: 'errors', own: { attempts: 3, failures: 0 } }, 7)).toBe(0.3);
    expect(weightOf({ symptom: 'errors', own: backed }, 6)).toBe(0.2);
    expect(weightOf({ symptom: 'works', own: backed }, 7)).toBe(0.3);
    expect(weightOf({ symptom: 'works', own: { attempts: 3, failures: 0 } }, 7)).toBe(1);
  });

  it('of one network is at most 40 % of the sum, or one report', () => {
    expect(cappedSum([])).toBe(0);
    expect(cappedSum([100])).toBe(1);
    expect(cappedSum([100, 100])).toBe(2);
    expect(cappedSum([1, 1, 1])).toBe(3);
    expect(cappedSum([100, 3, 3])).toBeCloseTo(10, 3);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 40 }), (weights) => {
        const sum = cappedSum(weights);
        const most = Math.max(1, 0.4 * sum);
        expect(sum).toBeCloseTo(
          weights.reduce((total, weight) => total + Math.min(weight, most), 0),
          2,
        );
      }),
    );
  });
});
