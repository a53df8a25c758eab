import type { LimitOverrides, MeasuredLimit, Shape } from './health.ts';

/**
 * What is known beforehand of a model on a person's own machine. It is mostly the last who could answer: waiting too long costs little, giving
 * up one that lives costs the answer. So what is learned may raise a limit, and never lowers it: quick answers are those whose beginning was in the
 * cache, from a model that was in memory.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A file of 20 GB from a disk that gives 200 MB a second; services drop a model that nobody has asked for some minutes. */
const LOADING = 2 * MINUTE;
/** A processor without a graphics card reads some 60 tokens a second of a model of eight billion parameters, a token being four bytes: 30,000 tokens take eight minutes. */
const BYTES_PER_SECOND = 240;
/** As long as `deadlines.total` waits for progress by default. */
const CEILING = 10 * MINUTE;
/** Ollama says nothing while it writes a tool call's arguments: 1,500 tokens at five a second. */
const IDLE = 5 * MINUTE;
const TOKENS = 2048;
const TOKENS_PER_SECOND = 5;

export const SLOW_CEILINGS: Record<MeasuredLimit, number> = {
  headers: CEILING,
  firstEvent: CEILING,
  firstEventAlive: CEILING,
  idle: CEILING,
  idleAlive: CEILING,
  whole: CEILING,
};

/** As `priorLimits`. */
export function slowPriors(shape: Shape, overrides: LimitOverrides): Record<MeasuredLimit, number> {
  const start = Math.min(LOADING + (Math.max(0, shape.size) / BYTES_PER_SECOND) * SECOND, CEILING);
  const begun = overrides.firstEvent === 'auto' ? start : overrides.firstEvent;
  return {
    headers: start,
    firstEvent: start,
    firstEventAlive: start,
    idle: IDLE,
    idleAlive: IDLE,
    whole: Math.min(begun + ((shape.maxOutputTokens ?? TOKENS) / TOKENS_PER_SECOND) * SECOND, CEILING),
  };
}
