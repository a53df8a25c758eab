import { afterFailure, afterSuccess, OPEN, PROBATION, scoreAt, SUSPECT, type Score } from './detector.ts';

/** First wait of an opening: about as long as a provider's restart or a bad deploy's rollback takes to show, short enough to be bearable. */
export const FIRST_BACK_OFF = 10_000;
/** Longest wait between two trials: what the lead's return may cost at most after a long outage (11 trials in an hour). */
export const BACK_OFF_CEILING = 5 * 60_000;
/** Many clients behind one provider must not come back in step. */
const JITTER = 0.2;
/** Successes after the first canary's before the target is closed again: at 50 % failing, three in a row are chance in 1 of 8. */
export const FURTHER_SUCCESSES = 2;
/** As in Envoy's outlier detection the first wait grows with the number of ejections, and one is forgotten for each such span in service. */
const EJECTION_MEMORY = 10 * 60_000;
/** A canary that was never settled frees its slot after this: headers and first event (60 s each) have long been judged by then. */
export const SLOT_LIFE = 2 * 60_000;
/** Start times are computed from durations; wall clock and monotonic clock round differently. */
const ROUNDING = 5;

interface Record {
  score: Score;
  /** Openings that are not forgotten yet, and when the last one ended (or began, while it lasts). */
  ejections: number;
  ejectedAt: number;
}

/** `slot`: UTC ms at which the canary under way was admitted. `since`: when the outage began, also through relapses. */
export type Breaker = Record &
  (
    | { type: 'closed' }
    | { type: 'suspect' }
    | { type: 'open'; since: number; until: number; backOff: number; trials: number; slot?: number }
    | { type: 'half-open'; since: number; backOff: number; trials: number; successes: number; slot?: number }
  );

/** The state as it is now: a suspicion fades without news. */
export function breakerAt(breaker: Breaker, now: number): Breaker {
  return breaker.type === 'suspect' ? judged(breaker, breaker.score, now) : breaker;
}

/** `until` is absent while a trial is under way: it may settle at any moment. */
export type Permission = { type: 'go' } | { type: 'canary' } | { type: 'no'; until?: number };

export function closedBreaker(now: number): Breaker {
  return { type: 'closed', score: { value: 0, at: now }, ejections: 0, ejectedAt: now };
}

/**
 * Whether a request may go to this target now. `lastResort`: nobody else could answer, so that the back-off is not waited for;
 * still one at a time. Asking changes nothing; a canary that goes must be noted by `canaryTaken`.
 */
export function permission(breaker: Breaker, now: number, lastResort = false): Permission {
  switch (breaker.type) {
    case 'closed':
    case 'suspect':
      return { type: 'go' };
    case 'open': {
      if (slotTaken(breaker.slot, now)) return { type: 'no' };
      const until = openUntil(breaker.until, now);
      return lastResort || now >= until ? { type: 'canary' } : { type: 'no', until };
    }
    case 'half-open':
      return slotTaken(breaker.slot, now) ? { type: 'no' } : { type: 'canary' };
  }
}

/** A moment further away than the ceiling can only come from a clock that was set back: it is not waited for. */
function openUntil(until: number, now: number): number {
  return until - now > BACK_OFF_CEILING ? now : until;
}

/** Whether the canary admitted at `slot` is still out, as far as anybody knows. */
export function slotTaken(slot: number | undefined, now: number): boolean {
  return slot !== undefined && slot <= now && now - slot < SLOT_LIFE;
}

export function canaryTaken(breaker: Breaker, now: number): Breaker {
  return breaker.type === 'open' || breaker.type === 'half-open' ? { ...breaker, slot: now } : breaker;
}

/**
 * The slot that an attempt was let in with (UTC ms, as in `Breaker`); `null`: it was let in without one, so that it frees none. Where nobody
 * says, the time at which it began decides.
 */
export type HeldSlot = number | null | undefined;

/** The canary was given up by us: its slot is free, nothing is learned. Another attempt leaves the slot alone. */
export function canaryAbandoned(breaker: Breaker, startedAt: number | undefined, held?: HeldSlot): Breaker {
  if (breaker.type !== 'open' && breaker.type !== 'half-open') return breaker;
  return settled(breaker, startedAt, held);
}

/**
 * An attempt that began at `startedAt` (UTC ms) ended well. One that began before the outage proves nothing about its end.
 */
export function attemptSucceeded(breaker: Breaker, now: number, startedAt: number, held?: HeldSlot): Breaker {
  switch (breaker.type) {
    case 'closed':
    case 'suspect':
      return judged(breaker, afterSuccess(breaker.score, now), now);
    case 'open': {
      if (beganBefore(startedAt, breaker.since)) return breaker;
      const { until: _, ...rest } = settled(breaker, startedAt, held);
      return { ...rest, type: 'half-open', trials: breaker.trials + 1, successes: 0 };
    }
    case 'half-open': {
      if (beganBefore(startedAt, breaker.since)) return breaker;
      const successes = breaker.successes + 1;
      if (successes >= FURTHER_SUCCESSES)
        return { type: 'closed', score: { value: PROBATION, at: now }, ejections: breaker.ejections, ejectedAt: now };
      return { ...settled(breaker, startedAt, held), successes, trials: breaker.trials + 1 };
    }
  }
}

export interface Failure {
  /** UTC ms at which the attempt began, where it is known. */
  startedAt?: number;
  held?: HeldSlot;
  /** Milliseconds that the provider asked to wait. */
  retryAfter?: number;
  /** In [0, 1): spreads the back-off. */
  random: number;
}

/** The provider's own fault. */
export function attemptFailed(breaker: Breaker, now: number, failure: Failure): Breaker {
  switch (breaker.type) {
    case 'closed':
    case 'suspect': {
      const score = afterFailure(breaker.score, now);
      if (score.value < OPEN) return judged(breaker, score, now);
      const ejections = remembered(breaker, now) + 1;
      const backOff = Math.min(FIRST_BACK_OFF * ejections, BACK_OFF_CEILING);
      const until = now + wait(backOff, failure);
      return { type: 'open', score, ejections, ejectedAt: now, since: now, until, backOff, trials: 0 };
    }
    case 'open': {
      if (beganBefore(failure.startedAt, breaker.since)) return breaker;
      if (breaker.slot !== undefined && !holdsSlot(breaker.slot, failure.startedAt, failure.held)) return breaker;
      // A last resort before its time, or an attempt that nobody admitted: no reason to wait longer, unless the provider says so.
      if (breaker.slot === undefined || breaker.slot < breaker.until)
        return { ...settled(breaker, failure.startedAt, failure.held), until: Math.max(breaker.until, now + asked(failure)) };
      return reopened(breaker, now, failure);
    }
    case 'half-open':
      if (beganBefore(failure.startedAt, breaker.since)) return breaker;
      return reopened(breaker, now, failure);
  }
}

type Tried = Extract<Breaker, { type: 'open' | 'half-open' }>;

function reopened(breaker: Tried, now: number, failure: Failure): Breaker {
  const { score, ejections, since, slot } = settled(breaker, failure.startedAt, failure.held);
  const backOff = Math.min(breaker.backOff * 2, BACK_OFF_CEILING);
  const until = now + wait(backOff, failure);
  const trials = breaker.trials + 1;
  return { type: 'open', score, ejections, ejectedAt: now, since, until, backOff, trials, ...(slot !== undefined && { slot }) };
}

function judged(record: Record, score: Score, now: number): Breaker {
  const type = scoreAt(score, now) >= SUSPECT ? 'suspect' : 'closed';
  return { type, score, ejections: record.ejections, ejectedAt: record.ejectedAt };
}

function remembered(record: Record, now: number): number {
  const forgotten = Math.floor(Math.max(0, now - record.ejectedAt) / EJECTION_MEMORY);
  return Math.max(0, record.ejections - forgotten);
}

function wait(backOff: number, failure: Failure): number {
  const spread = backOff * (1 - JITTER + 2 * JITTER * failure.random);
  return Math.min(Math.max(spread, asked(failure)), BACK_OFF_CEILING);
}

function asked(failure: Failure): number {
  return Math.min(failure.retryAfter ?? 0, BACK_OFF_CEILING);
}

/** Whether an attempt is known to have begun before `moment`. */
export function beganBefore(startedAt: number | undefined, moment: number): boolean {
  return startedAt !== undefined && startedAt < moment - ROUNDING;
}

/** An attempt of which nothing is known is taken for the one that holds the slot. */
export function holdsSlot(slot: number | undefined, startedAt: number | undefined, held: HeldSlot): boolean {
  return slot !== undefined && (held === undefined ? !beganBefore(startedAt, slot) : slot === held);
}

/** The slot is freed by the attempt that holds it, not by an older one whose slot was given away. */
function settled<State extends Tried>(breaker: State, startedAt: number | undefined, held: HeldSlot): State {
  if (!holdsSlot(breaker.slot, startedAt, held)) return breaker;
  const { slot: _, ...rest } = breaker;
  return rest as State;
}
