import type { Spell } from './climate.ts';
import type { Asked, Simulated } from './simulate.ts';

/** What a day of weather came to. Times are milliseconds; shares are 0 to 1. */
export interface Measured {
  name: string;
  requests: number;
  whole: number;
  error: number;
  cut: number;
  availability: number;
  /** Of requests during bad weather alone. */
  stormAvailability: number;
  /** Wait beyond a calm day's, of whole answers, over all hours and in bad weather. */
  addedMedian: number;
  addedTail: number;
  stormMedian: number;
  stormTail: number;
  /** Upstream requests, and those that are billed, per whole answer. */
  asked: number;
  billed: number;
  /** From the beginning of an outage of the lead to the first request that did not begin with it; `undefined`: it never left. */
  leave: number[];
  neverLeft: number;
  /** From the outage's end to the first request that the lead answered as before. */
  back: number[];
}

export function measure({ name, requests, spells, sky, calm }: Simulated): Measured {
  const whole = requests.filter(({ end }) => end === 'whole');
  const storm = requests.filter(({ at, model }) => spells.some((spell) => touches(spell, at, model)));
  const stormWhole = storm.filter(({ end }) => end === 'whole');
  const added = (list: readonly Asked[]): number[] => list.map(({ took }) => took - calm).toSorted((one, other) => one - other);
  const outages = spells.filter(({ kind }) => kind === 'outage' || kind === 'region');
  const leaves = outages.map((spell) => leaving(spell, requests));
  return {
    name,
    requests: requests.length,
    whole: whole.length,
    error: requests.filter(({ end }) => end === 'error').length,
    cut: requests.filter(({ end }) => end === 'cut').length,
    availability: whole.length / requests.length,
    stormAvailability: stormWhole.length / storm.length,
    addedMedian: quantile(added(whole), 0.5),
    addedTail: quantile(added(whole), 0.99),
    stormMedian: quantile(added(stormWhole), 0.5),
    stormTail: quantile(added(stormWhole), 0.99),
    asked: sum(sky.arrived) / whole.length,
    billed: sum(sky.billed) / whole.length,
    leave: leaves.filter((span) => span !== undefined),
    neverLeft: leaves.filter((span) => span === undefined).length,
    back: outages.flatMap((spell) => returning(spell, requests, spells) ?? []),
  };
}

function touches({ from, to, model }: Spell, at: number, asked: string): boolean {
  return at >= from && at < to && (model ?? asked) === asked;
}

/** Trials do not count: somebody has to see whether the lead is well again. */
function leaving({ from, to }: Spell, requests: readonly Asked[]): number | undefined {
  const left = requests.filter(({ at, asked }) => at >= from && at < to && (asked[0]?.host !== 'lead' || asked[0].trial));
  return left.length === 0 ? undefined : Math.min(...left.map(({ at }) => at)) - from;
}

function returning({ to }: Spell, requests: readonly Asked[], spells: readonly Spell[]): number | undefined {
  const next = Math.min(...spells.map(({ from }) => from).filter((from) => from > to), Infinity);
  const back = requests.filter(
    ({ at, asked, end }) => at >= to && at < next && end === 'whole' && asked.length === 1 && asked[0]!.host === 'lead' && !asked[0]!.trial,
  );
  return back.length === 0 ? undefined : Math.min(...back.map(({ at }) => at)) - to;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
