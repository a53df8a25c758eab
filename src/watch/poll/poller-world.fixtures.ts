import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../exchange/clock.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { virtualClock } from '../../exchange/virtual-clock.ts';
import type { PageState, StatusPage } from '../page.ts';
import type { Fetched, FetchProblem, PageRequest } from './fetch-page.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { pagesDatabase, testAdapter } from './poller.fixtures.ts';
import { createPoller, type Poller } from './poller.ts';
import { createPageStore } from './store.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const START = Date.UTC(2026, 5, 2, 6, 0);

/** A payload, or `unchanged`. */
export type Answer = string | FetchProblem;
/** By address, or by host. */
type Script = Record<string, Answer | ((request: PageRequest) => Answer)>;

interface World {
  clock: ReturnType<typeof virtualClock> & Clock;
  /** Moves the wall clock alone. */
  leap: { wall: number; by(span: number): void };
  script: Script;
  asked: { at: number; url: string; validators?: PageRequest['validators'] }[];
  told: PageState[];
  broken: unknown[];
  counts: { read: number };
  database: DatabaseSync;
  start(pages: readonly StatusPage[], random?: () => number): Poller;
  state(page: string): PageState | undefined;
  /** Minutes at which an address was asked, since the start. */
  minutes(part: string): number[];
}

export const WELL = '{"state":"operational","open":[]}';
export const ILL = '{"state":"operational","open":["Elevated errors"]}';

/** A poller, its time, and pages that say what they are told to. */
export function world(script: Script, database = pagesDatabase(), clock = virtualClock(START)): World {
  const leap = { wall: 0, by: (span: number) => void (leap.wall += span) };
  const shifted = {
    ...clock,
    now: () => clock.now() + leap.wall,
    async advance(span: number) {
      for (let left = span; left > 0; left -= SECOND) {
        await clock.advance(Math.min(left, SECOND));
        await setImmediate();
      }
    },
  };
  const counts = { read: 0 };
  const begun = clock.monotonic();
  const made: World = {
    clock: shifted,
    leap,
    script,
    asked: [],
    told: [],
    broken: [],
    counts,
    database,
    start(pages, random = () => 0.5) {
      const poller = createPoller({
        clock: shifted,
        random,
        fetchPage: oneAtATime(fetchPage),
        adapterOf: () => testAdapter(counts),
        store: createPageStore(database),
        pages,
        onState: (state) => void made.told.push(structuredClone(state)),
        broken: (error) => void made.broken.push(error),
      });
      onTestFinished(() => poller.close());
      return poller;
    },
    state: (page) => made.told.findLast((state) => state.page === page),
    minutes: (part) => made.asked.filter(({ url }) => url.includes(part)).map(({ at }) => Math.round((at - begun) / (MINUTE / 10)) / 10),
  };

  async function fetchPage(request: PageRequest): Promise<Result<Fetched, FetchProblem>> {
    made.asked.push({ at: clock.monotonic(), url: request.url, ...(request.validators && { validators: request.validators }) });
    const found = script[request.url] ?? script[new URL(request.url).host] ?? problem('dns');
    const answer = typeof found === 'function' ? found(request) : found;
    if (typeof answer === 'object') return err(answer);
    if (answer === 'unchanged') return ok({ type: 'unchanged' });
    const contentType = answer.startsWith('<') ? 'text/html' : 'application/json';
    return ok({
      type: 'payload',
      payload: { url: request.url, contentType, bytes: Buffer.from(answer) },
      validators: { etag: `"${answer.length}"` },
    });
  }
  return made;
}

export function problem(type: FetchProblem['type'], more: Partial<FetchProblem> = {}): FetchProblem {
  return { type, message: `no: ${more.status ?? type}`, ...more };
}
