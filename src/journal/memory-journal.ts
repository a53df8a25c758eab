import type { Clock } from '../exchange/clock.ts';
import type { ExchangeDetail, Journal, JournalState } from './journal.ts';
import type { LiveAnswer } from './answer-log.ts';
import { gather, live, select } from './live.ts';
import { skippedIn } from './skipped.ts';
import { answerText } from './text.ts';

export interface MemoryJournalOptions {
  clock: Clock;
  /** What `state` says: degraded where a disk was wanted and can't be had. */
  state?: JournalState;
  /** Bytes of one answer that are kept; readers further behind are lost. Default 8 MiB (DESIGN.md, bounds). */
  limit?: number;
  /** Milliseconds that an answer stays after its end. Default 60 s. */
  keepAfterEnd?: number;
  /** Something in this process is wrong: a listener has thrown. Default: ignored. */
  onFault?: (error: unknown) => void;
}

const EIGHT_MIB = 8 * 1024 * 1024;

/**
 * A journal without a disk: what in-process engines and tests use, and what is left when the data folder can't be used at
 * all. Entries are shown on the next microtask, so it runs on a virtual clock.
 */
export function memoryJournal(options: MemoryJournalOptions): Journal {
  const limit = options.limit ?? EIGHT_MIB;
  const requests = new Map<LiveAnswer, Buffer>();
  const answers = live({
    clock: options.clock,
    limits: { ring: limit, unsaved: limit },
    keepAfterEnd: options.keepAfterEnd ?? 60_000,
    pace: { schedule: queueMicrotask, busy: () => false },
    save: (_, done) => done(),
    replay: () => undefined,
    fault: options.onFault ?? (() => undefined),
    gone: (log) => requests.delete(log),
  });

  return {
    open(opening, request) {
      const log = answers.open(opening, request);
      if (opening.save) requests.set(log, request);
      return log;
    },
    live: answers.get,
    running: answers.running,
    state: () => options.state ?? { type: 'saving' },
    list: (query) =>
      Promise.resolve(
        select(
          [...answers.all()].map((log) => log.summary.read()),
          query,
        ),
      ),
    async get(id) {
      const log = answers.get(id);
      if (!log) return undefined;
      const entries = await gather(log);
      const request = requests.get(log)?.toString('utf8');
      const detail: ExchangeDetail = log.summary.read();
      if (request !== undefined) detail.request = request;
      if (entries) Object.assign(detail, skippedIn(entries), { text: answerText(entries) });
      return detail;
    },
    async entries(id) {
      const log = answers.get(id);
      return log?.ended() ? gather(log) : undefined;
    },
    find: (query) => Promise.resolve(answers.find(query)?.opening.id),
    findOnce: (query) => Promise.resolve(answers.findOnce(query)?.opening.id),
    findRun: (deferred) => Promise.resolve(answers.findRun(deferred)?.opening.id),
    withdraw: (deferred) => Promise.resolve(answers.get(deferred)?.summary.settle(undefined) ?? false),
    async recall(id) {
      const log = answers.get(id);
      if (!log) return undefined;
      const entries = await gather(log);
      const request = requests.get(log);
      return { opening: log.opening, state: log.summary.state(), ...(request && { request }), entries: entries ?? [] };
    },
    subscribe: answers.subscribe,
    close() {
      answers.outbox.flush();
      answers.close();
      return Promise.resolve();
    },
  };
}
