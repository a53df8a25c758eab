/**
 * The outage detector: a Bernoulli CUSUM over a target's own attempts. A failure adds the log-likelihood ratio of "30 % fail"
 * against "2 % fail", a success takes a little away; in integers that is +8 and -1, floored at 0 (research/status.md, 3.3).
 * Mean requests to `OPEN`: 90 at 10 % failing, 6 at 50 %, 3 at 100 %, and 88,000 at a background of 1 %. Unlike "N in a row"
 * it sees partial outages.
 */
const FAILED = 8;
const SUCCEEDED = -1;

/** Two failures close together: no more same-target retries. About 4,700 requests between false alarms at 1 %. */
export const SUSPECT = 15;
export const OPEN = 21;

/** One failure short of open: where a target starts that has just come back, so that a relapse is seen at once. */
export const PROBATION = OPEN - FAILED;

/**
 * Last night's failures say little about this morning: the score halves every half hour without news. Three failures six
 * minutes apart still open; one every ten minutes opens at the fourth.
 */
const HALF_LIFE = 30 * 60_000;

export interface Score {
  value: number;
  /** UTC milliseconds of the last news. */
  at: number;
}

export function scoreAt(score: Score, now: number): number {
  const age = Math.max(0, now - score.at);
  return score.value * 2 ** (-age / HALF_LIFE);
}

export function afterSuccess(score: Score, now: number): Score {
  return { value: Math.max(0, scoreAt(score, now) + SUCCEEDED), at: now };
}

export function afterFailure(score: Score, now: number): Score {
  return { value: scoreAt(score, now) + FAILED, at: now };
}
