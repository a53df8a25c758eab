import { expect, test } from 'vitest';
import { afterFailure, afterSuccess, OPEN, PROBATION, scoreAt, SUSPECT, type Score } from './detector.ts';

/** A small seeded generator (mulberry32): the figures are the same on every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Requests until the score reaches `OPEN`, at a constant share of failures. */
function delay(share: number, random: () => number, limit: number): number {
  let score: Score = { value: 0, at: 0 };
  for (let requests = 1; requests <= limit; requests++) {
    score = random() < share ? afterFailure(score, 0) : afterSuccess(score, 0);
    if (score.value >= OPEN) return requests;
  }
  return limit;
}

// Exact means by Markov chain: research/status.md 3.3, row T=21 (25 % is between its columns).
const STATED: [share: number, mean: number][] = [
  [0.1, 90],
  [0.2, 23],
  [0.5, 6],
  [1, 3],
];

test.each(STATED)('at %d failing it opens after %d requests in the mean', (share, stated) => {
  const random = seeded(20260602);
  const delays = Array.from({ length: 4000 }, () => delay(share, random, 100_000)).sort((left, right) => left - right);
  const mean = delays.reduce((sum, one) => sum + one, 0) / delays.length;
  console.log(
    `failing ${share * 100} %: opens after ${mean.toFixed(1)} requests (p50 ${delays[2000]}, p95 ${delays[3800]}, p99 ${delays[3960]})`,
  );
  expect(mean).toBeGreaterThan(stated * 0.9 - 0.5);
  expect(mean).toBeLessThan(stated * 1.1 + 0.5);
});

test('a quarter failing is seen within some twenty requests', () => {
  const random = seeded(7);
  const delays = Array.from({ length: 4000 }, () => delay(0.25, random, 10_000)).sort((left, right) => left - right);
  console.log(`failing 25 %: opens after p50 ${delays[2000]}, p95 ${delays[3800]}, p99 ${delays[3960]} requests`);
  expect(delays[2000]).toBeLessThan(20);
});

test('a background of 1 % opens less than once in 50,000 requests', () => {
  const random = seeded(1);
  const requests = 3_000_000;
  let opened = 0;
  let score: Score = { value: 0, at: 0 };
  for (let request = 0; request < requests; request++) {
    score = random() < 0.01 ? afterFailure(score, 0) : afterSuccess(score, 0);
    if (score.value < OPEN) continue;
    opened += 1;
    score = { value: 0, at: 0 };
  }
  console.log(`failing 1 %: ${opened} false openings in ${requests} requests, one in ${Math.round(requests / opened)}`);
  // Stated: one in 88,000, so 34 expected; three standard deviations either way.
  expect(opened).toBeGreaterThan(16);
  expect(opened).toBeLessThan(52);
});

test('two failures raise suspicion, three in a row open, and on probation one does', () => {
  let score: Score = { value: 0, at: 0 };
  score = afterFailure(afterFailure(score, 0), 0);
  expect(score.value).toBeGreaterThanOrEqual(SUSPECT);
  expect(score.value).toBeLessThan(OPEN);
  expect(afterFailure(score, 0).value).toBeGreaterThanOrEqual(OPEN);
  expect(afterFailure({ value: PROBATION, at: 0 }, 0).value).toBeGreaterThanOrEqual(OPEN);
});

test('old failures fade, and a clock that was set back does not make them grow', () => {
  const score = afterFailure({ value: 0, at: 0 }, 1_000_000);
  expect(scoreAt(score, 1_000_000 + 30 * 60_000)).toBeCloseTo(score.value / 2);
  expect(scoreAt(score, 0)).toBe(score.value);
});
