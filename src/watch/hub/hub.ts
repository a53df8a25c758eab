import { createHmac } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import type { Random } from '../../exchange/ids.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { Accepted, Challenge } from '../crowd/hub-answers.ts';
import { BIN, binOf, type Report } from '../crowd/statement.ts';
import { productKeyText } from '../product.ts';
import { admitted, ALLOWANCES, type Limited, OFFICE_ALLOWANCES } from './admission.ts';
import { type Baseline, baselineOf, baselineSpan } from './baseline.ts';
import { challenges } from './challenge.ts';
import { hubStore, type HubStore } from './hub-store.ts';
import { limitsOf } from './limits.ts';
import { liveBins, type LiveBins, OTHERS } from './live-bins.ts';
import { type HubRefusal, REFUSALS, slowDown } from './refusals.ts';
import { levelOf, nextStanding, type Standing } from './rule.ts';
import { weightOf } from './weight.ts';

export interface HubOptions {
  /** `hub.db`; closed with the hub. */
  database: DatabaseSync;
  clock: Clock;
  random: Random;
  /** Products that reports are taken for: key and title. */
  products: ReadonlyMap<string, string>;
  /** Bits of work for a report while little goes on. */
  bits: number;
  /** `keys`: every install key is a source of its own, for a hub that only people can reach who know each other. */
  independent: 'networks' | 'keys';
  /** What was counted in the last moment could not be written. */
  trouble(error: unknown): void;
}

export interface Hub {
  challenge(): Challenge;
  report(text: string, network: string): Result<Accepted, HubRefusal>;
  makeKnown(text: string, network: string): Result<Accepted, HubRefusal>;
  /** Milliseconds that this network has to wait before it asks for that. */
  tooMany(what: 'request' | 'export', network: string): number | undefined;
  standing(key: string): Standing;
  /** Keys that have a state, or had reports within the last hour: products and models. */
  keys(): string[];
  /** `reports` counts, `score` weighs. */
  baseline(key: string, of: 'reports' | 'score'): Baseline;
  store: Pick<HubStore, 'changes' | 'slices' | 'scores' | 'since'>;
  products: ReadonlyMap<string, string>;
  /** How many of what is in memory, for whoever watches the hub itself. */
  figures(): { keys: number; live: number; networks: number };
  close(): void;
}

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
/** Reports that come together are looked at together. */
const LOOK = 500;
/** Rows of one bin; what is beyond is counted without model and country. Eight days of full bins are some 300 MB. */
const MOST_SLICES = 2000;
/** Models of one product that are told apart. */
const MOST_MODELS = 100;
/** Some 100 bytes each. */
const MOST_ENTRIES = 500_000;
/** Install keys: some 60 bytes each on disk. */
const MOST_KEYS = 2_000_000;
/** A model's name is one that somebody has typed: fewer than five do not publish it. */
const FEWEST_FOR_A_MODEL = 5;
const ORDINARY: Standing = { state: 'none', since: 0, below: [] };

/** Collects reports of many installations and says what they come to. */
export function createHub(options: HubOptions): Hub {
  const { clock, products, independent } = options;
  const store = hubStore(options.database, clock, options.random, options.trouble);
  const limits = limitsOf<Limited>(independent === 'keys' ? OFFICE_ALLOWANCES : ALLOWANCES);
  const given = challenges(store.secret, options.bits);
  const live = new Map<string, LiveBins>();
  const standings = store.standings();
  const models = new Map([...products.keys()].map((product) => [product, new Set(store.modelsOf(product))]));
  const slices = { at: 0, names: new Set<string>() };
  const baselines = new Map<string, { hour: number; made: Baseline }>();
  const touched = new Set<string>();
  let keys = store.keyCount();
  /** Networks told apart in memory: those of each product and model in each bin of the last hour. */
  let entries = 0;
  let looking: (() => void) | undefined;
  let lastEnd = binOf(clock.now());
  let cancel = clock.after(lastEnd + BIN - clock.now(), binEnded);

  function tagOf(key: string): Uint8Array {
    return createHmac('sha256', store.secret).update(key).digest().subarray(0, 16);
  }

  /** Days since the key was first seen; an error where it cannot be taken in. */
  function ageOf(tag: Uint8Array, network: string, now: number): Result<number, HubRefusal> {
    const today = Math.floor(now / DAY);
    const first = store.firstDay(tag);
    if (first === undefined) {
      if (keys >= MOST_KEYS) return err(REFUSALS.full);
      const wait = limits.take('key', network, now);
      if (wait !== undefined) return err(slowDown(wait));
      keys++;
    }
    store.seen(tag, today);
    return ok(today - (first ?? today));
  }

  function modelOf({ provider, product, model }: Report, network: string, now: number): string | undefined {
    const known = models.get(productKeyText({ provider, product }));
    if (model === undefined || !known || known.has(model)) return model;
    if (known.size >= MOST_MODELS || limits.take('model', network, now) !== undefined) return undefined;
    known.add(model);
    return model;
  }

  function report(text: string, network: string): Result<Accepted, HubRefusal> {
    const now = clock.now();
    const read = admitted(text, 'report', network, now, { limits, challenges: given });
    if (!read.ok) return read;
    const said = read.value as Report;
    const product = productKeyText({ provider: said.provider, product: said.product });
    if (!products.has(product)) return err(REFUSALS.unknownProduct);
    const tag = tagOf(said.key);
    const before = store.spokeAt(tag, product);
    // The first one counts; a replay is one of these.
    if (before !== undefined && before > now - HOUR) return ok('already');
    const age = ageOf(tag, network, now);
    if (!age.ok) return age;
    store.speak(tag, product, now);
    count(said, product, { tag, network, age: age.value }, now);
    return ok('counted');
  }

  function count(said: Report, product: string, from: { tag: Uint8Array; network: string; age: number }, now: number): void {
    const model = modelOf(said, from.network, now);
    const network = independent === 'keys' ? Buffer.from(from.tag).toString('base64url') : from.network;
    const told = entries < MOST_ENTRIES ? network : OTHERS;
    const counted = { network: told, weight: weightOf(said, from.age), works: said.symptom === 'works' };
    for (const key of [product, ...(model === undefined ? [] : [`${product}/${model}`])]) {
      let bins = live.get(key);
      if (!bins) live.set(key, (bins = liveBins()));
      if (bins.add(counted, now)) entries++;
      touched.add(key);
    }
    looking ??= clock.after(LOOK, () => look(clock.now(), touched, false));
    const at = binOf(now);
    if (slices.at !== at) {
      slices.at = at;
      slices.names.clear();
    }
    const name = [product, model, said.region, said.symptom].join(' ');
    const isFull = slices.names.size >= MOST_SLICES && !slices.names.has(name);
    if (!isFull) slices.names.add(name);
    const slice = isFull ? { model: '', country: 'none' } : { model: model ?? '', country: said.region };
    store.count({ at, product, ...slice, symptom: said.symptom });
  }

  function makeKnown(text: string, network: string): Result<Accepted, HubRefusal> {
    const now = clock.now();
    const read = admitted(text, 'key', network, now, { limits, challenges: given });
    if (!read.ok) return read;
    const age = ageOf(tagOf(read.value.key), network, now);
    return age.ok ? ok('known') : age;
  }

  function look(now: number, looked: Iterable<string>, ended: boolean): void {
    looking?.();
    looking = undefined;
    for (const key of looked) {
      const bins = live.get(key);
      const before = standings.get(key) ?? ORDINARY;
      const fewest = products.has(key) ? undefined : FEWEST_FOR_A_MODEL;
      const level = bins ? levelOf(bins.windows(now, baseline(key, 'score')), fewest) : 'none';
      const next = nextStanding(before, level, now, ended);
      if (next === before) continue;
      standings.set(key, next);
      store.setStanding(key, next);
      if (next.state !== before.state) store.change({ at: now, key, was: before.state, state: next.state });
    }
    touched.clear();
  }

  function binEnded(): void {
    const now = clock.now();
    const current = binOf(now);
    cancel = clock.after(Math.max(1, current + BIN - now), binEnded);
    // A clock that was set back, or a timer that was early.
    if (current <= lastEnd) return;
    keepScores(lastEnd);
    // By the end of the bin, not by its first moment: the newest window would else be a bin short.
    look(current - 1, new Set([...live.keys(), ...standings.keys()]), true);
    for (const [key, bins] of live) if (bins.isIdle(now)) live.delete(key);
    entries = [...live.values()].reduce((sum, bins) => sum + bins.size(now), 0);
    for (const [key, { state, since }] of standings) if (state === 'none' && since < now - DAY) forget(key);
    if (Math.floor(current / HOUR) !== Math.floor(lastEnd / HOUR)) hourly(now);
    lastEnd = current;
  }

  function keepScores(at: number): void {
    for (const [key, bins] of live) {
      const total = bins.total(at);
      if (total.reports > 0) store.setScore(key, at, total);
    }
  }

  function forget(key: string): void {
    standings.delete(key);
    store.setStanding(key, ORDINARY);
  }

  function hourly(now: number): void {
    store.prune(now);
    keys = store.keyCount();
    baselines.clear();
    for (const product of products.keys()) {
      const recent = [...live.keys()].filter((key) => key.startsWith(`${product}/`)).map((key) => key.slice(product.length + 1));
      models.set(product, new Set([...store.modelsOf(product), ...recent]));
    }
  }

  function baseline(key: string, of: 'reports' | 'score'): Baseline {
    const now = clock.now();
    const hour = Math.floor(now / HOUR);
    const name = `${of} ${key}`;
    const kept = baselines.get(name);
    if (kept?.hour === hour) return kept.made;
    const span = baselineSpan(now, store.since);
    const scores = store.scores(key, span.from, span.to).map((row) => ({ at: row.at, score: row[of] }));
    const made = baselineOf(scores, span);
    baselines.set(name, { hour, made });
    return made;
  }

  return {
    challenge: () => given.give(clock.now()),
    report,
    makeKnown,
    tooMany: (what, network) => limits.take(what, network, clock.now()),
    standing: (key) => standings.get(key) ?? ORDINARY,
    keys: () => [...new Set([...products.keys(), ...standings.keys(), ...live.keys()])],
    baseline,
    store,
    products,
    figures: () => ({ keys, live: live.size, networks: limits.size() }),
    close() {
      cancel();
      looking?.();
      keepScores(lastEnd);
      store.close();
    },
  };
}
