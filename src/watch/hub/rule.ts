import type { CrowdState } from '../crowd/hub-answers.ts';
import { tailOf } from './tail.ts';

/** What was reported in 15 minutes. */
export interface Window {
  /** Different installations that reported a problem. */
  reporters: number;
  /** Networks that they are in. */
  networks: ReadonlySet<string>;
  /** Their capped weight, less that of those for whom it works. */
  score: number;
  /** What is usual in such a window, and its dispersion. */
  mean: number;
  dispersion: number;
}

// status.md 3.2, "Suggested crowd rule".
const POSSIBLE = { reporters: 3, tail: 1e-3 };
const LIKELY = { reporters: 5, networks: 3, tail: 1e-5 };
const QUIET_LOOKS = 3;

/**
 * `windows`: the last three quarters of an hour, the newest first; they do not overlap, so each has reports of its own.
 *
 * possible: three reporters or more, and so much is unusual (1 in 1000). likely: five or more from three networks or more, and very unusual (1 in
 * 100,000); or possible in two of the three windows. These two have to be from three networks as well: patience alone makes nobody independent.
 * `fewest`: reporters that `possible` needs; five for a model, whose name is told with its state.
 */
export function levelOf(windows: readonly Window[], fewest = POSSIBLE.reporters): CrowdState {
  const [now] = windows;
  if (now === undefined) return 'none';
  const surge = now.reporters >= LIKELY.reporters && now.networks.size >= LIKELY.networks && tail(now) < LIKELY.tail;
  const lasting = windows.slice(0, 3).filter((window) => isPossible(window, fewest));
  const networks = new Set(lasting.flatMap((window) => [...window.networks]));
  if (surge || (lasting.length >= 2 && networks.size >= LIKELY.networks)) return 'likely';
  return isPossible(now, fewest) ? 'possible' : 'none';
}

function isPossible(window: Window, fewest: number): boolean {
  return window.reporters >= fewest && tail(window) < POSSIBLE.tail;
}

/** Parts of a report's weight do not make a report. */
function tail({ score, mean, dispersion }: Window): number {
  return tailOf(Math.floor(score + 1e-9), mean, dispersion);
}

/** How a product stands, with what is needed to let go of it. */
export interface Standing {
  state: CrowdState;
  /** UTC ms. */
  since: number;
  /** Levels of the last looks, as far as they did not bear its state out. */
  below: CrowdState[];
}

/** It rises at once, and after three looks in a row that do not bear it out sinks to the highest of them. `look`: a bin has ended. */
export function nextStanding(before: Standing, level: CrowdState, now: number, look: boolean): Standing {
  if (rank(level) > rank(before.state)) return { state: level, since: now, below: [] };
  if (!look) return before;
  if (level === before.state) return before.below.length === 0 ? before : { ...before, below: [] };
  const below = [...before.below, level];
  if (below.length < QUIET_LOOKS) return { ...before, below };
  return { state: below.reduce((one, other) => (rank(other) > rank(one) ? other : one)), since: now, below: [] };
}

function rank(state: CrowdState): number {
  return { none: 0, possible: 1, likely: 2 }[state];
}
