import type { Target } from '../exchange/target.ts';
import { breakerAt, permission } from './breaker.ts';
import type { Standing } from './health.ts';
import { markStanding, type Marks } from './marks.ts';
import type { TargetRecord } from './record.ts';

/** How a target stands with those who would come back to it. Asking changes nothing, and takes no trial's slot. */
export function standingOf(target: Target, record: TargetRecord | undefined, marks: Marks, now: number): Standing {
  const own = record ? breakerStanding(record, now) : ({ type: 'well', since: 0 } as const);
  const marked = markStanding(marks, target, now);
  if (own.type === 'ill' || marked.type === 'ill') return { type: 'ill' };
  const type = own.type === 'well' && marked.type === 'well' ? 'well' : 'trial-due';
  return { type, since: Math.max(own.since, marked.since) };
}

function breakerStanding(record: TargetRecord, now: number): Standing {
  const breaker = breakerAt(record.breaker, now);
  switch (breaker.type) {
    case 'closed':
      return { type: 'well', since: Math.max(breaker.ejectedAt, record.troubledAt ?? 0) };
    case 'suspect':
      return { type: 'ill' };
    case 'open':
      return permission(breaker, now).type === 'canary' ? { type: 'trial-due', since: Math.min(breaker.until, now) } : { type: 'ill' };
    case 'half-open':
      return permission(breaker, now).type === 'canary' ? { type: 'trial-due', since: record.heardAt ?? now } : { type: 'ill' };
  }
}
