import type { Fault } from '../exchange/fault.ts';
import type { Stop } from './delivery.ts';

/** Answers under way: how to end each when the server stops. */
export interface OpenAnswers {
  /** Returns a function that takes it out again. */
  add(stop: Stop): () => void;
  stopAll(fault: Fault): void;
}

/**
 * A list, and not a Set: a Set that is often added to and deleted from makes a new table now and then, and the table before keeps
 * all that it held from the young generation's collector. Here that would be every exchange.
 */
export function openAnswers(): OpenAnswers {
  const open: { stop: Stop; place: number }[] = [];
  return {
    add(stop) {
      const mine = { stop, place: open.length };
      open.push(mine);
      return () => {
        if (open[mine.place] !== mine) return;
        const last = open.pop()!;
        if (last === mine) return;
        last.place = mine.place;
        open[mine.place] = last;
      };
    },
    stopAll(fault) {
      // From the end: what leaves meanwhile is replaced by one that has been told already.
      for (let place = open.length - 1; place >= 0; place--) open[place]?.stop(fault);
    },
  };
}
