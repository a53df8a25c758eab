import type { States } from '../crowd/hub-answers.ts';
import { BIN, binOf } from '../crowd/statement.ts';
import { isSymptom, type Symptom, SYMPTOM_NAMES } from '../crowd/symptoms.ts';
import { parseProductKey } from '../product.ts';
import { fives, rounded } from './anonymity.ts';
import type { Hub } from './hub.ts';
import type { Standing } from './rule.ts';

/** How one product stands, as far as it may be told. Counts are of bins that are over, in fives. Times are UTC ms. */
export interface ProductView {
  key: string;
  title: string;
  state: Standing['state'];
  since: number;
  models: { key: string; state: Standing['state']; since: number }[];
  /** In the last hour, in which nobody is counted twice. */
  lastHour: { from: number; to: number; symptoms: Partial<Record<Symptom, number>>; countries: Record<string, number> };
  /** 24 hours in bins of five minutes, oldest first: problems reported, and how many are usual at that time. */
  chart: { at: number; reports: number; usual: number }[];
}

export interface ExportedBin {
  at: number;
  product: string;
  model?: string;
  country: string;
  symptom: string;
  reports: number;
}

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
/** Bins of the last hour that are over. One less than twelve: a key that spoke an hour ago may speak again. */
const BINS_OF_HOUR = 11;

export function statesOf(hub: Hub, now: number): States {
  const states = hub.keys().flatMap((key) => {
    const { state, since } = hub.standing(key);
    // Names of models come from outside: one is told only where several people have said it.
    return hub.products.has(key) || state !== 'none' ? [{ key, title: titleOf(hub, key), state, since }] : [];
  });
  return { version: 1, at: now, states };
}

/** `Claude API`, `Claude API, claude-opus-4-6`. */
export function titleOf(hub: Pick<Hub, 'products'>, key: string): string {
  const { provider, product, model } = parseProductKey(key) ?? { provider: '', product: '' };
  const title = hub.products.get(`${provider}/${product}`) ?? key;
  return model === undefined ? title : `${title}, ${model}`;
}

/** `undefined`: the hub does not know that product. */
export function productView(hub: Hub, key: string, now: number): ProductView | undefined {
  const title = hub.products.get(key);
  if (title === undefined) return undefined;
  const to = binOf(now);
  const from = to - BINS_OF_HOUR * BIN;
  const slices = hub.store.slices(from, to, key);
  const symptoms = sums(slices, ({ symptom }) => symptom);
  const problems = slices.filter(({ symptom, country }) => symptom !== 'works' && country !== 'none');
  const models = hub.keys().filter((each) => each.startsWith(`${key}/`) && hub.standing(each).state !== 'none');
  return {
    key,
    title,
    ...standingOf(hub, key),
    models: models.map((each) => ({ key: each, ...standingOf(hub, each) })),
    lastHour: {
      from,
      to,
      symptoms: Object.fromEntries(SYMPTOM_NAMES.flatMap((each) => (symptoms.has(each) ? [[each, symptoms.get(each)]] : []))),
      countries: Object.fromEntries([...sums(problems, ({ country }) => country)].toSorted(([, one], [, other]) => other - one)),
    },
    chart: chartOf(hub, key, to),
  };
}

function standingOf(hub: Hub, key: string): Pick<Standing, 'state' | 'since'> {
  const { state, since } = hub.standing(key);
  return { state, since };
}

/** In fives; what comes to none is not there at all. */
function sums<Row extends { reports: number }>(rows: readonly Row[], nameOf: (row: Row) => string): Map<string, number> {
  const all = new Map<string, number>();
  for (const row of rows) all.set(nameOf(row), (all.get(nameOf(row)) ?? 0) + row.reports);
  return new Map([...all].flatMap(([name, count]) => (fives(count) > 0 ? [[name, fives(count)]] : [])));
}

function chartOf(hub: Hub, key: string, to: number): ProductView['chart'] {
  const from = to - DAY;
  const counts = new Map(hub.store.scores(key, from, to).map(({ at, reports }) => [at, reports]));
  const baseline = hub.baseline(key, 'reports');
  return Array.from({ length: DAY / BIN }, (_, index) => {
    const at = from + index * BIN;
    return { at, reports: fives(counts.get(at) ?? 0), usual: rounded(baseline.meanAt(at)) };
  });
}

/** Bins of at most eight days, without those that fewer than five have reported. A model is named only where five named it. */
export function exported(hub: Hub, from: number, to: number, now: number): ExportedBin[] {
  return hub.store
    .slices(from, Math.min(to, binOf(now)))
    .flatMap(({ at, product, model, country, symptom, reports }) =>
      isSymptom(symptom) && fives(reports) > 0
        ? [{ at, product, ...(model !== '' && { model }), country, symptom, reports: fives(reports) }]
        : [],
    );
}
