/** A median with an interval that assumes nothing about the distribution. */
export interface Estimate {
  median: number;
  low: number;
  high: number;
  /** Probability that the interval holds the true median. */
  coverage: number;
}

/** Interval from order statistics: the narrowest pair of ranks that covers 95 %, or all of the sample if it is too small. */
export function medianOf(sample: number[]): Estimate {
  const sorted = sample.toSorted((left, right) => left - right);
  const size = sorted.length;
  if (size === 0) return { median: Number.NaN, low: Number.NaN, high: Number.NaN, coverage: 0 };
  let rank = 0;
  while (rank + 1 < size / 2 && covered(size, rank + 1) >= 0.95) rank += 1;
  return {
    median: (at(sorted, Math.floor((size - 1) / 2)) + at(sorted, Math.ceil((size - 1) / 2))) / 2,
    low: at(sorted, rank),
    high: at(sorted, size - 1 - rank),
    coverage: covered(size, rank),
  };
}

/** That the median lies between the `rank`-th smallest and the `rank`-th largest (from 0): binomial with p = 1/2. */
function covered(size: number, rank: number): number {
  let outside = 0;
  let ways = 1;
  for (let below = 0; below <= rank; below++) {
    outside += ways;
    ways = (ways * (size - below)) / (below + 1);
  }
  return 1 - (2 * outside) / 2 ** size;
}

/** The value below which the share of a sorted sample lies. */
export function percentile(sorted: number[], share: number): number {
  return at(sorted, Math.min(sorted.length - 1, Math.floor(share * sorted.length)));
}

function at(sorted: number[], index: number): number {
  return sorted[index] ?? Number.NaN;
}

/** A seeded source in [0, 1) (mulberry32), so that an order can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffled<Item>(items: Item[], random: () => number): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
