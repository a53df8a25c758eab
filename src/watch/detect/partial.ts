import type { Score } from '../../health/detector.ts';

/**
 * The slow sum, for what fails in part: a Bernoulli CUSUM of "one in ten fails, or four times the usual" against the usual rate, in nats. What the fast
 * one needs hundreds of requests for, or never sees, is seen in about seventy. Chosen with the others on the first half of what `npm run test:detection`
 * replays.
 */
export const PARTLY = 6.5;
/** Beyond it nothing is remembered: what is well again must be seen to be. */
const MOST = PARTLY + 1;
const IN_PART = 0.1;
const TIMES_USUAL = 4;
/** Failures come in bursts (one in three is followed by another): what follows close upon one says little. */
const FOLLOWING = 0.43;
/** Milliseconds. */
const HALF_LIFE = 2 * 3_600_000;

export function partialAt({ value, at }: Score, now: number): number {
  return value * 2 ** (-Math.max(0, now - at) / HALF_LIFE);
}

/** `rate`: the usual one (background.ts). `follows`: close upon another failure. */
export function afterRequest(score: Score, fails: boolean, follows: boolean, rate: number, now: number): Score {
  const poor = Math.max(IN_PART, TIMES_USUAL * rate);
  const news = fails ? Math.log(poor / rate) * (follows ? FOLLOWING : 1) : Math.log((1 - poor) / (1 - rate));
  return { value: Math.min(MOST, Math.max(0, partialAt(score, now) + news)), at: now };
}
