import type { Clock } from './clock.ts';

export interface VirtualClock extends Clock {
  /** Moves time on by `span` milliseconds, running what falls due, in order. Promise jobs run between tasks. */
  advance(span: number): Promise<void>;
  /** Runs what is due until nothing is left or `limit` milliseconds have passed; returns the time passed. */
  drain(limit: number): Promise<number>;
}

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
      const task: Task = { due: elapsed + Math.max(0, delay), order: order++, run };
      tasks.add(task);
      return () => tasks.delete(task);
    },
    async advance(span) {
      const end = elapsed + span;
      await runUntil(end);
      elapsed = end;
    },
    async drain(limit) {
      const begin = elapsed;
      await runUntil(begin + limit);
      return elapsed - begin;
    },
  };
}

/** Lets pending promise jobs run; a handful of turns is enough for the chains that our rooms make. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await Promise.resolve();
}
