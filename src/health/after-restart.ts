import type { Target } from '../exchange/target.ts';
import { closedBreaker } from './breaker.ts';
import { isRetriedFreely } from './marks.ts';
import type { TargetRecord } from './record.ts';
import type { Known } from './snapshot.ts';

const HOUR = 60 * 60_000;
/** The detector's score has halved twice by then; whether an outage is over, one request finds out. */
const BREAKER_LASTS = HOUR;
/** How fast a model answers changes with its versions and its load: what is older than a month is nobody's habit any more. */
const LEARNED_LASTS = 30 * 24 * HOUR;

/**
 * What an earlier process knew, as far as it still says something at `now`. Of a breaker only recent news counts; what was learned lasts longer.
 * Of the marks those waits stay that a provider has asked for: a key, a quota or a model may have been put right meanwhile, and to find
 * out costs one quick refusal, where believing it would keep a mended target out.
 */
export function afterRestart(known: Known, now: number, keep: (target: Target) => boolean): Known {
  const records = new Map<string, TargetRecord>();
  for (const [key, record] of known.records) {
    const age = now - (record.heardAt ?? record.lastFault?.at ?? 0);
    if (age > LEARNED_LASTS || !keep(record.target)) continue;
    records.set(key, age > BREAKER_LASTS ? { ...record, breaker: closedBreaker(now) } : record);
  }
  return { records, marks: new Map([...known.marks].filter(([, { kind, until }]) => isRetriedFreely(kind) && until > now)) };
}
