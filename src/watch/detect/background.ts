/**
 * How often one's own requests to a model fail when nothing is wrong: some users' fail in one of three hundred, others' in one of thirty, and what is an
 * outage to the one is any day to the other. Older ones count less and less.
 */
export interface Background {
  asked: number;
  failed: number;
  /** Failed just now: usual only if nothing comes of it. */
  pending: number;
}

/** What is taken for usual until more is known, as if so many requests had been seen; it is also the least. */
const USUAL = 0.01;
const AS_IF = 1000;
/** More is never taken for usual: it should be told of. */
const MOST = 0.05;
/** Requests after which one counts about a third. */
const MEMORY = 4000;
/** Share of requests that fail in an outage, as the weights of failures have it (weights.ts). */
const IN_OUTAGE = 0.36;

export const NO_BACKGROUND: Background = { asked: 0, failed: 0, pending: 0 };

/** 0.01 to 0.05. */
export function usualRate({ asked, failed }: Pick<Background, 'asked' | 'failed'>): number {
  return Math.min(MOST, Math.max(USUAL, (failed + AS_IF * USUAL) / (asked + AS_IF)));
}

/** `state`: something is suspected; nothing is; and whatever has failed is long made up for. */
export function afterRequestOf({ asked, failed, pending }: Background, fails: boolean, state: 'suspected' | 'calm' | 'over'): Background {
  if (state === 'suspected') return { asked, failed, pending: 0 };
  const kept = 1 - 1 / MEMORY;
  const unsure = pending + (fails ? 1 : 0);
  return { asked: asked * kept + 1, failed: failed * kept + (state === 'over' ? unsure : 0), pending: state === 'over' ? 0 : unsure };
}

/** How much a failure says, as a share of what it says where one in a hundred fails anyway: the ratio of the log-likelihoods. */
export function weightOfFailure(rate: number): number {
  return Math.log(IN_OUTAGE / rate) / Math.log(IN_OUTAGE / USUAL);
}
