import type { Clock } from '../exchange/clock.ts';
import type { LiveAnswer } from './answer-log.ts';

/** Answers that have ended and stay in memory for a while, for readers that come late. */
export interface Afterlife {
  add(log: LiveAnswer): void;
  close(): void;
}

interface Stay {
  log: LiveAnswer;
  /** On the monotonic clock. */
  until: number;
  weight: number;
}

/** Bytes of all of them. Beyond that the oldest go earlier: who asks for one is served from disk. */
const ROOM = 256 * 1024;
/** Places at the queue's beginning that are given back at once. */
const COMPACT_AFTER = 256;

/** `keep`: milliseconds. `gone` is called once for each that leaves. */
export function afterlife(clock: Clock, keep: number, gone: (log: LiveAnswer) => void): Afterlife {
  /** In the order of their ends; those before `head` have left. */
  const stays: (Stay | undefined)[] = [];
  let head = 0;
  let held = 0;
  let cancel: (() => void) | undefined;

  function leave(stay: Stay): void {
    stays[head++] = undefined;
    held -= stay.weight;
    if (head >= COMPACT_AFTER) {
      stays.copyWithin(0, head);
      stays.length -= head;
      head = 0;
    }
    gone(stay.log);
  }

  /** What is nowhere else stays its full time, whatever it takes. */
  function makeRoom(): void {
    for (let oldest = stays[head]; held > ROOM && oldest && isOnDisk(oldest.log); oldest = stays[head]) leave(oldest);
  }

  function expire(): void {
    cancel = undefined;
    const now = clock.monotonic();
    for (let oldest = stays[head]; oldest; oldest = stays[head]) {
      if (oldest.until > now) return arm(oldest.until - now);
      leave(oldest);
    }
  }

  function arm(delay: number): void {
    cancel ??= clock.after(delay, expire);
  }

  return {
    add(log) {
      const weight = log.weight();
      stays.push({ log, until: clock.monotonic() + keep, weight });
      held += weight;
      arm(keep);
      makeRoom();
    },
    close() {
      cancel?.();
      stays.length = head = 0;
    },
  };
}

function isOnDisk(log: LiveAnswer): boolean {
  return log.places.has(log.length() - 1);
}
