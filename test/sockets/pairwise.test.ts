import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../../src/sim/seeded.ts';
import { pairwise } from './pairwise.ts';

function pairs(rows: readonly (readonly string[])[]): Set<string> {
  const found = new Set<string>();
  for (const row of rows)
    for (let first = 0; first < row.length; first++)
      for (let second = first + 1; second < row.length; second++) found.add(`${first}=${row[first]} ${second}=${row[second]}`);
  return found;
}

test('every pair of values that some row has is in a chosen row, whatever the rows', () => {
  const row = fc.tuple(...[3, 4, 2, 5].map((size) => fc.integer({ min: 0, max: size }).map(String)));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 80 }), fc.integer(), (rows, seed) => {
      const chosen = pairwise(rows, (each) => each, seeded(seed));
      expect(pairs(chosen)).toEqual(pairs(rows));
      for (const each of chosen) expect(rows).toContain(each);
    }),
  );
});

test('few rows do for many', () => {
  const digits = Array.from({ length: 4 ** 6 }, (_, number) => number.toString(4).padStart(6, '0').split(''));
  const chosen = pairwise(digits, (each) => each, seeded(1));
  expect(pairs(chosen).size).toBe(15 * 16);
  expect(chosen.length).toBeLessThan(50);
});
