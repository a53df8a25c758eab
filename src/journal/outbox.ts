import type { LiveAnswer } from './answer-log.ts';
import type { Change, LoggedEntry } from './journal.ts';

/** Something to be saved and then shown: an entry, or (without `logged`) an exchange's opening. */
export interface Item {
  log: LiveAnswer;
  logged: LoggedEntry | undefined;
}

/** Saves the items, or finds that it can't, and calls `done` once. */
export type Save = (items: Item[], done: () => void) => void;

export interface Outbox {
  push(log: LiveAnswer, logged: LoggedEntry | undefined): void;
  /** Saves and shows what is waiting, now. */
  flush(): void;
  /** Calls `task` when nothing is waiting or being saved. */
  whenIdle(task: () => void): void;
}

/**
 * Groups what is appended in one turn of the event loop into one save, and shows it afterwards: saved before seen.
 * `schedule` runs its task once, soon (setImmediate, queueMicrotask).
 */
export function outbox(schedule: (task: () => void) => void, save: Save, announce: (change: Change) => void): Outbox {
  let waiting: Item[] = [];
  let saving = false;
  let scheduled = false;
  let idle: (() => void)[] = [];

  function push(log: LiveAnswer, logged: LoggedEntry | undefined): void {
    waiting.push({ log, logged });
    if (scheduled || saving) return;
    scheduled = true;
    schedule(flush);
  }

  function flush(): void {
    scheduled = false;
    if (saving) return;
    if (waiting.length === 0) return settle();
    const items = waiting;
    waiting = [];
    saving = true;
    save(items, () => {
      show(items, announce);
      saving = false;
      if (waiting.length > 0 && !scheduled) {
        scheduled = true;
        schedule(flush);
      } else settle();
    });
  }

  function settle(): void {
    if (waiting.length > 0 || saving) return;
    const tasks = idle;
    idle = [];
    for (const task of tasks) task();
  }

  return {
    push,
    flush,
    whenIdle(task) {
      idle.push(task);
      settle();
    },
  };
}

/** Followers first, each log once with the newest of its entries; then the changes feed. */
function show(items: Item[], announce: (change: Change) => void): void {
  if (items.length === 1) {
    const [only] = items;
    if (only?.logged) only.log.release(only.logged.seq);
  } else {
    const newest = new Map<LiveAnswer, number>();
    for (const { log, logged } of items) if (logged) newest.set(log, logged.seq);
    for (const [log, seq] of newest) log.release(seq);
  }
  for (const { log, logged } of items) {
    if (!logged) announce({ version: 1, exchange: log.opening.id, at: log.opening.at, type: 'opened', opening: log.opening });
    else if (logged.entry.type !== 'bytes' && logged.entry.type !== 'events') {
      announce({ version: 1, exchange: log.opening.id, at: logged.at, type: 'entry', entry: logged.entry });
    }
  }
}
