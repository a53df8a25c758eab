import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../exchange/clock.ts';
import type { FeedAdapter, PageFamily, PageState, StatusPage } from '../page.ts';
import { createBackOff } from './back-off.ts';
import type { FetchPage } from './fetch-page.ts';
import { intervalOf, isUnderWay, knownFor } from './page-standing.ts';
import { readPage, remember, remembered, type PageOutcome, type PageReader } from './read-page.ts';
import type { PageStore } from './store.ts';

/** Looks at pages, again and again, and says how they stand. */
export interface Poller {
  /** These are to be looked at, those that matter most first, and no others. */
  setPages(pages: readonly StatusPage[]): void;
  /** Something is suspected that these (ids) could know of, and no others: they are looked at at once, and more often. */
  hurry(pages: Iterable<string>): void;
  /** In the order of the pages. */
  states(): PageState[];
  /** Settles when nothing is under way any more. */
  close(): Promise<void>;
}

export interface PollerOptions {
  clock: Clock;
  /** 0 to 1. */
  random: () => number;
  /** Through `oneAtATime`, so that no host is asked for two things at once. */
  fetchPage: FetchPage;
  adapterOf: (family: PageFamily) => FeedAdapter;
  store: PageStore;
  pages: readonly StatusPage[];
  /** After each attempt, and when what a page said has become too old. The same reading is the same object. */
  onState(state: PageState): void;
  /** The store has failed; nothing is looked at any more. */
  broken(error: unknown): void;
}

/** Pages looked at at the same time. */
const AT_ONCE = 4;
/** Milliseconds between two pages' first looks, at the start and after a sleep, and for all of them together. */
const APART = 1000;
const ALL_APART = 15_000;
/** A page is not asked again before, whatever has happened in between: a restart, a suspicion. */
const LEAST = 60_000;
/** After a first failure, which often stays the only one. */
const SECOND_TRY = { least: 20_000, most: 40_000 };
/** How often it is noticed, at the latest, that a page has become too old or that this machine has slept. */
const HEARTBEAT = 30_000;
/** Missing time, or time that the wall clock and the timers do not agree on, after which nothing that was read before counts. */
const SLEPT = 120_000;
const SWEEP = 86_400_000;

interface Watched extends PageReader {
  state: PageState;
  changedAt: number;
  /** Monotonic times: the next look, the last one, and the last that gave a reading (none since this machine slept: `undefined`). */
  due: number;
  triedAt: number;
  readAt: number | undefined;
  failures: number;
  running?: AbortController;
}

export function createPoller(options: PollerOptions): Poller {
  const { random, store, onState } = options;
  // Rows have whole milliseconds.
  const clock: Clock = { ...options.clock, now: () => Math.floor(options.clock.now()) };
  const backOff = createBackOff(clock);
  const watched = new Map<string, Watched>();
  const rounds = new Set<Promise<void>>();
  let hurried: ReadonlySet<string> = new Set();
  let looked = { wall: clock.now(), monotonic: clock.monotonic() };
  let swept = -Infinity;
  let cancelTimer: (() => void) | undefined;
  let closed = false;

  function isHurried({ page, state, changedAt }: Watched): boolean {
    return hurried.has(page.id) || (state.reading !== undefined && isUnderWay(state.reading, changedAt, clock.now()));
  }

  function isKnown(one: Watched): boolean {
    if (one.readAt === undefined || one.state.readAt === undefined) return false;
    const age = Math.max(clock.monotonic() - one.readAt, clock.now() - one.state.readAt);
    return age <= knownFor(isHurried(one));
  }

  function tell(one: Watched, change: Partial<PageState>): void {
    const known = isKnown(one);
    // What has become too old stays so until it is read again, though haste that made it too old may end.
    if (!known) one.readAt = undefined;
    one.state = { ...one.state, ...change, state: known ? 'fresh' : 'unknown' };
    onState(one.state);
  }

  function lapse(): void {
    for (const one of watched.values()) if (one.state.state === 'fresh' && !isKnown(one)) tell(one, {});
  }

  function add(page: StatusPage, order: number, all: number): Watched {
    const adapter = options.adapterOf(page.family);
    const reader: PageReader = { page, adapter, requests: adapter.requests(page), feeds: new Map() };
    const { feeds, triedAt, changedAt = 0, problem, ...known } = store.known(page.id);
    remember(reader, feeds, store, clock.now());
    const reading = remembered(reader);
    // A clock that was put back leaves times to come behind: what they belong to may be of any age.
    const readAt = reading && known.readAt !== undefined && known.readAt <= clock.now() ? known.readAt : undefined;
    const now = clock.monotonic();
    const sinceTried = triedAt === undefined ? Infinity : Math.max(0, clock.now() - triedAt);
    const one: Watched = {
      ...reader,
      state: {
        page: page.id,
        state: 'unknown',
        ...(triedAt !== undefined && { triedAt }),
        ...(problem !== undefined && { problem }),
        ...(reading && known.readAt !== undefined && { readAt: known.readAt, reading }),
      },
      changedAt,
      due: 0,
      triedAt: now - sinceTried,
      readAt: readAt === undefined ? undefined : now - (clock.now() - readAt),
      failures: 0,
    };
    const rest = one.readAt !== undefined && isKnown(one) && problem === undefined ? intervalOf(isHurried(one), random()) : LEAST;
    one.due = Math.max(now + spread(order, all), one.triedAt + rest);
    if (isKnown(one)) one.state.state = 'fresh';
    return one;
  }

  /** Milliseconds by which one of many waits for those before it. */
  function spread(order: number, all: number): number {
    return (order + random()) * Math.min(APART, ALL_APART / Math.max(1, all)) - (order === 0 ? APART : 0);
  }

  function replace(pages: readonly StatusPage[]): void {
    if (watched.size === 0) looked = { wall: clock.now(), monotonic: clock.monotonic() };
    const before = new Map(watched);
    watched.clear();
    const added = pages.filter((page) => !isDeepStrictEqual(before.get(page.id)?.page, page)).length;
    let order = 0;
    for (const page of pages) {
      const known = before.get(page.id);
      const same = isDeepStrictEqual(known?.page, page);
      watched.set(page.id, same ? known! : add(page, order++, added));
      if (same) before.delete(page.id);
    }
    for (const one of before.values()) one.running?.abort();
    wait();
  }

  function beat(): void {
    cancelTimer = undefined;
    guarded(() => {
      notice();
      lapse();
      if (clock.monotonic() - swept >= SWEEP) {
        swept = clock.monotonic();
        store.sweep(clock.now());
      }
      begin();
    });
    wait();
  }

  /** Timers do not run while a machine sleeps, and some clocks of a machine do not go on. What was read before may be long over. */
  function notice(): void {
    const before = looked;
    looked = { wall: clock.now(), monotonic: clock.monotonic() };
    const [wall, monotonic] = [looked.wall - before.wall, looked.monotonic - before.monotonic];
    if (monotonic <= SLEPT && Math.abs(wall - monotonic) <= SLEPT) return;
    [...watched.values()].forEach((one, order) => {
      one.running?.abort();
      delete one.running;
      one.readAt = undefined;
      one.due = looked.monotonic + APART + spread(order, watched.size);
      if (one.state.state === 'fresh') tell(one, {});
    });
    wait();
  }

  function begin(): void {
    const now = clock.monotonic();
    const running = [...watched.values()].filter((one) => one.running).length;
    const due = [...watched.values()].filter((one) => !one.running && one.due <= now).toSorted((one, other) => one.due - other.due);
    for (const one of due.slice(0, Math.max(0, AT_ONCE - running))) {
      const round = look(one);
      rounds.add(round);
      void round.then(() => rounds.delete(round));
    }
  }

  async function look(one: Watched): Promise<void> {
    const running = new AbortController();
    one.running = running;
    const askedAt = clock.now();
    try {
      const outcome = await readPage(one, { clock, fetchPage: options.fetchPage, store, backOff }, running.signal);
      if (running.signal.aborted || closed) return;
      delete one.running;
      guarded(() => conclude(one, outcome, askedAt));
    } catch (error) {
      fail(error);
    }
    wait();
  }

  function conclude(one: Watched, outcome: PageOutcome, askedAt: number): void {
    const now = clock.monotonic();
    const at = clock.now();
    switch (outcome.type) {
      case 'cancelled':
        return;
      case 'left-alone':
        one.due = now + outcome.wait + random() * LEAST;
        return tell(one, { problem: outcome.problem });
      case 'failed':
        one.triedAt = now;
        one.failures++;
        store.concluded(one.page, at, { problem: outcome.problem });
        tell(one, { triedAt: at, problem: outcome.problem });
        one.due = now + untilNextTry(one, outcome.local);
        return;
      case 'read': {
        one.triedAt = one.readAt = now;
        one.failures = 0;
        if (outcome.changed) one.changedAt = at;
        store.concluded(one.page, at, { changed: outcome.changed });
        const { problem: _over, ...before } = one.state;
        one.state = { ...before, askedAt, triedAt: at, readAt: at };
        const reading = isDeepStrictEqual(outcome.reading, one.state.reading) ? one.state.reading! : outcome.reading;
        tell(one, { reading });
        one.due = now + intervalOf(isHurried(one), random());
      }
    }
  }

  /** After a failure. Where nothing outside of this machine can be reached, nobody is bothered by another try. */
  function untilNextTry(one: Watched, local: boolean): number {
    if (one.failures === 1 || local) return between(SECOND_TRY);
    // What was open there when it could last be read is no reason to ask a dead host more often.
    return intervalOf(hurried.has(one.page.id) || (isHurried(one) && isKnown(one)), random());
  }

  function between({ least, most }: { least: number; most: number }): number {
    return least + (most - least) * random();
  }

  function wait(): void {
    cancelTimer?.();
    cancelTimer = undefined;
    if (closed || watched.size === 0) return;
    const all = [...watched.values()];
    const waiting = all.filter((one) => !one.running);
    const full = all.length - waiting.length >= AT_ONCE;
    const next = full ? Infinity : Math.min(...waiting.map(({ due }) => due)) - clock.monotonic();
    cancelTimer = clock.after(Math.min(HEARTBEAT, Math.max(0, next)), beat);
  }

  function guarded(task: () => void): void {
    try {
      task();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    if (closed) return;
    stop();
    options.broken(error);
  }

  function stop(): void {
    closed = true;
    cancelTimer?.();
    cancelTimer = undefined;
    for (const one of watched.values()) one.running?.abort();
  }

  guarded(() => replace(options.pages));

  return {
    setPages(pages) {
      if (!closed) guarded(() => replace(pages));
    },
    hurry(pages) {
      const wanted = new Set(pages);
      const now = clock.monotonic();
      for (const one of watched.values()) {
        if (!wanted.has(one.page.id) || hurried.has(one.page.id)) continue;
        one.due = Math.min(one.due, Math.max(now + random() * APART, one.triedAt + LEAST));
      }
      hurried = wanted;
      wait();
    },
    states() {
      guarded(() => {
        notice();
        lapse();
      });
      return [...watched.values()].map(({ state }) => state);
    },
    async close() {
      stop();
      await Promise.all(rounds);
    },
  };
}
