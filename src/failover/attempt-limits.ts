import type { Limits } from '../health/health.ts';
import type { Visit } from './itinerary.ts';
import type { Plan } from './plan.ts';

/** A trial on a suspected target, or on the one that has just broken off, must not keep a user waiting when somebody else could answer. */
const CANARY_PATIENCE = 10_000;

/** Health's limits, made to fit the occasion. */
export function attemptLimits(
  limits: Limits,
  plan: Plan,
  visit: Pick<Visit, 'kind' | 'othersLeft' | 'planned'>,
  remaining: number,
): Limits {
  // An answer that does not stream shows no life before it is there: its share of the total leaves time for the others.
  const whole = Math.min(limits.whole, Math.max(1000, (plan.deadlines.total * 0.9) / (remaining + 1)));
  const doubtful = visit.kind === 'canary' || visit.kind === 'hop';
  // A model on one's own machine may have to be loaded first: so short a trial it could never pass.
  if (!doubtful || !visit.othersLeft || visit.planned.provider.computesHere === true) return { ...limits, whole };
  const headers = Math.min(limits.headers, CANARY_PATIENCE);
  const firstEvent = Math.min(limits.firstEvent, CANARY_PATIENCE);
  const firstEventAlive = Math.min(limits.firstEventAlive, 3 * CANARY_PATIENCE);
  const thinking = Math.min(limits.thinking, 3 * CANARY_PATIENCE);
  const thinkingAlive = Math.min(limits.thinkingAlive, 3 * CANARY_PATIENCE);
  return { ...limits, headers, firstEvent, firstEventAlive, thinking, thinkingAlive, idle: Math.min(limits.idle, CANARY_PATIENCE), whole };
}
