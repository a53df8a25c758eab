import { breakerAt } from './breaker.ts';
import type { BreakerState, TargetStatus } from './health.ts';
import type { Marks } from './marks.ts';
import type { TargetRecord } from './record.ts';
import { markOnAll, reasonsOf, verdictOf } from './report.ts';
import { targetName } from '../exchange/target.ts';

/** How a target stands, without figures: what is worth telling when it changes. */
export interface HealthState {
  verdict: TargetStatus['verdict'];
  breaker: BreakerState['type'];
  /** Why its account or model is not used for now (rate limit, quota, auth, not found), apart from the provider's health. */
  setAside?: string;
}

/** A target stands otherwise than it was last said to. */
export interface HealthChange {
  /** `provider/model`. */
  target: string;
  /** Label of the credential; of several keys the one that was used first. */
  credential: string;
  /** UTC milliseconds. */
  at: number;
  from: HealthState;
  to: HealthState;
  /** In words, as in `TargetStatus`. */
  reasons: string[];
}

/** Nothing has been heard of it. */
const UNHEARD: HealthState = { verdict: 'unknown', breaker: 'closed' };

export interface ChangeTeller {
  /** Tells if this target stands otherwise than last told. Without news: a few comparisons, no text is made. */
  look(key: string, record: TargetRecord, marks: Marks, now: number): void;
  /** Takes what is for known, and tells nobody. */
  begin(records: ReadonlyMap<string, TargetRecord>, marks: Marks, now: number): void;
  forget(key: string): void;
}

export function changeTeller(onChange: (change: HealthChange) => void): ChangeTeller {
  const told = new Map<string, HealthState>();
  return {
    look(key, record, marks, now) {
      const from = told.get(key) ?? UNHEARD;
      const to = stateOf(record, marks, now);
      if (from.verdict === to.verdict && from.breaker === to.breaker && from.setAside === to.setAside) return;
      told.set(key, to);
      const reasons = reasonsOf(record, breakerAt(record.breaker, now), marks, now);
      onChange({ target: targetName(record.target), credential: record.target.credential, at: now, from, to, reasons });
    },
    begin(records, marks, now) {
      told.clear();
      for (const [key, record] of records) told.set(key, stateOf(record, marks, now));
    },
    forget: (key) => void told.delete(key),
  };
}

function stateOf(record: TargetRecord, marks: Marks, now: number): HealthState {
  const breaker = breakerAt(record.breaker, now);
  const mark = markOnAll(record, marks, now);
  return { verdict: verdictOf(record, breaker, now), breaker: breaker.type, ...(mark && { setAside: mark.reason }) };
}
