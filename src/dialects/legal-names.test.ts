import fc from 'fast-check';
import { expect, test } from 'vitest';
import { legalise, legalToolName, restore } from './legal-names.ts';

const name = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.stringMatching(/^us-[a-f0-9_-]{0,12}$/),
  fc.stringMatching(/^[a-z.:-]{1,8}$/),
);

test('law: legal, reversible, and legal names stay as they are', () => {
  fc.assert(
    fc.property(name, (original) => {
      const legal = legalise(original);
      expect(legal).toMatch(/^[a-zA-Z0-9_-]+$/);
      expect(restore(legal)).toBe(original);
    }),
    { numRuns: 1000 },
  );
});

test.each([
  ['get_weather', 'get_weather'],
  ['us-east', 'us-east'],
  ['web.search', 'us-web-2e-search'],
  ['functions.bash:0', 'us-functions-2e-bash-3a-0'],
])('%s is written %s', (original, legal) => {
  expect(legalise(original)).toBe(legal);
});

test('long tool names are cut to 128 characters and stay apart', () => {
  const long = 'a'.repeat(150);
  const one = legalToolName(`${long}1`);
  const other = legalToolName(`${long}2`);
  expect(one.shortened && other.shortened).toBe(true);
  expect(one.name).toMatch(/^[a-zA-Z0-9_-]{128}$/);
  expect(one.name).not.toBe(other.name);
  expect(legalToolName('a'.repeat(128))).toEqual({ name: 'a'.repeat(128), shortened: false });
});
