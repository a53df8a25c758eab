import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded } from '../sim/seeded.ts';
import type { Shape, Timings } from './health.ts';
import { learn, learnWait, LIMIT_NAMES, limitsFor, nothingLearned, usualWait } from './limits.ts';
import { RELATIVE_ERROR } from './sketch.ts';
import { ALL_AUTO, CEILINGS, FLOORS, priorLimits, REASONING_CEILINGS, REASONING_FLOORS } from './priors.ts';

const shapes: fc.Arbitrary<Shape> = fc.record(
  {
    size: fc.nat(70_000_000),
    stream: fc.boolean(),
    reasoning: fc.boolean(),
    effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
    maxOutputTokens: fc.nat(200_000),
  },
  { requiredKeys: ['size', 'stream', 'reasoning'] },
);
const timings: fc.Arbitrary<Timings> = fc.record({
  headersAfter: fc.nat(2_000_000),
  firstEventAfter: fc.nat(2_000_000),
  longestGap: fc.nat(2_000_000),
  took: fc.nat(4_000_000),
});

const QUICK: Timings = { headersAfter: 300, firstEventAfter: 500, longestGap: 200, took: 4000 };
const SPEAKS: Timings = { ...QUICK, wordsAfter: 500 };
const PLAIN: Shape = { size: 2000, stream: true, reasoning: false };

test('whatever was learned, limits stay between floor and ceiling, and patience with pings is never less than without', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(shapes, timings), { maxLength: 5 }), fc.integer({ min: 1, max: 30 }), shapes, (history, times, asked) => {
      const learned = nothingLearned();
      for (const [shape, taken] of history) for (let time = 0; time < times; time++) learn(learned, shape, taken);
      const limits = limitsFor(learned, asked, ALL_AUTO);
      const floors = asked.reasoning ? REASONING_FLOORS : FLOORS;
      const ceilings = asked.reasoning ? REASONING_CEILINGS : CEILINGS;
      for (const name of LIMIT_NAMES) {
        // The prior of `whole` for a tiny answer is by design what its tokens need.
        expect(limits[name]).toBeGreaterThanOrEqual(Math.min(floors[name], priorLimits(asked)[name]));
        expect(limits[name]).toBeLessThanOrEqual(ceilings[name]);
      }
      expect(limits.firstEventAlive).toBeGreaterThanOrEqual(limits.firstEvent);
      expect(limits.idleAlive).toBeGreaterThanOrEqual(limits.idle);
    }),
    { numRuns: 300 },
  );
});

test('a larger or longer request, or one with reasoning, never gets a smaller prior', () => {
  fc.assert(
    fc.property(shapes, fc.nat(10_000_000), fc.nat(50_000), (shape, bytes, tokens) => {
      const larger = { ...shape, size: shape.size + bytes, maxOutputTokens: (shape.maxOutputTokens ?? 2048) + tokens, reasoning: true };
      const before = priorLimits(shape);
      const after = priorLimits(larger);
      for (const name of LIMIT_NAMES) expect(after[name]).toBeGreaterThanOrEqual(before[name]);
    }),
  );
});

test('slower answers never teach a smaller limit', () => {
  fc.assert(
    fc.property(fc.nat(200_000), fc.nat(200_000), (quick, more) => {
      const limit = (taken: number) => {
        const learned = nothingLearned();
        for (let time = 0; time < 30; time++) learn(learned, PLAIN, { ...QUICK, headersAfter: taken, firstEventAfter: taken * 2 });
        return limitsFor(learned, PLAIN, ALL_AUTO);
      };
      expect(limit(quick + more).headers).toBeGreaterThanOrEqual(limit(quick).headers);
      expect(limit(quick + more).firstEvent).toBeGreaterThanOrEqual(limit(quick).firstEvent);
    }),
    { numRuns: 50 },
  );
});

test('cold: the stated priors', () => {
  expect(priorLimits(PLAIN)).toMatchObject({ idle: 20_000, idleAlive: 90_000 });
  expect(priorLimits({ ...PLAIN, reasoning: true })).toMatchObject({ idle: 45_000, firstEvent: 60_097.65625 });
  expect(priorLimits({ ...PLAIN, reasoning: true, effort: 'high' })).toMatchObject({ headers: 60_097.65625, firstEvent: 180_000 });
  expect(priorLimits({ ...PLAIN, size: 0 }).headers).toBe(20_000);
  expect(priorLimits({ ...PLAIN, size: 200 * 1024 }).headers).toBe(30_000);
  expect(priorLimits({ ...PLAIN, size: 20_000_000 }).headers).toBe(60_000);
  expect(priorLimits({ ...PLAIN, size: 20_000_000, reasoning: true })).toMatchObject({ headers: 120_000, firstEventAlive: 300_000 });
  expect(priorLimits({ size: 0, stream: false, reasoning: false }).whole).toBe(20_000 + 20_000 + (2048 / 40) * 1000);
  expect(priorLimits({ size: 0, stream: false, reasoning: true, maxOutputTokens: 1_000_000 }).whole).toBe(120_000 + (16_384 / 40) * 1000);
});

test('twenty quick answers bring the limits down, nineteen do not, and only for requests like them', () => {
  const learned = nothingLearned();
  for (let time = 0; time < 19; time++) learn(learned, PLAIN, QUICK);
  expect(limitsFor(learned, PLAIN, ALL_AUTO)).toEqual({ ...priorLimits(PLAIN), thinking: 30_000, thinkingAlive: 90_000, source: 'prior' });
  learn(learned, PLAIN, QUICK);
  expect(limitsFor(learned, PLAIN, ALL_AUTO)).toMatchObject({
    headers: 8000,
    firstEvent: 8000,
    idle: 10_000,
    idleAlive: 90_000,
    // A ping may take longer to come than words usually do.
    thinking: 30_000,
    source: 'learned',
  });
  const large = { size: 300_000, stream: true, reasoning: true };
  expect(limitsFor(learned, large, ALL_AUTO)).toEqual({ ...priorLimits(large), thinking: 45_000, thinkingAlive: 300_000, source: 'prior' });
});

test('what is slow everywhere raises the limits of requests that are not known yet', () => {
  const learned = nothingLearned();
  for (let time = 0; time < 30; time++) learn(learned, PLAIN, { ...QUICK, headersAfter: 15_000, firstEventAfter: 15_200 });
  const other = { ...PLAIN, size: 50_000 };
  expect(limitsFor(learned, other, ALL_AUTO).headers).toBeGreaterThan(priorLimits(other).headers);
});

test('while a learned limit is doubted, nothing tighter than the prior is used; a success ends the doubt', () => {
  const learned = nothingLearned();
  for (let time = 0; time < 30; time++) learn(learned, PLAIN, QUICK);
  learned.doubted = true;
  expect(limitsFor(learned, PLAIN, ALL_AUTO)).toMatchObject({ ...priorLimits(PLAIN) });
  learn(learned, PLAIN, QUICK);
  expect(limitsFor(learned, PLAIN, ALL_AUTO).headers).toBe(8000);
});

test('an explicit number wins everywhere, pings or not, below floors and above ceilings, and the cold `whole` follows', () => {
  const overrides = { headers: 300, firstEvent: 700, idle: 200_000, whole: 'auto' as const };
  const whole = limitsFor(undefined, { size: 5_000_000, stream: false, reasoning: true, maxOutputTokens: 40 }, overrides);
  expect(whole).toEqual({
    headers: 300,
    firstEvent: 700,
    firstEventAlive: 700,
    idle: 200_000,
    idleAlive: 200_000,
    thinking: 200_000,
    thinkingAlive: 200_000,
    whole: 2000,
    source: 'prior',
  });
  expect(limitsFor(undefined, PLAIN, { ...ALL_AUTO, whole: 5 }).whole).toBe(5);
});

test('the usual wait is the learned p95 of requests alike, where there are enough of them', () => {
  const learned = nothingLearned();
  const prior = usualWait(learned, PLAIN);
  expect(prior).toBeGreaterThan(6000);
  expect(prior).toBeLessThan(8000);
  for (let time = 0; time < 19; time++) learn(learned, PLAIN, SPEAKS);
  expect(usualWait(learned, PLAIN)).toBe(prior);
  for (let time = 0; time < 81; time++) learn(learned, PLAIN, SPEAKS);
  const near = (wait: number, expected: number): void => {
    expect(wait).toBeGreaterThan(expected / (1 + 2 * RELATIVE_ERROR));
    expect(wait).toBeLessThan(expected * (1 + 2 * RELATIVE_ERROR));
  };
  near(usualWait(learned, PLAIN), 500);
  // Slow ones beyond one in twenty are what is usual.
  for (let time = 0; time < 8; time++) learn(learned, PLAIN, { ...QUICK, wordsAfter: 9200 });
  near(usualWait(learned, PLAIN), 9200);
  // Of larger ones little is known: they take at least as long.
  expect(usualWait(learned, { ...PLAIN, size: 1_000_000 })).toBeGreaterThanOrEqual(usualWait(learned, PLAIN));
});

test('the usual wait is known, and grows with what is waited for', () => {
  fc.assert(
    fc.property(shapes, fc.nat(10_000_000), fc.integer({ min: 1, max: 60 }), timings, (shape, bytes, times, slow) => {
      const learned = nothingLearned();
      expect(usualWait(learned, { ...shape, size: shape.size + bytes })).toBeGreaterThanOrEqual(usualWait(learned, shape));
      for (let time = 0; time < times; time++) learn(learned, shape, { ...slow, wordsAfter: slow.firstEventAfter });
      const wait = usualWait(learned, shape);
      expect(wait).toBeGreaterThan(0);
      expect(Number.isFinite(wait)).toBe(true);
    }),
  );
});

test('what was outrun keeps the usual wait where it is: a hedge does not cut off what it is there for', () => {
  const random = seeded(3);
  const learned = nothingLearned();
  const wait = (): number => 400 * Math.exp(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  for (let time = 0; time < 500; time++) learn(learned, PLAIN, { ...QUICK, wordsAfter: wait() });
  const before = usualWait(learned, PLAIN);
  let hedged = 0;
  for (let time = 0; time < 5000; time++) {
    const took = wait();
    const usual = usualWait(learned, PLAIN);
    if (took < usual) learn(learned, PLAIN, { ...QUICK, wordsAfter: took });
    else {
      hedged += 1;
      learnWait(learned, PLAIN, usual + 100);
    }
  }
  expect(usualWait(learned, PLAIN)).toBeGreaterThan(before / 1.5);
  expect(hedged / 5000).toBeLessThan(0.07);
});

test('what was outrun sooner than usual teaches nothing', () => {
  const learned = nothingLearned();
  for (let time = 0; time < 40; time++) learn(learned, PLAIN, SPEAKS);
  const before = structuredClone(learned);
  for (let time = 0; time < 40; time++) learnWait(learned, PLAIN, 200);
  expect(learned).toEqual(before);
});

/** Of a target whose requests of one shape took so long, twenty times; `timings` is what is not as quick as usual. */
function learnedFrom(shape: Shape, taken: Partial<Timings> = {}, times = 20) {
  const learned = nothingLearned();
  for (let time = 0; time < times; time++) learn(learned, shape, { ...SPEAKS, ...taken });
  return learned;
}

function expectNear(value: number, expected: number): void {
  expect(value).toBeGreaterThan(expected / (1 + 2 * RELATIVE_ERROR));
  expect(value).toBeLessThan(expected * (1 + 2 * RELATIVE_ERROR));
}

test('requests are alike that are of one size and think as much', () => {
  const sizes = [
    [0, 4095],
    [4096, 32_767],
    [32_768, 262_143],
    [262_144, 2_097_151],
    [2_097_152, 50_000_000],
  ].map((group) => group.map((size): Shape => ({ ...PLAIN, size })));
  const efforts: Partial<Shape>[][] = [
    [{ reasoning: false }, { reasoning: false, effort: 'high' }, { reasoning: true, effort: 'none' }],
    [
      { reasoning: true, effort: 'minimal' },
      { reasoning: true, effort: 'low' },
    ],
    [{ reasoning: true }, { reasoning: true, effort: 'medium' }],
    [
      { reasoning: true, effort: 'high' },
      { reasoning: true, effort: 'xhigh' },
      { reasoning: true, effort: 'max' },
    ],
  ];
  for (const groups of [sizes, efforts.map((group) => group.map((kind): Shape => ({ ...PLAIN, ...kind })))])
    for (const [place, group] of groups.entries())
      for (const one of group) {
        const learned = learnedFrom(one);
        for (const [at, others] of groups.entries())
          for (const other of others)
            expect([one, other, limitsFor(learned, other, ALL_AUTO).source]).toEqual([one, other, at === place ? 'learned' : 'prior']);
      }
});

test('what was learned from requests alike counts, however slow the others are', () => {
  const learned = learnedFrom({ ...PLAIN, size: 300_000 }, { headersAfter: 15_000, firstEventAfter: 30_000 }, 200);
  for (let time = 0; time < 20; time++) learn(learned, PLAIN, QUICK);
  expect(limitsFor(learned, PLAIN, ALL_AUTO)).toMatchObject({ headers: 8000, firstEvent: 8000, firstEventAlive: 8000 });
});

test('a quick thinker is waited for less, but not while pings come', () => {
  const thinker = { ...PLAIN, reasoning: true };
  expect(limitsFor(learnedFrom(thinker), thinker, ALL_AUTO)).toMatchObject({
    headers: 30_000,
    firstEvent: 30_000,
    firstEventAlive: 300_000,
    idle: 10_000,
    idleAlive: 90_000,
  });
});

test('long silences within answers lengthen the wait for the rest of a call, too', () => {
  const limits = limitsFor(learnedFrom(PLAIN, { longestGap: 50_000 }), PLAIN, ALL_AUTO);
  expect(limits.idle).toBe(60_000);
  expectNear(limits.idleAlive, 150_000);
});

test('whole answers are waited for twice as long as the slowest took', () => {
  const plain = { ...PLAIN, stream: false };
  const learned = learnedFrom(plain, { took: 60_000 });
  expectNear(limitsFor(learned, plain, ALL_AUTO).whole, 120_000);
  expect(Object.keys(learned.sketches).map((key) => key.split(' ')[0])).toEqual(['whole', 'whole']);
});

test('the usual wait for a whole answer, before and after it is known', () => {
  const plain = { ...PLAIN, size: 0, stream: false };
  expect(usualWait(undefined, plain)).toBe((20_000 + 20_000 + (2048 / 40) * 1000) / 2);
  expect(usualWait(undefined, { ...plain, stream: true })).toBe(20_000 / 3);
  const learned = learnedFrom(plain, { took: 7000 });
  expectNear(usualWait(learned, plain), 7000);
  // Outrun ones took at least so long.
  for (let time = 0; time < 20; time++) learnWait(learned, plain, 25_000);
  expectNear(usualWait(learned, plain), 25_000);
});

test('a model that pings while it thinks is given up sooner once much is known of it, by effort, and never on a doubt', () => {
  const thinking = (effort: 'low' | 'high', size = 2000): Shape => ({ size, stream: true, reasoning: true, effort });
  const after = (answers: number, first: number, doubted = false): ReturnType<typeof nothingLearned> => {
    const learned = nothingLearned();
    for (let count = 0; count < answers; count++)
      learn(learned, thinking('low'), { headersAfter: 500, firstEventAfter: 500 + first, longestGap: 2000, took: 60_000 });
    learned.doubted = doubted;
    return learned;
  };
  const alive = (learned: ReturnType<typeof nothingLearned>, effort: 'low' | 'high' = 'low'): number =>
    limitsFor(learned, thinking(effort), ALL_AUTO).firstEventAlive;
  expect(alive(after(49, 4000))).toBe(300_000);
  // Three times 4 s is less than the least.
  expect(alive(after(50, 4000))).toBe(60_000);
  expectNear(alive(after(50, 40_000)), 120_000);
  expect(alive(after(50, 200_000))).toBe(300_000);
  // Much effort is another matter, and a limit that has struck makes it a guess again.
  expect(alive(after(50, 4000), 'high')).toBe(300_000);
  expect(alive(after(50, 4000, true))).toBe(300_000);
  // What is shown of thinking follows, but not below what silence within a call is given.
  expect(limitsFor(after(50, 4000), thinking('low'), ALL_AUTO).thinkingAlive).toBe(90_000);
});
