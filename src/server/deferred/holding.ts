import type { Clock } from '../../exchange/clock.ts';
import type { Fault } from '../../exchange/fault.ts';
import { passes } from '../../failover/exhausted.ts';
import type { End, Entry } from '../../journal/entry.ts';
import type { Follower, Journal, LoggedEntry } from '../../journal/journal.ts';
import type { KeptLog } from '../ports.ts';
import type { Waiting } from './waiting.ts';

/** Clients that hold on for the answer to a request that is kept. */
export interface Holding {
  /** An answer as it is told to a client that holds on: where the log says that the request is kept, whoever answers it later goes on. */
  hold(log: KeptLog, terms: Terms): KeptLog;
  /** How many of them wait for this exchange. */
  of(exchange: string): number;
  /** The server stops: they are told that the request is kept. */
  letGo(): void;
}

/** Milliseconds, from the moment that `hold` is called. */
export interface Terms {
  /** At the end of which the client is told that it is kept. An answer that has begun by then goes on. */
  wait: number;
  /** At the end of which a streaming client gets its headers; absent where it would bear no keep-alives behind them, and where it does not stream. */
  headers?: number;
}

/** One client. */
interface Held {
  /** Somebody asks it again. */
  asked(run: string): void;
  /** It is given up. */
  withdrawn(): void;
  stop(): void;
}

const HEAD: Entry = {
  type: 'head',
  status: 200,
  headers: [
    ['content-type', 'text/event-stream; charset=utf-8'],
    ['cache-control', 'no-cache'],
  ],
};
const CANCELLED: End = { type: 'end', outcome: { type: 'cancelled', committed: false } };

export function createHolding(journal: Pick<Journal, 'live' | 'subscribe'>, deferred: Pick<Waiting, 'onWithdrawn'>, clock: Clock): Holding {
  /** By the exchange that is kept. */
  const held = new Map<string, Set<Held>>();

  journal.subscribe((change) => {
    if (change.type !== 'opened' || change.opening.runs === undefined) return;
    for (const one of held.get(change.opening.runs) ?? []) one.asked(change.exchange);
  });
  deferred.onWithdrawn((exchange) => {
    for (const one of held.get(exchange) ?? []) one.withdrawn();
  });

  function enter(exchange: string, one: Held): () => void {
    const all = held.get(exchange) ?? new Set<Held>();
    held.set(exchange, all);
    all.add(one);
    return () => {
      all.delete(one);
      if (all.size === 0 && held.get(exchange) === all) held.delete(exchange);
    };
  }

  function follow(
    log: KeptLog,
    terms: Terms,
    since: number,
    take: (logged: LoggedEntry) => boolean,
    lost: (reason: string) => void,
  ): Follower {
    const name = log.opening.runs ?? log.opening.id;
    /** Its entries go out as they come: the first attempts, or an answer. */
    let open = true;
    /** Part of an answer is out. */
    let begun = false;
    let kept: { end: End; fault: Fault } | undefined;
    let over = false;
    let headed = false;
    /** Its wait is over; its headers are due. Timers may be a hair before the clock, so it is they that say so. */
    let late = false;
    let due = false;
    let place = 0;
    let follower: Follower | undefined;
    /** Who asks it again: the newest that has not been followed. */
    let next: string | undefined;
    /** What a run has said before its first words. */
    let before: Entry[] = [];
    const stopHeaders = terms.headers === undefined ? undefined : clock.after(left(terms.headers), openHead);
    const stopWait = clock.after(left(terms.wait), timeUp);
    const leave = enter(name, {
      asked(run) {
        next = run;
        // Whoever opens it may be in the middle of that.
        if (kept && !follower) queueMicrotask(followNext);
      },
      withdrawn() {
        if (kept && !open) finish(CANCELLED);
      },
      stop: timeUp,
    });

    function left(ms: number): number {
      return Math.max(0, ms - (clock.monotonic() - since));
    }

    function give(entry: Entry): boolean {
      if (over) return false;
      if (entry.type === 'head') {
        // Headers that only say that somebody is there: nothing could be put behind them.
        if (terms.headers === undefined && entry.status === 200 && entry.target === undefined) return true;
        headed = true;
      }
      begun ||= entry.type === 'bytes' || entry.type === 'events';
      if (entry.type === 'end') {
        over = true;
        close();
      }
      return take({ seq: place++, at: clock.now(), entry });
    }

    function openHead(): void {
      due = true;
      if (!headed && kept) give(HEAD);
    }

    /** Told as it would have been without holding on, with what has been found since. */
    function timeUp(): void {
      late = true;
      if (!kept || open) return;
      const { outcome } = kept.end;
      if (outcome.type === 'deferred') finish({ ...kept.end, outcome: { ...outcome, fault: kept.fault } });
      else finish({ ...kept.end, outcome: { type: 'failed', fault: kept.fault, committed: false } });
    }

    function finish(end: End): void {
      stopFollowing();
      give(end);
    }

    function close(): void {
      stopHeaders?.();
      stopWait();
      leave();
    }

    function stopFollowing(): void {
      follower?.stop();
      follower = undefined;
    }

    function followNext(): void {
      if (over || follower || next === undefined) return;
      const run = journal.live(next);
      next = undefined;
      before = [];
      open = false;
      if (run) start(run);
    }

    function start(run: KeptLog): void {
      let ended = false;
      const mine = run.follow(
        -1,
        ({ entry }) => {
          if (over) return false;
          if (entry.type !== 'end') return open ? give(entry) : holdBack(entry);
          ended = true;
          follower = undefined;
          return atEnd(entry);
        },
        (reason) => {
          ended = true;
          follower = undefined;
          if (!open) return again();
          close();
          over = true;
          lost(reason);
        },
      );
      if (ended || over) mine.stop();
      else follower = mine;
    }

    /** Until it says something the answer may still come to nothing, and another one be asked. */
    function holdBack(entry: Entry): boolean {
      before.push(entry);
      return entry.type !== 'bytes' && entry.type !== 'events' ? true : release();
    }

    function release(): boolean {
      open = true;
      const entries = before;
      before = [];
      let room = true;
      for (const entry of entries) room = give(entry);
      return room;
    }

    function atEnd(end: End): boolean {
      const { outcome } = end;
      const fault = begun ? undefined : faultToWaitFor(end, log, kept !== undefined);
      if (fault) {
        kept = { end: kept?.end ?? end, fault };
        open = false;
        if (due) openHead();
        if (late) timeUp();
        else again();
        return false;
      }
      if (!open && (outcome.type === 'cancelled' || outcome.type === 'interrupted')) {
        again();
        return false;
      }
      if (!open) release();
      return give(end);
    }

    function again(): void {
      before = [];
      if (next !== undefined) queueMicrotask(followNext);
    }

    start(log);
    return {
      resume: () => follower?.resume(),
      stop() {
        over = true;
        close();
        stopFollowing();
      },
    };
  }

  return {
    hold(log, terms) {
      const since = clock.monotonic();
      return { opening: log.opening, follow: (_cursor, take, lost) => follow(log, terms, since, take, lost) };
    },
    of: (exchange) => held.get(exchange)?.size ?? 0,
    letGo() {
      for (const one of [...held.values()].flatMap((all) => [...all])) one.stop();
    },
  };
}

/** What has to pass before this request, which is kept, can be answered; `undefined`: it has been, or will not be. `again`: it has been asked again. */
function faultToWaitFor({ outcome }: End, { opening }: KeptLog, again: boolean): Fault | undefined {
  if (outcome.type === 'deferred') return outcome.fault;
  if (outcome.type !== 'failed' || !passes(outcome.fault)) return undefined;
  return again || opening.runs !== undefined ? outcome.fault : undefined;
}
