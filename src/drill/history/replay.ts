import { type ProductKey, productKeyText } from '../../watch/product.ts';
import { productTitle } from '../../watch/registry/known.ts';
import { hits, type PastOutage, type PastUse } from './past.ts';

/** What is assumed of how many requests fail in a published outage, by its stated severity. Nobody publishes it: it is said with each result. */
export const FAILING: Readonly<Record<PastOutage['severity'], number>> = { critical: 1, major: 0.5, minor: 0.1, unknown: 0.25 };

const HOUR = 3_600_000;
const WEEK = 168;
/** Outages are laid over the hours in pieces of so many milliseconds: published times are of minutes. */
const SLOT = 5 * 60_000;
const SLOTS = HOUR / SLOT;

/** Who could be asked besides, and has not been. */
export interface Candidate {
  /** `local`: a model on this machine, which no outage reaches. */
  key: ProductKey | 'local';
  title: string;
}

export interface ReplayInput {
  /** UTC milliseconds; whole hours are taken. */
  from: number;
  to: number;
  use: readonly PastUse[];
  outages: readonly PastOutage[];
  /** Who would have been asked, in order, by whoever had asked this one: itself first. */
  backups(asked: ProductKey): readonly ProductKey[];
  candidates: readonly Candidate[];
}

/** Numbers of requests are expected ones: not whole. */
export interface Replay {
  from: number;
  to: number;
  /** Answers that are in the archive, of that time. */
  answers: number;
  /** What would usually have been asked while an outage lasted, also where it kept one from asking. */
  atRisk: number;
  /** Hours of use in which something was out. */
  hoursHit: number;
  hoursUsed: number;
  without: number;
  withRoutes: number;
  /** Lost with the routes as they are, in web chats: no route reaches there. */
  inWebChats: number;
  /** With the routes and one more target at their end; the most useful first. */
  plus: { title: string; lost: number; local: boolean }[];
  byProduct: { asked: string; answers: number; without: number; withRoutes: number }[];
  /** Those that hit something that is used here, oldest first. */
  outages: { outage: PastOutage; asked: string; atRisk: number; without: number; withRoutes: number }[];
  byDay: { day: number; answers: number; without: number; withRoutes: number }[];
}

interface Asked {
  key: ProductKey;
  web: boolean;
  chain: readonly ProductKey[];
  outages: PastOutage[];
  /** By hour since `from`. */
  made: Float64Array;
  /** By hour of the week: a usual hour's answers. */
  usual: Float64Array;
}

/**
 * Lays outages over somebody's own hours. In an hour that an outage touches, what is usual at that hour of the week counts if it is more than what was asked: who
 * gets no answers asks less. Products of one provider fail together, those of different ones independently. Pure.
 */
export function replayHistory(input: ReplayInput): Replay {
  const from = Math.ceil(input.from / HOUR) * HOUR;
  const hours = Math.max(0, Math.floor((input.to - from) / HOUR));
  const within = input.outages.filter((outage) => outage.to > from && outage.from < from + hours * HOUR);
  const asked = askedIn(input, from, hours, within);
  const result: Replay = {
    from,
    to: from + hours * HOUR,
    answers: 0,
    atRisk: 0,
    hoursHit: 0,
    hoursUsed: 0,
    without: 0,
    withRoutes: 0,
    inWebChats: 0,
    plus: [],
    byProduct: [],
    outages: [],
    byDay: [],
  };
  const hitHours = new Set<number>();
  const usedHours = new Set<number>();
  const plus = input.candidates.map(({ key, title }) => ({ title, lost: 0, local: key === 'local' }));
  const days = new Map<number, Replay['byDay'][number]>();
  const told = new Map<string, Replay['outages'][number]>();

  for (const one of asked) {
    const sums = { asked: productKeyText(one.key), answers: 0, without: 0, withRoutes: 0 };
    for (let hour = 0; hour < hours; hour++) {
      const at = from + hour * HOUR;
      const made = one.made[hour]!;
      if (made > 0) usedHours.add(hour);
      sums.answers += made;
      const day = dayOf(days, at);
      day.answers += made;
      const touching = one.outages.filter((outage) => outage.to > at && outage.from < at + HOUR);
      if (touching.length === 0) continue;
      const perSlot = Math.max(made, one.usual[hourOfWeek(at)]!) / SLOTS;
      if (perSlot === 0) continue;
      hitHours.add(hour);
      for (let slot = 0; slot < SLOTS; slot++) {
        const middle = at + (slot + 0.5) * SLOT;
        const worst = worstAt(touching, one.key, middle);
        if (!worst) continue;
        const without = perSlot * FAILING[worst.severity];
        const chance = one.web ? FAILING[worst.severity] : chainFails(one.chain, within, middle);
        const withRoutes = perSlot * chance;
        sums.without += without;
        sums.withRoutes += withRoutes;
        day.without += without;
        day.withRoutes += withRoutes;
        result.atRisk += perSlot;
        if (one.web) result.inWebChats += withRoutes;
        for (const [index, { key }] of input.candidates.entries())
          plus[index]!.lost += one.web ? withRoutes : key === 'local' ? 0 : perSlot * chainFails([...one.chain, key], within, middle);
        const line = outageLine(told, worst, productTitle({ provider: one.key.provider, product: one.key.product }));
        line.atRisk += perSlot;
        line.without += without;
        line.withRoutes += withRoutes;
      }
    }
    result.answers += sums.answers;
    result.without += sums.without;
    result.withRoutes += sums.withRoutes;
    result.byProduct.push(sums);
  }
  result.hoursHit = hitHours.size;
  result.hoursUsed = usedHours.size;
  result.plus = plus.toSorted((one, other) => one.lost - other.lost);
  result.byProduct.sort((one, other) => other.without - one.without || other.answers - one.answers);
  result.outages = [...told.values()].toSorted((one, other) => one.outage.from - other.outage.from);
  result.byDay = [...days.values()].toSorted((one, other) => one.day - other.day);
  return result;
}

function askedIn({ use, backups }: ReplayInput, from: number, hours: number, outages: readonly PastOutage[]): Asked[] {
  const all = new Map<string, Asked>();
  for (const { hour, asked: key, answers, web } of use) {
    const index = Math.floor((hour - from) / HOUR);
    if (index < 0 || index >= hours) continue;
    const name = `${productKeyText(key)} ${web}`;
    let one = all.get(name);
    if (!one) {
      const hitting = outages.filter((outage) => hits(outage, key));
      one = { key, web, chain: backups(key), outages: hitting, made: new Float64Array(hours), usual: new Float64Array(WEEK) };
      all.set(name, one);
    }
    one.made[index]! += answers;
  }
  for (const one of all.values()) learnUsual(one, from, hours);
  return [...all.values()];
}

/** A mean over the weeks, of hours in which this was not out; since the first use of it. */
function learnUsual({ made, usual, outages }: Asked, from: number, hours: number): void {
  const seen = new Float64Array(WEEK);
  const first = made.findIndex((answers) => answers > 0);
  for (let hour = Math.max(0, first); hour < hours; hour++) {
    const at = from + hour * HOUR;
    if (outages.some((outage) => outage.to > at && outage.from < at + HOUR)) continue;
    const place = hourOfWeek(at);
    usual[place]! += made[hour]!;
    seen[place]! += 1;
  }
  for (let place = 0; place < WEEK; place++) if (seen[place]! > 0) usual[place]! /= seen[place]!;
}

function hourOfWeek(at: number): number {
  return Math.floor(at / HOUR) % WEEK;
}

function worstAt(outages: readonly PastOutage[], key: ProductKey, at: number): PastOutage | undefined {
  let worst: PastOutage | undefined;
  for (const outage of outages)
    if (outage.from <= at && at < outage.to && hits(outage, key) && (!worst || FAILING[outage.severity] > FAILING[worst.severity]))
      worst = outage;
  return worst;
}

/** The chance that nobody of a chain answers: of each provider the likeliest to do so counts once. */
function chainFails(chain: readonly ProductKey[], outages: readonly PastOutage[], at: number): number {
  const byProvider = new Map<string, number>();
  for (const key of chain) {
    const worst = worstAt(outages, key, at);
    const share = worst ? FAILING[worst.severity] : 0;
    byProvider.set(key.provider, Math.min(byProvider.get(key.provider) ?? 1, share));
  }
  let fails = 1;
  for (const share of byProvider.values()) fails *= share;
  return fails;
}

function dayOf(days: Map<number, Replay['byDay'][number]>, at: number): Replay['byDay'][number] {
  const day = Math.floor(at / (24 * HOUR)) * 24 * HOUR;
  const known = days.get(day) ?? { day, answers: 0, without: 0, withRoutes: 0 };
  days.set(day, known);
  return known;
}

function outageLine(told: Map<string, Replay['outages'][number]>, outage: PastOutage, asked: string): Replay['outages'][number] {
  const name = `${outage.from} ${outage.title} ${asked}`;
  const known = told.get(name) ?? { outage, asked, atRisk: 0, without: 0, withRoutes: 0 };
  told.set(name, known);
  return known;
}
