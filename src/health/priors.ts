import type { LimitOverrides, MeasuredLimit, Shape } from './health.ts';
import { SLOW_CEILINGS, slowPriors } from './slow-priors.ts';

export const ALL_AUTO: LimitOverrides = { headers: 'auto', firstEvent: 'auto', idle: 'auto', whole: 'auto' };

/** The user's own 2 s without content are 2 s, whether pings arrive or not. */
export const OVERRIDDEN_BY: Record<MeasuredLimit, keyof LimitOverrides> = {
  headers: 'headers',
  firstEvent: 'firstEvent',
  firstEventAlive: 'firstEvent',
  idle: 'idle',
  idleAlive: 'idle',
  whole: 'whole',
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Lower end of the range in which p95 of first tokens is normal; research/status.md 3.3: `max(20 s, 3 x own p95)`. */
const START = 20 * SECOND;
/** Reading a long prompt takes time: 20 KB are about 5,000 tokens, and a cold cache reads some 5,000 tokens a second. */
const BYTES_PER_SECOND = 20 * 1024;
/** 100,000 tokens of input are read within half a minute by all that were looked at; a minute is twice that. */
const START_CEILING = MINUTE;
/** "Hard 120 s" (research/status.md 3.3); silent thinking before the headers is not unusual behind gateways. */
const REASONING_START_CEILING = 2 * MINUTE;
const REASONING_START = MINUTE;
/** Of much effort, in silence: as long as Claude Code itself waits for a byte (180 s, research/status.md 3.3). */
const HEAVY_FIRST = 3 * MINUTE;
/** Pings prove life: pi-claude-bridge gives a reasoning model 300 s to its first token. */
const REASONING_ALIVE = 5 * MINUTE;
/** Between two pieces of content. Tokens come every 20-100 ms; 10 s is Akka's "acceptable pause", twice that is a stall. */
const IDLE = 20 * SECOND;
/** Thoughts are often told in summaries, with pauses between them: "45 s warn" in research/status.md 3.3. */
const REASONING_IDLE = 45 * SECOND;
/** Anthropic buffers a tool call's arguments and pings meanwhile: a long file is written in silence. 90 s: "fail" in research/status.md 3.3. */
const IDLE_ALIVE = 90 * SECOND;
/**
 * Anthropic's and others' pings come every 10 to 15 s or so; twice that proves that they have stopped. Before it, silence within reasoning is
 * no sign of anything.
 */
export const PING_MAY_TAKE = 30 * SECOND;
/** Without a stated maximum most answers stay under 2,048 tokens; above 16,384 nobody waits without streaming. */
const TOKENS = 2048;
const TOKENS_CEILING = 16_384;
/** Slow end of large models' output speed. */
const TOKENS_PER_SECOND = 40;
/** The official SDKs' own default timeout: 10 minutes. */
const WHOLE_CEILING = 10 * MINUTE;

/** What a learned limit may never fall below, so that a lucky streak does not make a normally slow answer a fault. */
export const FLOORS: Record<MeasuredLimit, number> = {
  headers: 8 * SECOND,
  firstEvent: 8 * SECOND,
  firstEventAlive: 8 * SECOND,
  idle: 10 * SECOND,
  idleAlive: 45 * SECOND,
  whole: 30 * SECOND,
};

/** The same for requests with reasoning, whose thinking time varies by orders of magnitude from question to question. */
export const REASONING_FLOORS: Record<MeasuredLimit, number> = {
  ...FLOORS,
  headers: 30 * SECOND,
  firstEvent: 30 * SECOND,
  // Twice the silence that is borne without pings.
  firstEventAlive: MINUTE,
  whole: MINUTE,
};

/** What a learned limit may never exceed: longer than this nobody is helped by waiting. */
export const CEILINGS: Record<MeasuredLimit, number> = {
  headers: START_CEILING,
  firstEvent: START_CEILING,
  firstEventAlive: START_CEILING,
  idle: MINUTE,
  // A file of 16,384 tokens written into one tool call, at the slow end of output speed, is seven minutes: some of that must be borne.
  idleAlive: 5 * MINUTE,
  whole: WHOLE_CEILING,
};

export const REASONING_CEILINGS: Record<MeasuredLimit, number> = {
  ...CEILINGS,
  headers: REASONING_START_CEILING,
  // Who has been seen to think in silence for long is believed as long as one who pings.
  firstEvent: REASONING_ALIVE,
  firstEventAlive: REASONING_ALIVE,
  idle: 90 * SECOND,
};

/** Limits for a target of which nothing is known yet. `overrides` only changes what follows from them: `whole`. */
export function priorLimits(shape: Shape, overrides: LimitOverrides = ALL_AUTO): Record<MeasuredLimit, number> {
  if (shape.computesHere === true) return slowPriors(shape, overrides);
  const reading = (Math.max(0, shape.size) / BYTES_PER_SECOND) * SECOND;
  const headers = shape.reasoning ? Math.min(REASONING_START + reading, REASONING_START_CEILING) : Math.min(START + reading, START_CEILING);
  const firstEvent = shape.reasoning && isHeavy(shape.effort) ? Math.max(headers, HEAVY_FIRST) : headers;
  const tokens = Math.min(shape.maxOutputTokens ?? TOKENS, TOKENS_CEILING);
  const start =
    (overrides.headers === 'auto' ? headers : overrides.headers) + (overrides.firstEvent === 'auto' ? firstEvent : overrides.firstEvent);
  return {
    headers,
    firstEvent,
    // Pings prove a reasoning model's life; a model that does not reason has nothing to be silent for.
    firstEventAlive: shape.reasoning ? REASONING_ALIVE : firstEvent,
    idle: shape.reasoning ? REASONING_IDLE : IDLE,
    idleAlive: IDLE_ALIVE,
    whole: Math.min(start + (tokens / TOKENS_PER_SECOND) * SECOND, WHOLE_CEILING),
  };
}

/** Between which a learned limit lies. */
export function boundsOf(name: MeasuredLimit, shape: Shape): { floor: number; ceiling: number } {
  if (shape.computesHere === true) return { floor: slowPriors(shape, ALL_AUTO)[name], ceiling: SLOW_CEILINGS[name] };
  if (shape.reasoning) return { floor: REASONING_FLOORS[name], ceiling: REASONING_CEILINGS[name] };
  return { floor: FLOORS[name], ceiling: CEILINGS[name] };
}

export function isHeavy(effort: Shape['effort']): boolean {
  return effort === 'high' || effort === 'xhigh' || effort === 'max';
}
