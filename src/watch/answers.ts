import type { Clock } from '../exchange/clock.ts';
import { err, ok } from '../exchange/result.ts';
import type { Alerts } from './alerts/alerts.ts';
import { readiness } from './check/readiness.ts';
import type { Crowd } from './crowd/crowd.ts';
import type { Judge } from './detect/judge.ts';
import type { VerdictLog } from './detect/verdict-log.ts';
import { gradePage } from './grades/grade.ts';
import type { WhatIsInUse } from './in-use.ts';
import type { Incident } from './incident.ts';
import { barsOf } from './incidents/bars.ts';
import { handNote, phaseProblem } from './incidents/by-hand.ts';
import type { IncidentChange, Incidents } from './incidents/incidents.ts';
import type { WatchPlan } from './plan.ts';
import type { Poller } from './poll/poller.ts';
import { parseProductKey, type ProductKey } from './product.ts';
import type { Published } from './publish/published.ts';
import type { Board, QuestionName, Questions } from './questions.ts';
import { productNamed, productTitle } from './registry/known.ts';
import { fittingRunbooks, isEverythingDown, type RunbookHint, troublesOf } from './runbooks.ts';
import type { Judgement } from './verdict.ts';

export type Answers = {
  [Name in QuestionName]: (asked: Questions[Name]['asked']) => Questions[Name]['answer'] | Promise<Questions[Name]['answer']>;
};

/** What is answered from. */
export interface Known {
  clock: Clock;
  plan(): WatchPlan;
  judge: Judge;
  incidents: Incidents;
  poller: Poller;
  inUse: WhatIsInUse;
  log: VerdictLog;
  alerts: Omit<Alerts, 'apply'>;
  crowd: Crowd;
  /** An incident was changed by somebody who asked for it. */
  onChange(change: IncidentChange): void;
  /** Somebody wants to know of these: their pages are read, if they are not yet. Settles when there is something, or nothing to be had soon. */
  watchAlso(products: readonly ProductKey[]): Promise<void>;
}

const DAY = 86_400_000;
const DAYS = 90;
/** Incidents on a board and a status page. */
const MOST = 200;

/** What the watch answers to (questions.ts). */
export function answersOf(known: Known): Answers {
  const { clock, plan, incidents, inUse, alerts, crowd } = known;

  function kept(change: IncidentChange): Incident {
    known.onChange(change);
    return change.incident;
  }

  return {
    board: () => boardOf(known),
    incidents: (query) => incidents.list(query),
    incident: ({ id }) => incidents.get(id) ?? null,
    post(asked) {
      const note = handNote(asked, inUse.products(), clock.now());
      return note.ok ? ok(kept(incidents.post(note.value, clock.now()))) : note;
    },
    add({ id, phase, ...note }) {
      const there = incidents.get(id);
      if (!there) return null;
      const wanted = phase ?? there.phase;
      const why = phase === undefined ? undefined : phaseProblem(there.kind, phase);
      if (why !== undefined) return err({ problem: 'bad', why });
      const change = incidents.add(id, { ...note, phase: wanted }, clock.now());
      return change ? ok(kept(change)) : null;
    },
    async check({ span, products: names, targets }) {
      const products: ProductKey[] = [];
      for (const text of names) {
        const found = productNamed(text);
        if (!found.ok) return { unknown: text, near: found.error };
        const model = parseProductKey(text)?.model;
        products.push({ provider: found.value.provider, product: found.value.product, ...(model !== undefined && { model }) });
      }
      await known.watchAlso(products);
      const now = clock.now();
      const { routes } = plan();
      return {
        readiness: readiness({ now, until: now + span, board: boardOf(known), products, routes, targets, productOf: inUse.productOf }),
      };
    },
    published: ({ address }) => publishedOf(known, address),
    grades() {
      const now = clock.now();
      const past = incidents.list({ from: now - DAYS * DAY, kind: 'incident', limit: 10 * MOST }).incidents;
      return inUse.pages().map((page) => {
        const about = page.covers.map(({ provider, product }) => `${provider}/${product}`);
        const its = past.filter(({ products }) => products.some((product) => about.includes(product)));
        return gradePage(page.id, its, now);
      });
    },
    alerts: ({ limit }) => alerts.overview(limit),
    alertTest: ({ channel }) => alerts.test(channel),
    alertAnswer: ({ by, failing }) => alerts.answer(by, failing),
    alertAsks: ({ token }) => alerts.asks(token) ?? null,
    report: (asked) => crowd.report(asked),
  };
}

function boardOf({ clock, judge, incidents, poller, inUse, plan }: Known): Board {
  const now = clock.now();
  const states = new Map(poller.states().map((state) => [state.page, state]));
  return {
    at: now,
    judgements: judge.judgements().map((judgement) => ({ ...judgement, title: titleOf(judgement.key) })),
    incidents: incidents.open().slice(0, MOST),
    pages: inUse.pages().map(({ id, url, family }) => {
      const { reading: _read, ...state } = states.get(id) ?? { page: id, state: 'unknown' as const };
      return { ...state, url, family };
    }),
    ...runbooksFor(plan().runbooks, judge.judgements(), incidents.list({ from: now - DAY, kind: 'incident', limit: MOST }).incidents),
  };
}

/** For what is down, and for what is just over. */
function runbooksFor(
  hints: readonly RunbookHint[] | undefined,
  judgements: readonly Judgement[],
  recent: readonly Incident[],
): Pick<Board, 'runbooks'> {
  if (!hints) return {};
  const over = recent
    .filter(({ phase }) => phase === 'resolved')
    .flatMap(({ products }) => products.map((product) => ({ product, verdict: 'over' as const })));
  const fit = [...fittingRunbooks(hints, troublesOf(judgements), isEverythingDown(judgements)), ...fittingRunbooks(hints, over, false)];
  return { runbooks: fit.map(({ name, title }) => ({ name, title })) };
}

function publishedOf(known: Known, address: string): Published {
  const { incidents, log, plan } = known;
  const board = boardOf(known);
  const today = Math.floor(board.at / DAY) * DAY;
  const from = today - (DAYS - 1) * DAY;
  const bars = board.judgements.map(({ key }) => {
    const mine = incidents.list({ from, product: key.split('/').slice(0, 2).join('/'), limit: MOST }).incidents;
    const model = parseProductKey(key)?.model;
    const about = mine.filter(({ models }) => model === undefined || models.length === 0 || models.includes(model));
    return [key, barsOf(log.since(key, from), about, { from, to: board.at, length: DAY })] as const;
  });
  const past = incidents.list({ from, limit: MOST }).incidents;
  return { title: plan().settings.statusPage.title, address, board, bars: Object.fromEntries(bars), incidents: past };
}

/** `Claude API`; of a model `claude-opus-4-6 (Claude API)`. */
export function titleOf(text: string): string {
  const key = parseProductKey(text);
  return key ? productTitle(key) : text;
}
