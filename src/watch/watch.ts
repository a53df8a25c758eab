import { randomFillSync } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../exchange/clock.ts';
import type { Signal } from '../telemetry/signal.ts';
import { type Answers, answersOf, titleOf } from './answers.ts';
import { alertsHere } from './alerts/alerts-here.ts';
import type { AlertSettings } from './alerts/settings.ts';
import { boardFile } from './board-file.ts';
import { boardLine } from './board-line.ts';
import { crowdHere } from './crowd/crowd-here.ts';
import { ownRequests } from './crowd/own-counts.ts';
import { createBackgroundStore } from './detect/background-store.ts';
import { createJudge, type JudgementChange } from './detect/judge.ts';
import { createVerdictLog } from './detect/verdict-log.ts';
import { adapterOf } from './feeds/adapters.ts';
import { whatIsInUse } from './in-use.ts';
import { createIncidents, type IncidentChange } from './incidents/incidents.ts';
import type { WatchNews, WatchSetup } from './messages.ts';
import { outcomeOf } from './own-outcome.ts';
import { detectedPages } from './detected-pages.ts';
import type { PageState } from './page.ts';
import type { ProbeOutcome } from './probe/outcome.ts';
import { createProbing } from './probing.ts';
import { createNetworkCheck, type ReachOrigin } from './detect/network.ts';
import { createBackfill } from './incidents/backfill.ts';
import type { HubSettings } from './crowd/settings.ts';
import type { WatchPlan } from './plan.ts';
import type { FetchPage } from './poll/fetch-page.ts';
import { createPoller } from './poll/poller.ts';
import { createPageStore } from './poll/store.ts';
import { parseProductKey, type ProductKey } from './product.ts';
import { productTitle } from './registry/known.ts';
import { isIll } from './verdict.ts';

/** All that is watched, in one place; lives in a thread of its own, and in tests on a clock that is turned by hand. */
export interface Watch {
  apply(plan: WatchPlan): void;
  /** Of this machine's own requests. */
  hear(signals: readonly Signal[]): void;
  probed(number: number, outcome: ProbeOutcome): void;
  answers: Answers;
  close(): Promise<void>;
}

export interface WatchParts {
  database: DatabaseSync;
  clock: Clock;
  /** 0 to 1. */
  random(): number;
  fetchPage: FetchPage;
  reach: ReachOrigin;
  say(news: WatchNews): void;
  /** The database has failed. */
  broken(error: unknown): void;
}

/** Milliseconds after news: what comes together is weighed together. */
const SOON = 100;
/** Milliseconds between two looks without news, at the least: what time alone changes is seen by then. */
const LOOK = 15_000;
/** Milliseconds between two times that what usually fails is kept; and at the end. */
const KEEP_USUAL = 30 * 60_000;
/** Milliseconds that a question waits for a page that was not read before. */
const ASKED_PATIENCE = 4000;

export function createWatch(setup: WatchSetup, { database, clock, random, fetchPage, reach, say, broken }: WatchParts): Watch {
  let { plan } = setup;
  let looking: (() => void) | undefined;
  let isSoon = false;
  let closed = false;
  let suspects = '';

  const ownPages = detectedPages(clock, fetchPage, () => follow());
  const inUse = whatIsInUse(plan, ownPages.pages, () => clock.now());
  const own = ownRequests(clock);
  const log = createVerdictLog(database);
  const incidents = createIncidents({ database, random: (bytes) => randomFillSync(bytes) });
  const usual = createBackgroundStore(database);
  const judge = createJudge({ now: () => clock.now(), title: productTitle, before: log.last(clock.now()), backgrounds: usual.known() });
  let keptUsual = clock.now();
  const poller = createPoller({
    clock,
    random,
    fetchPage,
    adapterOf,
    store: createPageStore(database),
    pages: inUse.pages(),
    onState: guarded(seePage),
    broken,
  });
  const network = createNetworkCheck({
    clock,
    reach,
    origins: inUse.origins,
    onState(state) {
      judge.network(state);
      soon();
    },
  });
  const probing = createProbing({ clock, random, database, productOf: inUse.productOf, judge, say, onNews: soon });
  const backfill = createBackfill({
    database,
    clock,
    fetchPage,
    adapterOf,
    // Nobody is told of what was over long ago.
    onReading: guarded((page, reading, { askedAt, seenAt }) => void incidents.observe(page, reading, seenAt, { past: true, askedAt })),
  });
  const alerts = alertsHere(alertsOf(plan), plan.address, {
    ...setup,
    ...(plan.runbooks && { runbooks: plan.runbooks }),
    clock,
    database,
    tell: (happening) => say({ type: 'happened', happening }),
    onAnswer: (product, failing) => crowd.answered(product, failing),
    broken,
  });
  const ending = new AbortController();
  const prompts = boardFile(setup.folder);
  const crowd = crowdHere(hubOf(plan), {
    ...setup,
    clock,
    random,
    database,
    own: (product) => own.of(product),
    onEvidence(evidence) {
      judge.said(evidence);
      soon();
    },
    broken,
  });

  /** What SQLite throws (a full disk, a file that was taken away) ends this watch; another one is begun. */
  function guarded<Given extends unknown[]>(work: (...given: Given) => void): (...given: Given) => void {
    return (...given) => {
      if (closed) return;
      try {
        work(...given);
      } catch (error) {
        broken(error);
      }
    };
  }

  function seePage(state: PageState): void {
    judge.page(state);
    const page = inUse.pages().find(({ id }) => id === state.page);
    if (page && state.state === 'fresh' && state.reading)
      for (const change of incidents.observe(page, state.reading, clock.now(), askedAtOf(state))) tellIncident(change);
    soon();
  }

  function follow(): void {
    const pages = inUse.pages();
    judge.watch(inUse.products(), pages);
    poller.setPages(pages);
    for (const state of poller.states()) judge.page(state);
    backfill.run(pages, ending.signal).catch(broken);
    soon();
  }

  const look = guarded((): void => {
    looking?.();
    isSoon = false;
    const now = clock.now();
    log.alive(now);
    if (now - keptUsual >= KEEP_USUAL) keepUsual();
    const changes = judge.look();
    const judgements = judge.judgements();
    for (const change of changes) {
      log.add(change.to, now);
      tellProduct(change);
      if (parseProductKey(change.to.key)?.model !== undefined) continue;
      const models =
        change.to.scope === 'model'
          ? judgements.flatMap(({ key, verdict }) =>
              isIll(verdict) && key.startsWith(`${change.to.key}/`) ? [key.slice(change.to.key.length + 1)] : [],
            )
          : [];
      for (const incident of incidents.own(change, models, now)) tellIncident(incident);
    }
    for (const change of incidents.turn(now)) tellIncident(change);
    poller.hurry(inUse.pagesOfIll(judgements));
    prompts.show(
      boardLine(
        judgements.map((judgement) => ({ ...judgement, title: titleOf(judgement.key) })),
        now,
      ),
    );
    alerts.observe(judgements, incidents.open());
    if (judge.doubtsNetwork()) network.check();
    probing.consider(plan, judgements, inUse.targets());
    const targets = inUse.suspects(judgements);
    if (suspects !== targets.join(' ')) say({ type: 'suspects', targets });
    suspects = targets.join(' ');
    looking = clock.after(Math.max(1000, Math.min(LOOK, judge.nextLook() - now)), look);
  });

  function keepUsual(): void {
    keptUsual = clock.now();
    usual.keep(judge.backgrounds(), keptUsual);
  }

  function soon(): void {
    if (isSoon || closed) return;
    isSoon = true;
    looking?.();
    looking = clock.after(SOON, look);
  }

  function tellProduct({ from, to }: JudgementChange): void {
    const { key, verdict, scope, summary } = to;
    say({
      type: 'happened',
      happening: {
        type: 'product',
        product: key,
        title: titleOf(key),
        from: from?.verdict ?? 'unknown',
        to: verdict,
        ...(scope !== undefined && { scope }),
        summary,
      },
    });
  }

  function tellIncident({ change, incident }: IncidentChange): void {
    const { id, kind, title, products, severity, phase } = incident;
    say({ type: 'happened', happening: { type: 'incident', incident: id, change, kind, title, products, severity, phase } });
  }

  /** Somebody asks about products that were not watched: from now on they are. */
  async function watchAlso(products: readonly ProductKey[]): Promise<void> {
    if (!plan.settings.enabled || !inUse.wanted(products)) return;
    follow();
    const ids = new Set(
      inUse
        .pages()
        .filter(({ covers }) =>
          covers.some((one) => products.some((each) => each.provider === one.provider && each.product === one.product)),
        )
        .map(({ id }) => id),
    );
    const began = clock.monotonic();
    // Whoever asked waits no longer than a person does.
    while (!closed && clock.monotonic() - began < ASKED_PATIENCE) {
      if (poller.states().every(({ page, triedAt }) => !ids.has(page) || triedAt !== undefined)) break;
      await new Promise<void>((resolve) => clock.after(SOON, resolve));
    }
    look();
  }

  ownPages.apply(plan.settings.enabled ? plan.settings.pages : {});
  follow();

  return {
    apply(wanted) {
      plan = wanted;
      ownPages.apply(plan.settings.enabled ? plan.settings.pages : {});
      inUse.apply(plan);
      crowd.apply(hubOf(plan));
      alerts.apply(alertsOf(plan), plan.address, plan.runbooks);
      follow();
    },
    hear: guarded((signals: readonly Signal[]) => {
      for (const signal of signals) {
        if (signal.type !== 'attempt-ended' && signal.type !== 'breaker') continue;
        const key = inUse.productOf(signal.target);
        if (!key) continue;
        if (inUse.asked(signal.target)) follow();
        if (signal.type === 'breaker') {
          probing.heard(signal.target);
          judge.breaker(key, signal.target, signal.to);
          continue;
        }
        const outcome = outcomeOf(signal);
        judge.attempt(key, signal.target, outcome);
        probing.heard(signal.target, outcome.type === 'provider' ? true : outcome.type === 'ok' ? false : undefined);
        if (outcome.type === 'ok' || outcome.type === 'provider') own.heard(`${key.provider}/${key.product}`, outcome.type === 'provider');
      }
      soon();
    }),
    probed: guarded((number: number, outcome: ProbeOutcome) => probing.settle(number, outcome)),
    answers: answersOf({
      clock,
      plan: () => plan,
      judge,
      incidents,
      poller,
      inUse,
      log,
      alerts,
      crowd,
      onChange(change) {
        tellIncident(change);
        soon();
      },
      watchAlso,
    }),
    async close() {
      guarded(keepUsual)();
      closed = true;
      looking?.();
      ending.abort();
      for (const part of [ownPages, network, probing, crowd, alerts, prompts]) part.close();
      await poller.close();
      database.close();
    },
  };
}

/** Of what was read before a restart it is known only when that was. */
function askedAtOf({ askedAt, readAt }: PageState): { askedAt?: number } {
  const at = askedAt ?? readAt;
  return at === undefined ? {} : { askedAt: at };
}

/** Who does not watch alerts nobody. */
function alertsOf({ settings }: WatchPlan): AlertSettings {
  return settings.enabled ? settings.alerts : { ...settings.alerts, enabled: false };
}

/** What is not watched is nobody's business, a hub's neither. */
function hubOf({ settings }: WatchPlan): HubSettings {
  return settings.enabled ? settings.hub : { region: settings.hub.region };
}
