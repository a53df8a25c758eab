import { BIN, binOf } from '../crowd/statement.ts';
import type { Baseline } from './baseline.ts';
import type { Window } from './rule.ts';
import { cappedSum } from './weight.ts';

/** What one report comes to. `works`: for whoever it is from, it works. */
export interface Counted {
  network: string;
  weight: number;
  works: boolean;
}

/** The last hour of one product, or of one model of it: the only place where networks are told apart, and it is in memory. */
export interface LiveBins {
  /** Whether one more network is told apart by it. */
  add(report: Counted, now: number): boolean;
  /** The last three quarters of an hour in windows that do not overlap, newest first. */
  windows(now: number, baseline: Baseline): Window[];
  /** What the bin that began then came to, for the chart and for baselines. */
  total(at: number): { reports: number; score: number };
  /** Networks told apart, in all bins. What is older than an hour goes. */
  size(now: number): number;
  /** Nothing was reported within the hour. */
  isIdle(now: number): boolean;
}

interface Bin {
  at: number;
  reporters: number;
  problems: Map<string, number>;
  works: Map<string, number>;
}

const BINS_OF_WINDOW = 3;
const WINDOWS = 3;
const HOUR = 60 * 60_000;
/** All networks for which there was no room. */
export const OTHERS = 'others';
/** Networks of one bin that are told apart; all others count as one. */
const MOST_NETWORKS = 2000;
/** Those for whom it works take away no more than this part: in a partial outage there are many of them, and both are right. */
const MOST_TAKEN_AWAY = 0.5;

export function liveBins(): LiveBins {
  let bins: Bin[] = [];

  function binAt(at: number): Bin | undefined {
    return bins.find((bin) => bin.at === at);
  }

  function window(newest: number, baseline: Baseline): Window {
    const starts = Array.from({ length: BINS_OF_WINDOW }, (_, index) => newest - index * BIN);
    const these = bins.filter(({ at }) => starts.includes(at));
    const problems = together(these.map((bin) => bin.problems));
    const against = cappedSum([...problems.values()]);
    const works = cappedSum([...together(these.map((bin) => bin.works)).values()]);
    return {
      reporters: these.reduce((sum, { reporters }) => sum + reporters, 0),
      networks: new Set(problems.keys()),
      score: against - Math.min(works, against * MOST_TAKEN_AWAY),
      mean: starts.reduce((sum, at) => sum + baseline.meanAt(at), 0),
      dispersion: baseline.dispersion,
    };
  }

  return {
    add({ network, weight, works }, now) {
      const at = binOf(now);
      let bin = binAt(at);
      if (!bin) {
        bin = { at, reporters: 0, problems: new Map(), works: new Map() };
        bins = [...bins.filter((each) => each.at > at - HOUR), bin];
      }
      if (!works) bin.reporters++;
      const side = works ? bin.works : bin.problems;
      const name = side.has(network) || side.size < MOST_NETWORKS ? network : OTHERS;
      const before = side.get(name);
      side.set(name, (before ?? 0) + weight);
      return before === undefined;
    },
    windows: (now, baseline) => Array.from({ length: WINDOWS }, (_, index) => window(binOf(now) - index * BINS_OF_WINDOW * BIN, baseline)),
    total(at) {
      const bin = binAt(at);
      if (!bin) return { reports: 0, score: 0 };
      // Once an hour for each network: else one that reports all day would make much of it usual, and hide what comes after.
      const heard = new Set(bins.filter((each) => each.at < at && each.at > at - HOUR).flatMap(({ problems }) => [...problems.keys()]));
      const fresh = [...bin.problems].filter(([network]) => !heard.has(network)).map(([, weight]) => weight);
      return { reports: bin.reporters, score: cappedSum(fresh) };
    },
    size(now) {
      bins = bins.filter(({ at }) => at > now - HOUR - BIN);
      return bins.reduce((sum, { problems, works }) => sum + problems.size + works.size, 0);
    },
    isIdle: (now) => bins.every(({ at }) => at <= now - HOUR),
  };
}

function together(sides: readonly Map<string, number>[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const side of sides) for (const [network, weight] of side) all.set(network, (all.get(network) ?? 0) + weight);
  return all;
}
