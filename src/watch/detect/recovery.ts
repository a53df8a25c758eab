import type { Verdict } from '../verdict.ts';

/** What is said of a key, and what it would take to say something better. Times are UTC milliseconds. */
export interface Standing {
  verdict: Verdict;
  since: number;
  /** Since when the evidence has been better than what is said. */
  calmSince?: number;
  /** Own successes since then. */
  successes: number;
  /** Milliseconds of calm that are asked for; doubled by each relapse. */
  hold: number;
  /** When it was last ill. */
  wasIllAt?: number;
  /** The same of down and degraded: what is half well and worse again by turns is down. */
  holdDown?: number;
  wasDownAt?: number;
}

/** Recoveries come with hours of intermittent failures (2 June 2026): five minutes and ten successes (research/status.md, 3.5). */
const HOLD = 5 * 60_000;
const MOST_HOLD = 40 * 60_000;
const SUCCESSES = 10;
/** Ill again within this time of having been called well: it had not recovered. */
const RELAPSE = 60 * 60_000;
/** Somebody who asks rarely does not wait for ten successes for ever. */
const PATIENCE = 2;

const RANK: Record<Verdict, number> = { unknown: 0, operational: 0, degraded: 1, down: 2 };

export function newStanding(verdict: Verdict, now: number): Standing {
  return {
    verdict,
    since: now,
    successes: 0,
    hold: HOLD,
    ...(RANK[verdict] > 0 && { wasIllAt: now }),
    ...(verdict === 'down' && { wasDownAt: now }),
  };
}

/**
 * Worse is said at once, better only after a while without trouble. `asked`: there were own requests in that while. `acquitted`: the network is at
 * fault, so that nobody is to be blamed a moment longer.
 */
export function nextStanding(standing: Standing, found: Verdict, now: number, asked: boolean, acquitted = false): Standing {
  const { verdict, hold, wasIllAt, calmSince } = standing;
  const ill = RANK[verdict] > 0;
  if (acquitted && ill) return { ...newStanding(found, now), hold, ...(wasIllAt !== undefined && { wasIllAt }) };
  if (RANK[found] > RANK[verdict]) {
    const relapse = !ill && wasIllAt !== undefined && now - wasIllAt <= RELAPSE + hold;
    return {
      verdict: found,
      since: now,
      successes: 0,
      hold: relapse ? Math.min(hold * 2, MOST_HOLD) : ill ? hold : HOLD,
      wasIllAt: now,
      ...downAgain(standing, found, now),
    };
  }
  if (RANK[found] === RANK[verdict]) {
    const { calmSince: _over, ...rest } = standing;
    const calmed = { ...rest, successes: 0, ...(ill && { wasIllAt: now }), ...(verdict === 'down' && { wasDownAt: now }) };
    return found === verdict ? calmed : { ...calmed, verdict: found, since: now };
  }
  const since = calmSince ?? now;
  const calm = now - since;
  const holding = found === 'degraded' ? (standing.holdDown ?? hold) : hold;
  const proved = !asked || standing.successes >= SUCCESSES || calm >= holding * PATIENCE;
  if (calm < holding || !proved) return { ...standing, calmSince: since };
  const { calmSince: _over, ...rest } = standing;
  return { ...rest, verdict: found, since: now, successes: 0 };
}

function downAgain({ holdDown = HOLD, wasDownAt }: Standing, found: Verdict, now: number): Pick<Standing, 'holdDown' | 'wasDownAt'> {
  if (found !== 'down') return { holdDown, ...(wasDownAt !== undefined && { wasDownAt }) };
  const relapse = wasDownAt !== undefined && now - wasDownAt <= RELAPSE + holdDown;
  return { holdDown: relapse ? Math.min(holdDown * 2, MOST_HOLD) : HOLD, wasDownAt: now };
}
