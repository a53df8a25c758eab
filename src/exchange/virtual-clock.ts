import type { Clock } from './clock.ts';

export interface VirtualClock extends Clock {
  /** Moves time on by `span` milliseconds, running what falls due, in order. Promise jobs run between tasks. */
  advance(span: number): Promise<void>;
  /** Runs what is due until nothing is left or `limit` milliseconds have passed; returns the time passed. */
  drain(limit: number): Promise<number>;
}

/**
 * Time goes in steps of a 1024th of a millisecond. Sums of such numbers are exact, so whoever waits for what is left of a span has waited
 * it out; with any fraction at all, a remainder too small to change the time would be waited for again and again.
 */
const STEPS = 1024;

/** A clock that stands still until it is told to move. `start` is UTC milliseconds. */
export function virtualClock(start = Date.UTC(2026, 5, 2, 6, 5)): VirtualClock {
  interface Task {
    due: number;
    order: number;
    run: () => void;
  }
  let elapsed = 0;
  let order = 0;
  const tasks = new Set<Task>();

  function next(limit: number): Task | undefined {
    let first: Task | undefined;
    for (const task of tasks) {
      if (task.due > limit) continue;
      if (!first || task.due < first.due || (task.due === first.due && task.order < first.order)) first = task;
    }
    return first;
  }

  async function runUntil(limit: number): Promise<void> {
    await settle();
    for (let task = next(limit); task; task = next(limit)) {
      tasks.delete(task);
      elapsed = Math.max(elapsed, task.due);
      task.run();
      await settle();
    }
  }

  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after(delay, run) {
      const task: Task = { due: elapsed + upToStep(delay), order: order++, run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
    async advance(span) {
      const end = elapsed + upToStep(span);
      await runUntil(end);
      elapsed = end;
    },
    async drain(limit) {
      const begin = elapsed;
      await runUntil(begin + upToStep(limit));
      return elapsed - begin;
    },
  };
}

function upToStep(span: number): number {
  return Math.ceil(Math.max(0, span) * STEPS) / STEPS;
}

/** Lets pending promise jobs run; a handful of turns is enough for the chains that our rooms make. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}
