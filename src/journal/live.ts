import type { Clock } from '../exchange/clock.ts';
import { shortLivedMap } from '../exchange/short-lived-map.ts';
import { answerLog } from './answer-log.ts';
import type { AnswerLimits, LiveAnswer } from './answer-log.ts';
import type { Opening } from './entry.ts';
import type { Replay } from './follower.ts';
import type { AnswerQuery, Change, ExchangeQuery, ExchangeSummary, LoggedEntry, OnceQuery } from './journal.ts';
import { afterlife } from './afterlife.ts';
import { outbox } from './outbox.ts';
import type { Pace } from './pace.ts';
import type { Outbox, Save } from './outbox.ts';

export interface LivePorts {
  clock: Clock;
  limits: AnswerLimits;
  /** Milliseconds that an answer stays here after its end, at most. */
  keepAfterEnd: number;
  pace: Pace;
  save: Save;
  replay(log: LiveAnswer): Replay | undefined;
  fault(error: unknown): void;
  /** An answer has left memory. */
  gone(log: LiveAnswer): void;
}

/** The exchanges that are under way, and those that ended a short while ago; who listens to them. */
export interface Live {
  outbox: Outbox;
  open(opening: Opening, request: Buffer): LiveAnswer;
  get(id: string): LiveAnswer | undefined;
  /** The newest whose answer is known by this id. */
  find(query: AnswerQuery): LiveAnswer | undefined;
  findOnce(query: OnceQuery): LiveAnswer | undefined;
  findRun(deferred: string): LiveAnswer | undefined;
  all(): Generator<LiveAnswer>;
  running(): Opening[];
  subscribe(listener: (change: Change) => void): () => void;
  /** Forgets everything; timers are stopped. */
  close(): void;
}

export function live(ports: LivePorts): Live {
  const logs = shortLivedMap<LiveAnswer>();
  const listeners = new Set<(change: Change) => void>();
  const ended = afterlife(ports.clock, ports.keepAfterEnd, (log) => {
    if (logs.get(log.opening.id) === log) logs.delete(log.opening.id);
    ports.gone(log);
  });

  function announce(change: Change): void {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        ports.fault(error);
      }
    }
    if (change.type !== 'entry' || change.entry.type !== 'end') return;
    const log = logs.get(change.exchange);
    if (!log) return;
    const { runs } = log.opening;
    if (runs !== undefined && change.entry.outcome.type === 'complete') logs.get(runs)?.summary.settle(change.exchange);
    ended.add(log);
  }

  function newest(fits: (log: LiveAnswer) => boolean): LiveAnswer | undefined {
    return [...logs.values()].filter(fits).toSorted((one, other) => (one.opening.id < other.opening.id ? 1 : -1))[0];
  }

  const box = outbox(ports.pace.schedule, ports.save, announce);
  return {
    outbox: box,
    open(opening, request) {
      const log = answerLog(opening, request, {
        clock: ports.clock,
        limits: opening.save ? ports.limits : { ...ports.limits, ring: ports.limits.unsaved },
        push: box.push,
        busy: ports.pace.busy,
        replay: ports.replay,
        fault: ports.fault,
      });
      logs.set(opening.id, log);
      box.push(log, undefined);
      return log;
    },
    get: logs.get,
    find({ dialect, principal, name }) {
      return newest(
        ({ opening, summary }) =>
          (summary.answer() === name || summary.items().includes(name)) && opening.dialect === dialect && opening.principal === principal,
      );
    },
    findOnce({ dialect, principal, key, since }) {
      return newest(
        ({ opening, summary }) =>
          opening.once?.key === key &&
          opening.save &&
          opening.dialect === dialect &&
          opening.principal === principal &&
          opening.at >= since &&
          PINNED.has(summary.state()),
      );
    },
    findRun: (deferred) => newest(({ opening }) => opening.runs === deferred),
    all: logs.values,
    running: () => [...logs.values()].filter((log) => !log.closing()).map((log) => log.opening),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      ended.close();
      listeners.clear();
    },
  };
}

/** How an exchange has to have ended for a later request under the same key to be given it. */
const PINNED: ReadonlySet<string> = new Set(['complete', 'deferred', 'answered']);

/** Newest first, without those that the query does not ask for. Earlier summaries of the same exchange win. */
export function select(summaries: Iterable<ExchangeSummary>, query: ExchangeQuery): ExchangeSummary[] {
  const found = new Map<string, ExchangeSummary>();
  for (const summary of summaries) if (!found.has(summary.id)) found.set(summary.id, summary);
  return [...found.values()]
    .filter((summary) => query.before === undefined || summary.id < query.before)
    .filter((summary) => query.state === undefined || summary.state === query.state)
    .toSorted((one, other) => (one.id < other.id ? 1 : -1))
    .slice(0, query.limit);
}

/** All entries that may be shown so far; `undefined` if some are nowhere any more. */
export function gather(log: LiveAnswer): Promise<LoggedEntry[] | undefined> {
  const last = log.released();
  if (last < 0) return Promise.resolve([]);
  return new Promise((resolve) => {
    const found: LoggedEntry[] = [];
    const follower = log.follow(
      -1,
      (logged) => {
        found.push(logged);
        if (logged.seq < last) return true;
        follower.stop();
        resolve(found);
        return false;
      },
      () => resolve(undefined),
    );
  });
}
