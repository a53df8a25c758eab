/**
 * How many kept requests of one route may be asked at once. After a failure one at a time, as a canary, ever more rarely; after each answer one more,
 * so that a provider that has just come back is not run over (TCP's slow start, RFC 5681). Serialisable; pure.
 */
export interface Gate {
  width: number;
  /** Failures in a row. */
  failures: number;
  /** UTC milliseconds: nobody is asked before. */
  notBefore: number;
}

/** Milliseconds until the second try, and at most between two. */
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 5 * 60_000;
/** Milliseconds within which a recovery is followed by the first try: not all installations at once. */
const SPREAD = 2000;

export const SHUT: Gate = { width: 1, failures: 0, notBefore: 0 };

export function answered(gate: Gate, most: number): Gate {
  return { width: Math.min(most, gate.width + 1), failures: 0, notBefore: 0 };
}

/** `chance`: 0 to 1. */
export function failed({ failures }: Gate, now: number, chance: number): Gate {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);
  return { width: 1, failures: failures + 1, notBefore: now + pause * (0.5 + chance / 2) };
}

/** Somebody is said to be back. */
export function woken(gate: Gate, now: number, chance: number): Gate {
  return gate.notBefore > now ? { ...gate, notBefore: Math.min(gate.notBefore, now + SPREAD * chance) } : gate;
}
