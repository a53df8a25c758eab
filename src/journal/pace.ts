import type { Clock } from '../exchange/clock.ts';

/** When what waits is saved, and how much of that there is. */
export interface Pace {
  schedule(task: () => void): void;
  /** Saves come thick: what they leave in memory adds up. */
  busy(): boolean;
}

/** Saves a second: those of some ten streams of 50 chunks a second. */
const BUSY = 500;
/** Milliseconds over which they are counted. */
const SPAN = 100;

/**
 * `soon`: runs a task in this turn of the event loop (setImmediate), so that one write takes what came in it. Waiting for more, a
 * millisecond or three, saved nothing that could be measured.
 */
export function pace(clock: Clock, soon: (task: () => void) => void): Pace {
  let began = clock.monotonic();
  let count = 0;
  let busy = false;

  return {
    busy: () => busy,
    schedule(task) {
      const now = clock.monotonic();
      if (now - began >= SPAN) {
        busy = count > (BUSY * (now - began)) / 1000;
        began = now;
        count = 0;
      }
      count += 1;
      soon(task);
    },
  };
}
