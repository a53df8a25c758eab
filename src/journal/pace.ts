import type { Clock } from '../exchange/clock.ts';

/** When what waits is saved: at once while it is quiet, for several answers together while it is not. */
export interface Pace {
  schedule(task: () => void): void;
  /** Saves come so thick that a millisecond brings several. */
  busy(): boolean;
}

/** Saves a second: beyond it, waiting for the next millisecond puts several chunks into one write. Some ten streams of 50 chunks a second. */
const BUSY = 500;
/** Milliseconds over which they are counted. */
const SPAN = 100;
const WAIT = 1;

/** `soon`: runs a task in this turn of the event loop (setImmediate). */
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
      if (busy) clock.after(WAIT, task);
      else soon(task);
    },
  };
}
