/**
 * Quantiles of durations in constant memory: log-spaced buckets with exponentially fading weights. A quantile is the geometric
 * middle of its bucket, so it is off by at most `RELATIVE_ERROR` within the range.
 */
const SMALLEST = 10;
/** Ratio of neighbouring bucket edges. Deadlines are learned quantiles times 2 or 3: ten per cent is precise enough. */
const GROWTH = 1.2;
/** 10 ms to 19 min: a deadline above 10 min is never learned. */
const BUCKETS = 64;
export const RELATIVE_ERROR = Math.sqrt(GROWTH) - 1;

/**
 * Each observation makes the earlier ones count this much less: about the last 500 count. By observation rather than by hour,
 * so that somebody who asks ten times a day keeps what was learned, and a busy server adapts in minutes.
 */
export const FADE = 0.998;
/** New weights grow instead of old ones shrinking; beyond this all are scaled back. */
const RESCALE = 1e6;

/** Plain data, as it is stored. */
export interface Sketch {
  weights: number[];
  /** Weight of the next observation. */
  next: number;
  /** Sum of `weights`. */
  total: number;
  /** Observations ever made. */
  seen: number;
}

export function emptySketch(): Sketch {
  return { weights: Array.from({ length: BUCKETS }, () => 0), next: 1, total: 0, seen: 0 };
}

/** Adds a duration in milliseconds, in place. What is outside of the range counts at its edge. */
export function observe(sketch: Sketch, duration: number): void {
  const bucket = bucketOf(duration);
  sketch.weights[bucket] = (sketch.weights[bucket] ?? 0) + sketch.next;
  sketch.total += sketch.next;
  sketch.seen += 1;
  sketch.next /= FADE;
  if (sketch.next > RESCALE) rescale(sketch);
}

/** The duration below which the share `quantile` (0 to 1) of the weight lies; `undefined` for an empty sketch. */
export function quantileOf(sketch: Sketch, quantile: number): number | undefined {
  if (sketch.total <= 0) return undefined;
  const wanted = quantile * sketch.total;
  let sum = 0;
  let last = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const weight = sketch.weights[bucket] ?? 0;
    if (weight === 0) continue;
    sum += weight;
    last = bucket;
    if (sum >= wanted) break;
  }
  return middleOf(last);
}

function bucketOf(duration: number): number {
  if (!(duration > SMALLEST)) return 0;
  return Math.min(BUCKETS - 1, Math.floor(Math.log(duration / SMALLEST) / Math.log(GROWTH)));
}

function middleOf(bucket: number): number {
  return SMALLEST * GROWTH ** (bucket + 0.5);
}

function rescale(sketch: Sketch): void {
  const factor = 1 / sketch.next;
  sketch.total = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const weight = (sketch.weights[bucket] ?? 0) * factor;
    sketch.weights[bucket] = weight;
    sketch.total += weight;
  }
  sketch.next = 1;
}
