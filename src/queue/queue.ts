import type { Clock } from '../exchange/clock.ts';
import type { Result } from '../exchange/result.ts';
import { passes } from '../failover/exhausted.ts';
import type { End } from '../journal/entry.ts';
import type { Change, Journal } from '../journal/journal.ts';
import { answered, failed, type Gate, SHUT, woken } from './gate.ts';
import type { Job, JobState, JobTerms } from './job.ts';
import type { QueueSettings } from './settings.ts';
import type { JobStore } from './store.ts';

/** Why a kept request can't be asked again. `gone`: it does not wait any more. `closing`: not now, and no fault of it. */
export type StartProblem = { type: 'gone' } | { type: 'closing' } | { type: 'not-askable'; reason: string };

/** What has become of a kept request. */
export interface QueueNews {
  job: Job;
  change: 'kept' | 'asked' | 'answered' | 'failed' | 'cancelled' | 'expired';
}

export interface QueueParts {
  store: JobStore;
  journal: Pick<Journal, 'subscribe' | 'list' | 'recall'>;
  clock: Clock;
  /** 0 to 1. */
  random(): number;
  settings(): QueueSettings;
  /** Asks it again, as an exchange of its own; says which. */
  start(job: Job): Promise<Result<string, StartProblem>>;
  /** It is not wanted any more: whoever holds on for it is told. */
  withdraw(exchange: string): Promise<boolean>;
  onNews(news: QueueNews): void;
}

/** What is known of a kept request when it is kept. */
export interface Kept {
  exchange: string;
  route: string;
  model: string;
  principal: string;
}

/** Requests that wait for somebody to answer, and are asked again when somebody may. */
export interface Queue {
  /** Takes up what an earlier process has left, and asks from now on. */
  begin(): Promise<void>;
  /** Before its asker is told that it is kept: then it is on disk. */
  keep(kept: Kept, terms: JobTerms): void;
  /** There is room for one more. */
  hasRoom(): boolean;
  /** Somebody who answers this route (or any) is said to be back. */
  wake(route?: string): void;
  /** Asked now, whatever the order says. */
  run(exchange: string): Promise<Result<string, StartProblem>>;
  change(exchange: string, change: { priority?: Job['priority']; deadline?: number }): Job | undefined;
  cancel(exchange: string): Promise<Job | undefined>;
  /** Settles when nothing is being started. */
  close(): Promise<void>;
}

/** Milliseconds that a lease lasts, and after which it is renewed. */
const LEASE = 60_000;
const HEARTBEAT = 20_000;
/** Milliseconds after which a request that failed is asked again at the earliest, doubled each time. */
const FIRST_BACK_OFF = 5000;
const LONGEST_BACK_OFF = 30 * 60_000;
/** Milliseconds between two looks at what is over long ago. */
const TIDY = 60 * 60_000;
/** As many as the journal lists at a start. */
const MOST_ADOPTED = 100_000;

/**
 * Asks what waits again: by route, in the order of priority, deadline and age, one at first and more as answers come. Leases of whoever died are taken back, so
 * that a request may be asked twice upstream; its asker gets one answer, the first that is whole.
 */
export function createQueue(parts: QueueParts): Queue {
  const { store, journal, clock, settings } = parts;
  const gates = new Map<string, Gate>();
  /** Exchanges under way, by the request that they are to answer. */
  const runs = new Map<string, string>();
  /** By route: being started, or under way. */
  const busy = new Map<string, Set<string>>();
  const starting = new Set<Promise<unknown>>();
  let stopTimer: (() => void) | undefined;
  let closed = false;
  /** Until it has begun nothing is asked. */
  let begun = false;
  let stopBeat: (() => void) | undefined;
  let stopTidy: (() => void) | undefined;
  const stopListening = journal.subscribe(hear);

  /** What the journal keeps and the queue does not know: it died in between, or its database was lost. And what was answered meanwhile. */
  async function adopt(): Promise<void> {
    const waiting = await journal.list({ limit: MOST_ADOPTED, state: 'deferred' });
    const now = clock.now();
    for (const { id, at, route, model } of waiting) {
      const principal = store.get(id)?.principal ?? (await journal.recall(id))?.opening.principal ?? 'local';
      store.add({
        exchange: id,
        priority: 'normal',
        keptAt: at,
        deadline: Math.max(at + settings().deadline, now),
        route,
        model,
        principal,
      });
    }
    if (waiting.length >= MOST_ADOPTED) return;
    const ids = new Set(waiting.map(({ id }) => id));
    for (const job of store.list({ open: true, limit: MOST_ADOPTED }, now)) if (!ids.has(job.exchange)) await settleLost(job);
  }

  /** It waits here, and not in the journal: somebody answered it or gave it up while nobody listened. */
  async function settleLost(job: Job): Promise<void> {
    const state = (await journal.recall(job.exchange))?.state;
    end(job, state === 'answered' ? 'answered' : 'cancelled', state === undefined ? 'it is not in the record' : undefined);
  }

  function hear(change: Change): void {
    if (change.type === 'opened') {
      const { runs: exchange, route } = change.opening;
      if (exchange === undefined) return;
      runs.set(change.exchange, exchange);
      // Also where its asker, or somebody by hand, has it asked again.
      store.running(exchange, change.exchange, clock.now() + LEASE);
      begin(route, exchange);
      return;
    }
    if (change.entry.type !== 'end') return;
    const exchange = runs.get(change.exchange);
    runs.delete(change.exchange);
    if (exchange !== undefined) settle(exchange, change.exchange, change.entry);
  }

  function settle(exchange: string, run: string, { outcome }: End): void {
    const job = store.get(exchange);
    if (!job) return;
    leave(job.route, exchange);
    const now = clock.now();
    if (outcome.type === 'complete') {
      // The first after an outage says that the others may be asked, too.
      if (gateOf(job.route).failures > 0) store.wake(job.route, now);
      gates.set(job.route, answered(gateOf(job.route), settings().concurrency));
      end({ ...job, run }, 'answered');
    } else if (outcome.type === 'failed' && !passes(outcome.fault)) {
      void giveUp({ ...job, run }, 'failed', outcome.fault.message);
    } else {
      const why = outcome.type === 'failed' || outcome.type === 'deferred' ? outcome.fault.message : 'it was broken off';
      if (outcome.type === 'failed') gates.set(job.route, failed(gateOf(job.route), now, parts.random()));
      const pause = Math.min(LONGEST_BACK_OFF, FIRST_BACK_OFF * 2 ** Math.max(0, job.attempts - 1));
      store.again(exchange, now + pause * (0.5 + parts.random() / 2), why);
    }
    pump();
  }

  function end(job: Job, state: Exclude<JobState, 'waiting' | 'running'>, reason?: string): void {
    if (store.over(job.exchange, state, clock.now(), reason)) parts.onNews({ job: store.get(job.exchange) ?? job, change: state });
  }

  /** First it is written down that it is over, so that nobody asks it again; then whoever holds on is told. */
  async function giveUp(job: Job, state: 'failed' | 'cancelled' | 'expired', reason?: string): Promise<void> {
    end(job, state, reason);
    await parts.withdraw(job.exchange);
  }

  function gateOf(route: string): Gate {
    return gates.get(route) ?? SHUT;
  }

  function begin(route: string, exchange: string): void {
    const all = busy.get(route) ?? new Set<string>();
    busy.set(route, all.add(exchange));
  }

  function leave(route: string, exchange: string): void {
    const all = busy.get(route);
    all?.delete(exchange);
    if (all?.size === 0) busy.delete(route);
  }

  function pump(): void {
    if (closed || !begun) return;
    const now = clock.now();
    for (const job of store.expired(now)) void giveUp(job, 'expired', job.reason);
    for (const route of store.readyRoutes(now)) {
      const gate = gateOf(route);
      if (gate.notBefore > now) continue;
      for (let free = gate.width - (busy.get(route)?.size ?? 0); free > 0; free--) {
        const job = gate.failures > 0 ? store.canary(route, now) : store.next(route, now);
        if (!job) break;
        track(ask(job));
      }
    }
    arm(now);
  }

  function track(work: Promise<unknown>): void {
    const one = work.catch(() => undefined).finally(() => starting.delete(one));
    starting.add(one);
  }

  async function ask(job: Job): Promise<Result<string, StartProblem>> {
    // Taken before anything is waited for: nobody takes it twice.
    store.running(job.exchange, undefined, clock.now() + LEASE);
    begin(job.route, job.exchange);
    const asked = await parts.start(job);
    if (asked.ok) {
      parts.onNews({ job: store.get(job.exchange) ?? job, change: 'asked' });
      return asked;
    }
    leave(job.route, job.exchange);
    const { error } = asked;
    if (error.type === 'gone') await settleLost(job);
    else if (error.type === 'closing') store.again(job.exchange, 0, 'Understudy was stopped');
    else {
      // A configuration may be mended: it waits for that as for a provider.
      gates.set(job.route, failed(gateOf(job.route), clock.now(), parts.random()));
      store.again(job.exchange, clock.now() + LONGEST_BACK_OFF, error.reason);
    }
    arm(clock.now());
    return asked;
  }

  function arm(now: number): void {
    stopTimer?.();
    stopTimer = undefined;
    if (closed || !begun) return;
    const moments = store
      .readyRoutes(now)
      .map((route) => gateOf(route).notBefore)
      .filter((at) => at > now);
    const next = store.nextMoment(now);
    if (next !== undefined) moments.push(next);
    if (moments.length > 0) stopTimer = clock.after(Math.max(1, Math.min(...moments) - now), pump);
  }

  function beat(): void {
    const now = clock.now();
    if (busy.size > 0) store.extend(now + LEASE);
    // Nobody here is at it: whoever was has died.
    else if (store.reclaim(now) > 0) pump();
    stopBeat = clock.after(HEARTBEAT, beat);
  }

  function tidyNow(): void {
    store.forgetOld(clock.now());
  }

  function tidy(): void {
    tidyNow();
    stopTidy = clock.after(TIDY, tidy);
  }

  return {
    async begin() {
      store.reclaim(Number.MAX_SAFE_INTEGER);
      await adopt();
      if (closed) return;
      begun = true;
      stopBeat = clock.after(HEARTBEAT, beat);
      stopTidy = clock.after(TIDY, tidy);
      tidyNow();
      pump();
    },
    keep({ exchange, route, model, principal }, { priority = 'normal', deadline = settings().deadline, notify, batch, line }) {
      const now = clock.now();
      const rest = { ...(notify !== undefined && { notify }), ...(batch !== undefined && { batch }), ...(line !== undefined && { line }) };
      const fresh = { exchange, priority, keptAt: now, deadline: now + deadline, route, model, principal, ...rest };
      if (!store.add(fresh)) return;
      // All have just been asked: not at once again.
      if (batch === undefined && gateOf(route).notBefore <= now && !busy.has(route))
        gates.set(route, failed(gateOf(route), now, parts.random()));
      const job = store.get(exchange);
      if (job) parts.onNews({ job, change: 'kept' });
      arm(now);
    },
    hasRoom() {
      const { waiting = 0, running = 0 } = store.counts();
      return waiting + running < settings().most;
    },
    wake(route) {
      const now = clock.now();
      for (const name of route === undefined ? [...gates.keys()] : [route]) {
        if (gateOf(name).failures === 0) continue;
        gates.set(name, woken(gateOf(name), now, parts.random()));
        store.wake(name, now);
      }
      pump();
    },
    async run(exchange) {
      const job = store.get(exchange);
      if (job?.state === 'running' && job.run) return { ok: true, value: job.run };
      if (job?.state !== 'waiting') return { ok: false, error: { type: 'gone' } };
      const asked = ask(job);
      track(asked);
      return asked;
    },
    change(exchange, change) {
      store.change(exchange, change);
      pump();
      return store.get(exchange);
    },
    async cancel(exchange) {
      const job = store.get(exchange);
      if (job?.state !== 'waiting' && job?.state !== 'running') return undefined;
      await giveUp(job, 'cancelled');
      return store.get(exchange);
    },
    async close() {
      closed = true;
      for (const stop of [stopTimer, stopBeat, stopTidy, stopListening]) stop?.();
      await Promise.all(starting);
      store.close();
    },
  };
}
