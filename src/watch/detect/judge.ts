import { parseProductKey, productKeyText, type ProductKey } from '../product.ts';
import type { HealthState } from '../../health/changes.ts';
import type { CrowdEvidence } from '../crowd/evidence.ts';
import type { PageState, StatusPage } from '../page.ts';
import { type Evidence, isIll, type Judgement, type Scope, type Verdict } from '../verdict.ts';
import {
  afterAttempt,
  afterBreaker,
  type AttemptOutcome,
  newRecord,
  isMostlyAnswered,
  ownEvidence,
  type OwnRecord,
  ownState,
  takenBack,
} from './own-record.ts';
import type { Background } from './background.ts';
import { createReach, type NetworkState } from './reach.ts';
import { pageEvidence, uptimeEvidence } from './page-evidence.ts';
import { newStanding, nextStanding, type Standing } from './recovery.ts';
import { summaryOf } from './summary.ts';
import { DEGRADED, DOWN, MONITORING, NETWORK_TOGETHER, OWN_FRESH, PROBE_FRESH, WEIGHT } from './weights.ts';

/** A verdict is another than before. `from` is absent where nothing was said before. */
export interface JudgementChange {
  from?: Judgement;
  to: Judgement;
}

export interface JudgeParts {
  now(): number;
  /** `Claude API`. */
  title(key: ProductKey): string;
  /** What was said before a restart. */
  before: readonly Pick<Judgement, 'key' | 'verdict' | 'since'>[];
  /** What usually fails of each model, as it was learned before a restart. */
  backgrounds?: ReadonlyMap<string, Background>;
}

/**
 * Weighs all evidence for each product and model: own requests, probes, pages, a reseller's uptimes, the crowd, the user. Has no timer: whoever
 * owns it lets it look again, after news and now and then.
 */
export interface Judge {
  /** These products (`anthropic/api`) are on the board, whether anything is known of them or not. */
  watch(products: Iterable<string>, pages: readonly StatusPage[]): void;
  attempt(key: ProductKey, source: string, outcome: AttemptOutcome): void;
  /** Health has taken a target out of service (`open`), or stands otherwise to it. */
  breaker(key: ProductKey, source: string, state: HealthState['breaker']): void;
  probed(key: ProductKey, source: string, outcome: { ok: boolean; text: string }): void;
  page(state: PageState): void;
  /** All that the crowd and the user say now. */
  said(evidence: readonly CrowdEvidence[]): void;
  /** What a check of the network has found. */
  network(state: NetworkState): void;
  /** Connections fail in a way in which they also would without a network, and nothing has succeeded since. */
  doubtsNetwork(): boolean;
  /** Weighs anew; what has changed is said once. */
  look(): JudgementChange[];
  judgements(): Judgement[];
  /** What usually fails of each model, as far as it was learned. */
  backgrounds(): Map<string, Background>;
  /** UTC ms when time alone may have changed something. */
  nextLook(): number;
}

interface Probed {
  ok: boolean;
  at: number;
  text: string;
  source: string;
  /** Failures in a row. */
  failures: number;
}

/** Milliseconds after which a model that nobody asks leaves the board. */
const FORGET = 7 * 86_400_000;
/** Milliseconds, twice those of a recovery (recovery.ts). */
const NARROWER = 10 * 60_000;
/** Milliseconds between looks that no news has caused: what fades, fades by the minute. */
const ILL_LOOK = 10_000;
const CALM_LOOK = 60_000;
/** Models are named by whoever asks: of more than these the one that was asked longest ago is forgotten. */
const MOST_MODELS = 300;

export function createJudge({ now, title, before, backgrounds }: JudgeParts): Judge {
  const own = new Map<string, OwnRecord>();
  const probes = new Map<string, Probed>();
  const pages = new Map<string, PageState>();
  const standings = new Map<string, Standing>(before.map(({ key, verdict, since }) => [key, { ...newStanding(verdict, since), since }]));
  let watched = new Set<string>();
  let known: readonly StatusPage[] = [];
  let crowd: readonly CrowdEvidence[] = [];
  const reach = createReach(now);
  let judged = new Map<string, Judgement>();
  /** Since when what is said to be about everyone looks like one model's. */
  const narrower = new Map<string, number>();
  /** The weight of a page's word when a key was called down. */
  const saidWhenDown = new Map<string, number>();

  function outside(at: number): Map<string, Evidence[]> {
    const all = new Map<string, Evidence[]>();
    const add = (key: string, evidence: readonly Evidence[]): void => void all.set(key, [...(all.get(key) ?? []), ...evidence]);
    for (const page of known) {
      const state = pages.get(page.id);
      if (!state) continue;
      for (const [key, evidence] of pageEvidence(page, state, at)) add(key, evidence);
      const { uptimes } = state.state === 'fresh' && state.reading ? state.reading : { uptimes: undefined };
      for (const [key, evidence] of uptimeEvidence(uptimes ?? [], page, state.readAt ?? at, [...own.keys()])) add(key, evidence);
    }
    for (const { key, evidence } of crowd) add(key, [evidence]);
    return all;
  }

  function probeEvidence(key: string, at: number): Evidence[] {
    const probe = probes.get(key);
    if (!probe || at - probe.at > PROBE_FRESH) return [];
    const weight = probe.ok ? WEIGHT.probeWell : probe.failures > 1 ? WEIGHT.probeOpen : WEIGHT.probeFailed;
    return [{ kind: 'probe', weight, at: probe.at, text: probe.text, source: probe.source }];
  }

  function isAway(): boolean {
    const state = reach.state();
    return state === 'offline' || state === 'captive';
  }

  function forgetUnreached(): void {
    for (const [key, record] of own) own.set(key, takenBack(record));
  }

  function look(): JudgementChange[] {
    const at = now();
    if (isAway()) forgetUnreached();
    for (const [key, record] of own) if (at - lastHeard(record) > FORGET) own.delete(key);
    const said = outside(at);
    const models = new Set([...own.keys(), ...probes.keys(), ...said.keys()].filter((key) => parseProductKey(key)?.model !== undefined));
    const products = new Set([...watched, ...[...models].map(productOf), ...[...said.keys()].filter((key) => !models.has(key))]);
    const changes: JudgementChange[] = [];
    const next = new Map<string, Judgement>();
    const judge = (key: string, found: Found): void => {
      const record = own.get(key);
      const asked = record !== undefined && (record.recent.at(-1)?.at ?? 0) > (standings.get(key)?.calmSince ?? at);
      const before = standings.get(key);
      // What only the account was refused for was no illness: it is over when it is, and whatever comes next is no relapse.
      const isAnew = !before || (judged.get(key)?.scope === 'account' && isIll(before.verdict) && found.scope !== 'account');
      const standing = isAnew ? newStanding(found.verdict, at) : nextStanding(before, found.verdict, at, asked, found.scope === 'network');
      standings.set(key, standing);
      const to = judgementOf(key, standing, steady(key, standing, found, at));
      next.set(key, to);
      const from = judged.get(key) ?? (before && judgementOf(key, before, found));
      if (!before || from?.verdict !== to.verdict || (isIll(to.verdict) && from.scope !== to.scope && to.scope !== undefined))
        changes.push({ ...(from && { from }), to });
    };
    for (const key of models) judge(key, foundOfModel(key, said, at));
    for (const key of products)
      judge(
        key,
        foundOfProduct(
          key,
          [...models].filter((model) => productOf(model) === key),
          next,
          said,
          at,
        ),
      );
    for (const key of standings.keys()) if (!next.has(key)) standings.delete(key);
    for (const kept of [narrower, saidWhenDown]) for (const key of kept.keys()) if (!next.has(key)) kept.delete(key);
    judged = next;
    return changes;
  }

  /** Now and then a sibling answers in the middle of trouble: it is said to be one model's only when that has lasted. */
  function steady(key: string, { verdict }: Standing, found: Found, at: number): Found {
    const last = judged.get(key);
    const narrows = isIll(verdict) && last?.verdict === verdict && last.scope === 'everyone' && found.scope === 'model';
    const since = narrower.get(key) ?? at;
    if (narrows) narrower.set(key, since);
    else narrower.delete(key);
    return narrows && at - since < NARROWER ? { ...found, scope: 'everyone' } : found;
  }

  interface Found {
    verdict: Verdict;
    scope?: Scope;
    evidence: Evidence[];
  }

  function foundOfModel(key: string, said: ReadonlyMap<string, Evidence[]>, at: number): Found {
    const record = own.get(key);
    const product = productOf(key);
    const evidence = [
      ...(record ? ownEvidence(record, at) : []),
      ...probeEvidence(key, at),
      ...(said.get(key) ?? []),
      ...(said.get(product) ?? []),
    ];
    const siblings = [...own].filter(([other]) => other !== key && productOf(other) === product);
    const isAlone = siblings.some(([, sibling]) => ownState(sibling, at) === 'well');
    const isAccount = record !== undefined && ownState(record, at) === 'account';
    const isSaidOfModel = (said.get(key) ?? []).some(({ weight }) => weight > 0);
    return weighed(key, evidence, { isAccount, isAlone, isSaidOfModel, ...standingOf(record ? [record] : [], at) });
  }

  function foundOfProduct(
    key: string,
    models: readonly string[],
    judgedModels: ReadonlyMap<string, Judgement>,
    said: ReadonlyMap<string, Evidence[]>,
    at: number,
  ): Found {
    const wide = said.get(key) ?? [];
    const records = models.flatMap((model) => own.get(model) ?? []);
    const isWell = records.some((record) => ownState(record, at) === 'well');
    const ill = models.filter(
      (model) => isIll(judgedModels.get(model)?.verdict ?? 'unknown') && judgedModels.get(model)?.scope !== 'account',
    );
    const evidence = [...wide, ...probeEvidence(key, at)];
    if (ill.length > 0) {
      // Not what is said of the whole product: that stands here already.
      const theirs = ill.flatMap((model) =>
        (judgedModels.get(model)?.evidence ?? [])
          .filter((one) => one.weight > 0 && !wide.includes(one))
          .map((one) => ({ ...one, text: `${modelOf(model)}: ${one.text}` })),
      );
      const most = Math.max(0, ...theirs.map(({ weight }) => weight));
      const [first, ...rest] = theirs.toSorted((one, other) => other.weight - one.weight);
      if (first)
        evidence.push(
          { ...first, weight: isWell || onlyPages(theirs) ? Math.min(most, DEGRADED) : most },
          ...rest.map((one) => ({ ...one, weight: 0 })),
        );
    } else {
      const last = records.toSorted((one, other) => (other.succeededAt ?? 0) - (one.succeededAt ?? 0))[0];
      if (last && isWell) evidence.push(...ownEvidence(last, at));
    }
    const isAccount =
      ill.length === 0 &&
      records.some((record) => ownState(record, at) === 'account') &&
      records.every((record) => ownState(record, at) === 'account' || at - (record.recent.at(-1)?.at ?? 0) > OWN_FRESH);
    if (isAccount) evidence.push(...records.flatMap((record) => ownEvidence(record, at)).slice(0, 1));
    const isPart = ill.length > 0 && (isWell || !wide.some(({ weight }) => weight > 0)) && (isWell || onlyPages(evidence));
    return weighed(key, evidence, {
      isAccount,
      isAlone: isPart,
      isSaidOfModel: isPart,
      ...standingOf(records, at),
    });
  }

  /** What people report comes and goes: what was down with their help stays so while its page says no better (claude.ai on 2 June 2026). */
  function isDown(key: string, evidence: readonly Evidence[], score: number): boolean {
    const said = Math.max(0, ...evidence.flatMap(({ kind, weight }) => (kind === 'page' ? [weight] : [])));
    if (score >= DOWN) saidWhenDown.set(key, said);
    return (
      score >= DOWN ||
      (standings.get(key)?.verdict === 'down' &&
        score >= WEIGHT.pageMajor &&
        said >= Math.max(WEIGHT.pageMajor, saidWhenDown.get(key) ?? 0))
    );
  }

  /** Verdict and scope of some evidence. */
  function weighed(
    key: string,
    evidence: Evidence[],
    { isAccount, isAlone, isSaidOfModel, isUnreached, isPartial, isAnswered }: Circumstances,
  ): Found {
    const sorted = evidence.toSorted((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
    const score = evidence.reduce((sum, { weight }) => sum + weight, 0);
    const isOwn = evidence.some(({ kind, weight }) => weight > 0 && (kind === 'own' || kind === 'probe'));
    const network = reach.state();
    if ((network === 'offline' || network === 'captive') && (score >= DEGRADED || isOwn || isUnreached)) {
      const text =
        network === 'captive'
          ? 'a login page of this network answers in the place of others'
          : 'nothing outside of this machine can be reached';
      return {
        verdict: 'unknown',
        scope: 'network',
        evidence: [{ kind: 'network', weight: 0, at: now(), text, source: 'network' }, ...sorted],
      };
    }
    const isOthers = evidence.some(({ kind, weight }) => weight > 0 && kind !== 'own' && kind !== 'probe' && kind !== 'answer');
    const scope: Scope = isSaidOfModel || isAlone ? 'model' : isOthers ? 'everyone' : 'inconclusive';
    // Most of what was asked of late was answered: whatever fails, it is not down.
    if (isDown(key, evidence, score) && !isPartial && (isOwn || !isAnswered)) return { verdict: 'down', scope, evidence: sorted };
    if (score >= DEGRADED) return { verdict: 'degraded', scope, evidence: sorted };
    // Where nobody here has asked, a page that calls it mended without calling it well is not contradicted.
    const isAsked = evidence.some(({ kind }) => kind === 'own' || kind === 'probe');
    if (!isAsked && evidence.some(({ kind, weight }) => kind === 'page' && weight >= WEIGHT.pageMajor * MONITORING))
      return { verdict: 'degraded', scope, evidence: sorted };
    if (isAccount) return { verdict: 'degraded', scope: 'account', evidence: sorted };
    return { verdict: evidence.length === 0 ? 'unknown' : 'operational', evidence: sorted };
  }

  function judgementOf(key: string, { verdict, since }: Standing, { scope, evidence, verdict: found }: Found): Judgement {
    const score = evidence.reduce((sum, { weight }) => sum + weight, 0);
    const named = parseProductKey(key);
    // Said to be ill although the evidence is better by now: what it was about is kept until it is called well.
    const about = scope ?? (isIll(verdict) ? judged.get(key)?.scope : undefined);
    const shown = isIll(verdict) || found === verdict ? about : undefined;
    const judgement = { key, verdict, since, score, evidence, ...(shown !== undefined && { scope: shown }) };
    return { ...judgement, summary: summaryOf(judgement, named ? title(named) : key) };
  }

  return {
    watch(products, pagesNow) {
      watched = new Set(products);
      known = pagesNow;
      const ids = new Set(pagesNow.map(({ id }) => id));
      for (const id of pages.keys()) if (!ids.has(id)) pages.delete(id);
    },
    attempt(key, source, outcome) {
      if (outcome.type === 'client') return;
      const text = productKeyText(key);
      const at = now();
      const record = afterAttempt(own.get(text) ?? newRecord(source, at, backgrounds?.get(text)), outcome, at);
      // Moved to the end: the first was asked longest ago.
      own.delete(text);
      own.set(text, { ...record, source });
      if (own.size > MOST_MODELS) own.delete(own.keys().next().value!);
      if (outcome.type === 'local' || (outcome.type === 'provider' && outcome.unreached === true))
        reach.unreached(key.provider, outcome.type === 'local');
      else reach.reached();
      if (outcome.type !== 'ok') return;
      for (const about of [text, productOf(text)]) {
        const standing = standings.get(about);
        if (standing?.calmSince !== undefined) standings.set(about, { ...standing, successes: standing.successes + 1 });
      }
    },
    probed(key, source, { ok, text }) {
      const name = productKeyText(key);
      const before = probes.get(name);
      probes.set(name, { ok, at: now(), text, source, failures: ok ? 0 : (before?.failures ?? 0) + 1 });
    },
    page: (state) => void pages.set(state.page, state),
    said: (evidence) => void (crowd = evidence),
    breaker(key, source, state) {
      const text = productKeyText(key);
      const at = now();
      own.set(text, afterBreaker(own.get(text) ?? newRecord(source, at, backgrounds?.get(text)), state === 'open', at));
    },
    network(state) {
      // What failed while it was away says nothing, also once it is back.
      if (isAway()) forgetUnreached();
      reach.checked(state);
    },
    doubtsNetwork: reach.isDoubtful,
    look,
    judgements: () => [...judged.values()],
    backgrounds: () => new Map([...own].map(([key, { background }]) => [key, background])),
    nextLook: () => now() + ([...judged.values()].some(({ verdict }) => isIll(verdict)) ? ILL_LOOK : CALM_LOOK),
  };
}

function productOf(key: string): string {
  return key.split('/').slice(0, 2).join('/');
}

function lastHeard({ recent, account, unreachedAt, outSince }: OwnRecord): number {
  return Math.max(recent.at(-1)?.at ?? 0, account?.at ?? 0, unreachedAt ?? 0, outSince ?? 0);
}

interface Circumstances {
  /** Only the account is refused. */
  isAccount: boolean;
  /** Its siblings answer. */
  isAlone: boolean;
  isSaidOfModel: boolean;
  /** No connection has come about of late. */
  isUnreached: boolean;
  /** Requests fail, but most of the newest succeeded. */
  isPartial: boolean;
  /** Most of them succeeded, and one lately: what only others say makes nothing down. */
  isAnswered: boolean;
}

function standingOf(records: readonly OwnRecord[], now: number): Pick<Circumstances, 'isUnreached' | 'isPartial' | 'isAnswered'> {
  const states = records.map((record) => ownState(record, now));
  return {
    isUnreached: records.some(({ unreachedAt }) => unreachedAt !== undefined && now - unreachedAt <= NETWORK_TOGETHER),
    isPartial: states.includes('partial') && !states.includes('open'),
    isAnswered: !states.includes('open') && records.some((record) => isMostlyAnswered(record, now)),
  };
}

function modelOf(key: string): string {
  return key.split('/').slice(2).join('/');
}

function onlyPages(evidence: readonly Evidence[]): boolean {
  return evidence.every(({ kind, weight }) => weight <= 0 || kind === 'page' || kind === 'uptime');
}
