import { randomFillSync } from 'node:crypto';
import type { Clock } from '../exchange/clock.ts';
import { readiness, type Readiness } from './check/readiness.ts';
import { createJudge } from './detect/judge.ts';
import { adapterOf } from './feeds/adapters.ts';
import { detectFamily } from './feeds/detect-family.ts';
import { whatIsInUse } from './in-use.ts';
import type { Incident } from './incident.ts';
import { createIncidents } from './incidents/incidents.ts';
import type { PageState, StatusPage } from './page.ts';
import type { WatchPlan } from './plan.ts';
import { createBackOff } from './poll/back-off.ts';
import type { FetchPage } from './poll/fetch-page.ts';
import { oneAtATime } from './poll/one-at-a-time.ts';
import { readPage } from './poll/read-page.ts';
import { createPageStore } from './poll/store.ts';
import { parseProductKey, type ProductKey, productKeyText } from './product.ts';
import type { Board } from './questions.ts';
import { productTitle } from './registry/known.ts';
import { type OwnPage, ownPages } from './registry/own-pages.ts';
import { openWatchInMemory } from './store/open.ts';
import { isIll } from './verdict.ts';

export interface OneLookParts {
  clock: Clock;
  fetchPage: FetchPage;
  /** Milliseconds for all of it. A page that takes longer is unknown. */
  patience: number;
}

/** What the status pages say now, and nothing else: no own requests, no probes, no past. */
export interface OneLook {
  board: Board;
  /** `span`: milliseconds that the work would last. */
  ready(span: number): Readiness;
}

/**
 * One look where no server runs: each page in use is read once and judged. `products`: only the pages of these, whether they are in use or not.
 * Nothing of it is kept. With `watch.enabled: off` nobody is asked here either.
 */
export async function lookOnce(
  plan: WatchPlan,
  products: readonly ProductKey[],
  { clock, fetchPage, patience }: OneLookParts,
): Promise<OneLook> {
  const wanted = new Set(products.map(({ provider, product }) => `${provider}/${product}`));
  const named = { ...plan, settings: { ...plan.settings, products: [...plan.settings.products, ...wanted] } };
  const own: StatusPage[] = [];
  const inUse = whatIsInUse(
    named,
    () => own,
    () => clock.now(),
  );
  const isWanted = ({ covers }: Pick<StatusPage, 'covers'>): boolean =>
    wanted.size === 0 || covers.some(({ provider, product }) => wanted.has(`${provider}/${product}`));
  const strange: OwnPage[] = [];
  for (const page of named.settings.enabled ? ownPages(named.settings.pages) : [])
    if (page.family !== undefined) own.push({ ...page, family: page.family });
    else if (isWanted(page)) strange.push(page);

  const database = openWatchInMemory();
  try {
    const parts = { clock, fetchPage: askedOnce(oneAtATime(fetchPage)), patience, store: createPageStore(database) };
    const looks = await readAll(inUse.pages().filter(isWanted), strange, parts);
    const pages = looks.map(({ page }) => page);
    const states = looks.map(({ state }) => state);
    own.push(...pages.filter(({ id }) => strange.some((page) => page.id === id)));
    const watched = wanted.size === 0 ? inUse.products() : [...wanted];
    const now = clock.now();
    const incidents = createIncidents({ database, random: (bytes) => randomFillSync(bytes) });
    for (const [index, { reading }] of states.entries()) if (reading) incidents.observe(pages[index]!, reading, now);
    incidents.turn(now);
    const open = incidents.open().filter(({ products: theirs }) => theirs.some((key) => watched.includes(key)));
    const board: Board = {
      at: now,
      judgements: judged(watched, pages, states, open, now),
      incidents: open,
      pages: states.map(({ reading: _read, ...state }, index) => ({ ...state, url: pages[index]!.url, family: pages[index]!.family })),
    };
    return {
      board,
      ready: (span) => readiness({ now, until: now + span, board, products, routes: plan.routes, targets: [], productOf: inUse.productOf }),
    };
  } finally {
    database.close();
  }
}

interface ReadParts extends OneLookParts {
  store: ReturnType<typeof createPageStore>;
}

interface Look {
  page: StatusPage;
  state: PageState;
}

/** Reads all, side by side, and finds out of the strange ones who makes their software, all of it in the same time. */
async function readAll(pages: readonly StatusPage[], strange: readonly OwnPage[], parts: ReadParts): Promise<Look[]> {
  const { clock, fetchPage, patience, store } = parts;
  const ending = new AbortController();
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const stop = clock.after(patience, () => {
    ending.abort();
    resolve(undefined);
  });
  const ports = { clock, fetchPage, store, backOff: createBackOff(clock) };
  const tooLate = `it did not answer within ${patience / 1000} s`;

  async function read(page: StatusPage): Promise<Look> {
    const adapter = adapterOf(page.family);
    const reader = { page, adapter, requests: adapter.requests(page), feeds: new Map() };
    const outcome = await Promise.race([readPage(reader, ports, ending.signal), late]);
    const state = { page: page.id, triedAt: clock.now() };
    if (outcome?.type === 'read') return { page, state: { ...state, state: 'fresh', readAt: state.triedAt, reading: outcome.reading } };
    const isLate = outcome === undefined || outcome.type === 'cancelled';
    return { page, state: { ...state, state: 'unknown', problem: isLate ? tooLate : outcome.problem } };
  }

  async function find(page: OwnPage): Promise<Look> {
    const found = await Promise.race([detectFamily(page.url, { fetchPage, now: clock.now() }, ending.signal), late]);
    if (found?.ok === true) return read({ ...page, ...found.value, id: page.id, covers: page.covers });
    const problem = found === undefined || ending.signal.aborted ? tooLate : found.error.message;
    return { page: { ...page, family: 'feed' }, state: { page: page.id, state: 'unknown', triedAt: clock.now(), problem } };
  }

  try {
    return await Promise.all([...pages.map(read), ...strange.map(find)]);
  } finally {
    stop();
    ending.abort();
  }
}

/** What finding out has fetched is not fetched again to be read. */
function askedOnce(fetchPage: FetchPage): FetchPage {
  const answers = new Map<string, ReturnType<FetchPage>>();
  return (request, signal) => {
    const name = JSON.stringify(request);
    const answer = answers.get(name) ?? fetchPage(request, signal);
    answers.set(name, answer);
    return answer;
  };
}

function judged(
  watched: readonly string[],
  pages: readonly StatusPage[],
  states: readonly PageState[],
  open: readonly Incident[],
  now: number,
): Board['judgements'] {
  const judgedBy = (before: Parameters<typeof createJudge>[0]['before']): Board['judgements'] => {
    const judge = createJudge({ now: () => now, title: productTitle, before });
    judge.watch(watched, pages);
    for (const state of states) judge.page(state);
    judge.look();
    return judge.judgements().flatMap((judgement) => {
      const key = parseProductKey(judgement.key);
      return key && watched.includes(productKeyText({ provider: key.provider, product: key.product }))
        ? [{ ...judgement, title: productTitle(key) }]
        : [];
    });
  };
  // Nobody has looked before: what is ill is so since its pages say that it is.
  const since = judgedBy([]).map(({ key, verdict }) => {
    const begun = open.filter(
      ({ kind, products }) => kind === 'incident' && products.some((product) => key === product || key.startsWith(`${product}/`)),
    );
    return { key, verdict, since: isIll(verdict) ? Math.min(now, ...begun.map(({ startedAt }) => startedAt)) : now };
  });
  return judgedBy(since);
}
