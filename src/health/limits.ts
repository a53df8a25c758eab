import type { LimitOverrides, Limits, MeasuredLimit, Shape, Timings } from './health.ts';
import { boundsOf, isHeavy, OVERRIDDEN_BY, PING_MAY_TAKE, priorLimits } from './priors.ts';
import { emptySketch, observe, quantileOf, type Sketch } from './sketch.ts';

/** What is measured. `start`: attempt to headers; `first`: headers to first event; `words`: attempt to first words; `gap`: longest silence; `whole`: not streamed. */
export type Metric = 'start' | 'first' | 'words' | 'gap' | 'whole';

/** Durations of one target that ended well, by the kind of request. Plain data, as it is stored. */
export interface Learned {
  /** Key: metric, input size and reasoning (`first 2 heavy`); or the metric alone, for all requests together. */
  sketches: Record<string, Sketch>;
  /**
   * The last thing heard was a limit that struck. Until the target succeeds again nothing tighter than the prior is used: what a
   * learned limit kills it never sees, so a provider that has become slower could not teach us otherwise.
   */
  doubted: boolean;
}

/** Fewer than this say nothing about a tail. */
export const ENOUGH = 20;
/** To give up somebody who shows signs of life sooner than the guess has it takes more: of so many, the slowest is the p99. */
export const ENOUGH_ALIVE = 50;
/** research/status.md 3.3 takes 3 x p95; p99 is no smaller. */
export const FACTOR = 3;
/** Whole answers spread less, relative to their length. */
export const WHOLE_FACTOR = 2;
/** Slower than this share of requests like it is slow, if not yet a fault: where a hedge pays (Dean and Barroso, The Tail at Scale, 2013). */
const USUAL = 0.95;
/** Bytes: answers to a question, to a conversation, to an agent's history, to documents, to pictures and more. */
const SIZES = [4 * 1024, 32 * 1024, 256 * 1024, 2 * 1024 * 1024];

const SOURCES: Record<MeasuredLimit, Metric> = {
  headers: 'start',
  firstEvent: 'first',
  firstEventAlive: 'first',
  idle: 'gap',
  idleAlive: 'gap',
  whole: 'whole',
};

export const LIMIT_NAMES = Object.keys(SOURCES) as MeasuredLimit[];

export function nothingLearned(): Learned {
  return { sketches: {}, doubted: false };
}

/** Learns from an attempt that ended well, in place. */
export function learn(learned: Learned, shape: Shape, timings: Timings): void {
  learned.doubted = false;
  if (!shape.stream) return note(learned, 'whole', shape, timings.took);
  note(learned, 'start', shape, timings.headersAfter);
  note(learned, 'first', shape, Math.max(0, timings.firstEventAfter - timings.headersAfter));
  note(learned, 'gap', shape, timings.longestGap);
  if (timings.wordsAfter !== undefined) note(learned, 'words', shape, timings.wordsAfter);
}

/**
 * Learns from an attempt that said nothing for `waited` milliseconds until somebody else had answered, in place: it would have taken at
 * least so long. Without these a hedge would cut off the slow end of what it goes by, and each make the next come sooner. A wait that is
 * not longer than usual says nothing.
 */
export function learnWait(learned: Learned, shape: Shape, waited: number): void {
  if (waited >= usualWait(learned, shape)) note(learned, shape.stream ? 'words' : 'whole', shape, waited);
}

function note(learned: Learned, metric: Metric, shape: Shape, duration: number): void {
  if (!Number.isFinite(duration)) return;
  for (const key of [metric, keyFor(metric, shape)]) observe((learned.sketches[key] ??= emptySketch()), duration);
}

/**
 * Limits for a request of this shape: what was learned from requests like it, times a factor, between floor and ceiling. With too
 * few of those, the prior, raised (never lowered) by what was learned from all of the target's requests. The user's own
 * numbers stand as they are.
 */
export function limitsFor(learned: Learned | undefined, shape: Shape, overrides: LimitOverrides): Limits & { source: 'prior' | 'learned' } {
  let source: 'prior' | 'learned' = 'prior';
  const priors = priorLimits(shape, overrides);

  function limit(name: MeasuredLimit): number {
    const judged = judge(name, priors, learned, shape, overrides);
    if (judged.from === 'learned') source = 'learned';
    return judged.value;
  }

  const firstEvent = limit('firstEvent');
  const firstEventAlive = Math.max(limit('firstEventAlive'), firstEvent);
  const idle = limit('idle');
  const idleAlive = Math.max(limit('idleAlive'), idle);
  const auto = overrides.idle === 'auto';
  const limits: Limits = {
    headers: limit('headers'),
    firstEvent,
    firstEventAlive,
    idle,
    idleAlive,
    thinking: auto ? Math.max(idle, PING_MAY_TAKE) : idle,
    thinkingAlive: auto ? Math.max(idleAlive, firstEventAlive) : idle,
    whole: limit('whole'),
  };
  return { ...limits, source };
}

/** How a limit came about. */
export interface Judged {
  /** Milliseconds. */
  value: number;
  /** `set`: by the user. `learned`: from requests like it. `all`: the prior, held against what all of the target's requests took. */
  from: 'set' | 'prior' | 'learned' | 'all';
  /** What it was learned from, or would be, with too few answers yet. */
  sketch: Sketch | undefined;
  floor: number;
  ceiling: number;
  /** What overruled the figure that was learned. */
  overruled?: 'floor' | 'ceiling' | 'prior';
}

export function judge(
  name: MeasuredLimit,
  priors: Record<MeasuredLimit, number>,
  learned: Learned | undefined,
  shape: Shape,
  overrides: LimitOverrides,
): Judged {
  const metric = SOURCES[name];
  const alike = learned?.sketches[keyFor(metric, shape)];
  const { floor, ceiling } = boundsOf(name, shape);
  const override = overrides[OVERRIDDEN_BY[name]];
  if (override !== 'auto') return { value: override, from: 'set', sketch: alike, floor, ceiling };
  const prior = priors[name];
  const ownKnown = stretched(alike, metric);
  const from = ownKnown === undefined ? 'all' : 'learned';
  const sketch = from === 'learned' ? alike : learned?.sketches[metric];
  const known = ownKnown ?? stretched(sketch, metric);
  if (known === undefined) return { value: prior, from: 'prior', sketch: alike, floor, ceiling };
  const clamped = Math.min(Math.max(known, floor), ceiling);
  // An "alive" limit is a promise of patience: what was learned may raise it, but lower it only for first words, and where much is known.
  const patient = isAlive(name, shape) && (name === 'idleAlive' || (sketch?.seen ?? 0) < ENOUGH_ALIVE);
  const lowest = from === 'all' || learned?.doubted || patient ? prior : 0;
  const value = Math.max(clamped, lowest);
  const overruled = value > clamped ? 'prior' : clamped > known ? 'floor' : clamped < known ? 'ceiling' : undefined;
  const judged: Judged = { value, from, sketch, floor, ceiling };
  if (overruled) judged.overruled = overruled;
  return judged;
}

/**
 * Milliseconds from the request until something is usually said (until all of it is, where the answer does not stream): what 95 of 100
 * requests like it took at most. With too few of those it is what the prior limit is three times of (twice, for whole answers;
 * research/status.md 3.3: a first token is late after `max(20 s, 3 x own p95)`), or more, if all of the target's requests took longer.
 */
export function usualWait(learned: Learned | undefined, shape: Shape): number {
  const metric = shape.stream ? 'words' : 'whole';
  const alike = usual(learned?.sketches[keyFor(metric, shape)]);
  if (alike !== undefined) return alike;
  const priors = priorLimits(shape);
  const prior = shape.stream ? priors.headers / FACTOR : priors.whole / WHOLE_FACTOR;
  return Math.max(prior, usual(learned?.sketches[metric]) ?? 0);
}

/** `undefined` while too little is known. */
function usual(sketch: Sketch | undefined): number | undefined {
  return sketch && sketch.seen >= ENOUGH ? quantileOf(sketch, USUAL) : undefined;
}

function isAlive(name: MeasuredLimit, shape: Shape): boolean {
  return name === 'idleAlive' || (name === 'firstEventAlive' && shape.reasoning);
}

/** A normal duration at its slowest, times a factor; `undefined` while too little is known. */
function stretched(sketch: Sketch | undefined, metric: Metric): number | undefined {
  if (!sketch || sketch.seen < ENOUGH) return undefined;
  const slowest = quantileOf(sketch, 0.99);
  return slowest === undefined ? undefined : slowest * (metric === 'whole' ? WHOLE_FACTOR : FACTOR);
}

function keyFor(metric: Metric, shape: Shape): string {
  let size = 0;
  while (size < SIZES.length && shape.size >= SIZES[size]!) size += 1;
  return `${metric} ${size} ${thinking(shape)}`;
}

function thinking(shape: Shape): 'none' | 'light' | 'usual' | 'heavy' {
  if (!shape.reasoning || shape.effort === 'none') return 'none';
  if (isHeavy(shape.effort)) return 'heavy';
  return shape.effort === 'minimal' || shape.effort === 'low' ? 'light' : 'usual';
}
