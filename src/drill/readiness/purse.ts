import type { Clock } from '../../exchange/clock.ts';
import type { Heard } from './ask.ts';

/** Money and time of a whole drill. Several questions may be under way: what each is expected to cost is set aside. */
export interface Purse {
  /**
   * Why there is no more for a question that may cost so many dollars; else so much is set aside for it. `undefined`: nobody knows its price,
   * and who has no budget does not ask.
   */
  affords(dollars: number | undefined): string | undefined;
  /** A question is over: `set` as it was asked for, and what those targets that are real have cost. */
  spend(set: number | undefined, heard: Heard, isReal?: (target: string) => boolean): void;
  /** Milliseconds for one question. */
  patience(): number;
  /** Dollars. */
  left(): number;
  spent(): number;
  /** Requests that went to real targets. */
  requests(): number;
  /** What has ended it. */
  ended(): 'whole' | 'budget' | 'time' | 'stopped';
  signal: AbortSignal;
}

/** No single answer may take longer than this, milliseconds: a person would have gone. */
const MOST_PATIENCE = 120_000;
/** With less time left nothing is begun. */
const LEAST_TIME = 1000;

/** `time`: milliseconds. */
export function openPurse(clock: Clock, budget: number, time: number, signal: AbortSignal): Purse {
  const began = clock.monotonic();
  let [spent, aside, requests] = [0, 0, 0];
  let short: 'budget' | 'time' | undefined;
  const timeLeft = (): number => time - (clock.monotonic() - began);
  return {
    affords(dollars) {
      if (signal.aborted) return 'the drill was stopped';
      if (timeLeft() < LEAST_TIME) {
        short ??= 'time';
        return 'the time for the drill is up';
      }
      if (dollars === undefined ? budget === 0 : dollars > 0 && spent + aside + dollars > budget) {
        short ??= 'budget';
        return 'the budget does not allow for it';
      }
      aside += dollars ?? 0;
      return undefined;
    },
    spend(set, { attempts }, isReal = () => true) {
      aside = Math.max(0, aside - (set ?? 0));
      for (const { target, end } of attempts) {
        if (!isReal(target)) continue;
        requests += 1;
        spent += end?.cost ?? 0;
      }
    },
    patience: () => Math.max(LEAST_TIME, Math.min(MOST_PATIENCE, timeLeft())),
    left: () => Math.max(0, budget - spent),
    spent: () => spent,
    requests: () => requests,
    ended: () => (signal.aborted ? 'stopped' : (short ?? 'whole')),
    signal,
  };
}
