import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explainLimits, kindInWords } from './explain.ts';
import type { ExplainedLimit, LimitOverrides, Limits, Shape, Timings } from './health.ts';
import { learn, type Learned, limitsFor, nothingLearned } from './limits.ts';
import { ALL_AUTO } from './priors.ts';

const PLAIN: Shape = { size: 2048, stream: true, reasoning: false };
const THINKS: Shape = { size: 300_000, stream: true, reasoning: true, effort: 'high' };
const SLOW: Timings = { headersAfter: 400, firstEventAfter: 8500, longestGap: 4000, took: 20_000 };
const QUICK: Timings = { headersAfter: 300, firstEventAfter: 500, longestGap: 200, took: 4000 };

function taught(times: number, shape: Shape, timings: Timings): Learned {
  const learned = nothingLearned();
  for (let time = 0; time < times; time++) learn(learned, shape, timings);
  return learned;
}

function of(limit: keyof Limits, learned: Learned | undefined, shape: Shape, overrides: LimitOverrides = ALL_AUTO): ExplainedLimit {
  const found = explainLimits(learned, shape, overrides).find((each) => each.limit === limit);
  if (!found) throw new Error(`nothing is said of ${limit}`);
  return found;
}

test('what was learned is told with its figures', () => {
  const first = of('firstEvent', taught(212, PLAIN, SLOW), PLAIN);
  expect(first).toMatchObject({ from: 'learned', answers: 212, factor: 3, floor: 8000, ceiling: 60_000 });
  expect(first.said).toBe('first words are waited for 23.3 s: 3 x the slowest 1 % of 212 answers, 7.8 s');
  expect(Math.abs(first.p50! - 8100) / 8100).toBeLessThan(0.1);
});

test('what holds in place of it is told', () => {
  const quick = taught(40, PLAIN, QUICK);
  const said = (...args: Parameters<typeof of>): string => of(...args).said;
  expect(said('idle', quick, PLAIN)).toMatch(/^the next words are waited for 10 s: 3 x .*, but never less than 10 s$/);
  expect(said('firstEvent', taught(40, PLAIN, { ...SLOW, firstEventAfter: 100_000 }), PLAIN)).toMatch(/but never more than 60 s$/);
  expect(said('firstEvent', undefined, PLAIN)).toMatch(
    /^first words are waited for 20.1 s: a cautious guess, until 20 answers .*\(0 so far\)$/,
  );
  expect(said('firstEvent', quick, THINKS)).toMatch(
    /^first words are waited for 3 min: a cautious guess.*all 40 answers, whatever was asked, /,
  );
  expect(said('firstEventAlive', taught(40, THINKS, QUICK), THINKS)).toMatch(
    /waited for 5 min: never less than this while a sign of life comes/,
  );
  expect(said('idle', { ...quick, doubted: true }, PLAIN)).toMatch(/waited for 20 s: a cautious guess again, since a limit struck last/);
  expect(said('thinking', quick, { ...PLAIN, reasoning: true })).toMatch(/as for words, and at least 30 s, in which a ping would come/);
  const overrides = { ...ALL_AUTO, idle: 7000 };
  for (const limit of ['idle', 'idleAlive', 'thinking', 'thinkingAlive'] as const) {
    expect(said(limit, quick, THINKS, overrides)).toMatch(/waited for 7 s: as set in deadlines\.idle$/);
  }
});

test('which requests they are for is told', () => {
  expect(kindInWords(PLAIN)).toBe('requests like the last (2 KB)');
  expect(kindInWords(THINKS)).toBe('requests like the last (293 KB, with reasoning at effort high)');
  expect(kindInWords({ size: 10, stream: false, reasoning: true })).toBe(
    'requests like the last (less than 1 KB, with reasoning, not streamed)',
  );
});

test('the explanation is of the limits that are in force, whatever was learned', () => {
  const shapes = fc.record(
    { size: fc.nat(3_000_000), stream: fc.boolean(), reasoning: fc.boolean(), effort: fc.constantFrom('none', 'low', 'medium', 'max') },
    { requiredKeys: ['size', 'stream', 'reasoning'] },
  );
  const timings = fc.record({
    headersAfter: fc.nat(200_000),
    firstEventAfter: fc.nat(400_000),
    longestGap: fc.nat(200_000),
    took: fc.nat(900_000),
  });
  const auto = fc.constant('auto' as const);
  const overrides = fc.record({
    headers: auto,
    firstEvent: fc.oneof(auto, fc.nat(90_000)),
    idle: fc.oneof(auto, fc.nat(90_000)),
    whole: fc.oneof(auto, fc.nat(90_000)),
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(shapes, timings), { maxLength: 3 }),
      fc.constantFrom(5, 30),
      shapes,
      overrides,
      (history, times, asked, set) => {
        const learned = nothingLearned();
        for (const [shape, taken] of history) for (let time = 0; time < times; time++) learn(learned, shape, taken);
        const limits = limitsFor(learned, asked, set);
        for (const { limit, ms, from } of explainLimits(learned, asked, set)) {
          expect(ms).toBe(limits[limit]);
          expect([limits.source, 'prior']).toContain(from === 'learned' ? 'learned' : 'prior');
        }
      },
    ),
  );
});
