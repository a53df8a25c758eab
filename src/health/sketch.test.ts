import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptySketch, FADE, observe, quantileOf, RELATIVE_ERROR } from './sketch.ts';

/** The smallest value at which the faded weight reaches the share: exact, from all observations. */
function exact(values: number[], share: number): number {
  const weighted = values
    .map((value, index) => ({ value, weight: FADE ** (values.length - index) }))
    .sort((left, right) => left.value - right.value);
  const total = weighted.reduce((sum, one) => sum + one.weight, 0);
  let sum = 0;
  for (const { value, weight } of weighted) {
    sum += weight;
    if (sum >= share * total) return value;
  }
  return weighted.at(-1)?.value ?? Number.NaN;
}

const durations = fc.array(fc.double({ min: 10, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 1500 });

test.each([0.5, 0.95, 0.99])('quantile %d is within the stated error of the exact one, for any durations', (share) => {
  fc.assert(
    fc.property(durations, (values) => {
      const sketch = emptySketch();
      for (const value of values) observe(sketch, value);
      const found = quantileOf(sketch, share) ?? Number.NaN;
      // Sums of floats may fall on either side of a step.
      const low = exact(values, share - 1e-9);
      const high = exact(values, Math.min(1, share + 1e-9));
      expect(found).toBeGreaterThanOrEqual(low / (1 + RELATIVE_ERROR) - 1e-6);
      expect(found).toBeLessThanOrEqual(high * (1 + RELATIVE_ERROR) + 1e-6);
    }),
    { numRuns: 60 },
  );
});

test('the error holds over many observations, also where weights are scaled back', () => {
  let state = 3;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = Array.from({ length: 20_000 }, () => 200 * Math.exp(2 * random()) * (random() < 0.02 ? 10 : 1));
  const sketch = emptySketch();
  for (const value of values) observe(sketch, value);
  for (const share of [0.5, 0.95, 0.99]) {
    const ratio = (quantileOf(sketch, share) ?? 0) / exact(values, share);
    console.log(`p${share * 100}: sketch / exact = ${ratio.toFixed(3)}`);
    expect(Math.abs(Math.log(ratio))).toBeLessThanOrEqual(Math.log(1 + RELATIVE_ERROR) + 1e-9);
  }
  expect(sketch.seen).toBe(20_000);
});

test('what is new replaces what is old', () => {
  const sketch = emptySketch();
  for (let index = 0; index < 5000; index++) observe(sketch, 200);
  for (let index = 0; index < 2000; index++) observe(sketch, 5000);
  expect(quantileOf(sketch, 0.05)).toBeGreaterThan(4000);
});

test('nothing is known of an empty sketch, and odd durations count at the edges', () => {
  expect(quantileOf(emptySketch(), 0.5)).toBeUndefined();
  for (const odd of [0, -5, Number.NaN]) {
    const sketch = emptySketch();
    observe(sketch, odd);
    expect(quantileOf(sketch, 0.99)).toBeLessThan(12);
  }
  const long = emptySketch();
  observe(long, 1e9);
  expect(quantileOf(long, 0.99)).toBeGreaterThan(600_000);
});
