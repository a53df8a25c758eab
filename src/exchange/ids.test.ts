import { expect, test } from 'vitest';
import { exchangeId, exchangeTime, pooled } from './ids.ts';

/** Counts up: each byte of randomness can be told from the next. */
function counting(): (bytes: Uint8Array) => Uint8Array {
  let next = 0;
  return (bytes) => bytes.map((_, index) => (bytes[index] = next++ % 251));
}

test('ids sort by the time they were made, and tell it', () => {
  const times = [0, 1, 1_780_380_000_000, 1_780_380_000_001, 2 ** 47];
  const ids = times.map((time) => exchangeId(time, (bytes) => bytes.fill(7)));
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.map(exchangeTime)).toEqual(times);
  expect(exchangeTime('x_short')).toBeUndefined();
  expect(exchangeTime(`x_${'u'.repeat(26)}`)).toBeUndefined();
});

test('pooled randomness gives out each byte once, in any sizes', () => {
  const random = pooled(counting());
  const given = [16, 1, 4000, 100, 4096, 16].flatMap((size) => [...random(new Uint8Array(size))]);
  expect(given.slice(0, 17)).toEqual([...Array(17).keys()]);
  expect(new Set(random(new Uint8Array(200))).size).toBe(200);
  expect(random(new Uint8Array(5000))).toHaveLength(5000);
});
