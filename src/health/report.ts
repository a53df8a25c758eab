import { targetName } from '../exchange/target.ts';
import { breakerAt, permission, type Breaker } from './breaker.ts';
import { scoreAt } from './detector.ts';
import { explainLimits, kindInWords } from './explain.ts';
import type { BreakerState, LimitOverrides, TargetStatus } from './health.ts';
import { limitsFor } from './limits.ts';
import { type Mark, markOn, markPermission, type Marks } from './marks.ts';
import { accountsOf, type TargetRecord } from './record.ts';

/** Older evidence than this does not say how a target is now. */
const STALE = 60 * 60_000;

/** What is known about a target, in words and figures. */
export function targetStatus(record: TargetRecord, marks: Marks, overrides: LimitOverrides, now: number): TargetStatus {
  const mark = markOnAll(record, marks, now);
  const breaker = breakerAt(record.breaker, now);
  return {
    target: targetName(record.target),
    verdict: verdictOf(record, breaker, now),
    reasons: reasonsOf(record, breaker, marks, now),
    breaker: stateOf(breaker),
    score: Math.round(scoreAt(record.breaker.score, now)),
    ...(mark && { mark: { reason: mark.reason, until: mark.until } }),
    limits: limitsFor(record.learned, record.shape, overrides),
    explained: { requests: kindInWords(record.shape), limits: explainLimits(record.learned, record.shape, overrides) },
    successes: record.successes,
    failures: record.failures,
    ...(record.lastFault && { lastFault: record.lastFault }),
  };
}

/** The mark that keeps a target from being used: of several accounts, if each has one, that which ends first. */
export function markOnAll(record: TargetRecord, marks: Marks, now: number): Mark | undefined {
  const found = accountsOf(record).flatMap((account) => markOn(marks, account, now) ?? []);
  if (found.length < (record.accounts?.length ?? 1)) return undefined;
  return found.toSorted((one, other) => one.until - other.until)[0];
}

export function verdictOf(record: TargetRecord, breaker: Breaker, now: number): TargetStatus['verdict'] {
  switch (breaker.type) {
    case 'open':
      return 'down';
    case 'half-open':
      return 'degraded';
    case 'closed':
    case 'suspect':
      if (record.heardAt === undefined || now - record.heardAt > STALE) return 'unknown';
      return breaker.type === 'suspect' ? 'degraded' : 'operational';
  }
}

function stateOf(breaker: Breaker): BreakerState {
  switch (breaker.type) {
    case 'closed':
    case 'suspect':
      return { type: breaker.type };
    case 'open':
      return { type: 'open', since: breaker.since, until: breaker.until, trials: breaker.trials };
    case 'half-open':
      return { type: 'half-open', since: breaker.since, trials: breaker.trials };
  }
}

export function reasonsOf(record: TargetRecord, breaker: Breaker, marks: Marks, now: number): string[] {
  const reasons: string[] = [];
  const failures = record.recent.filter((outcome) => outcome !== null);
  const said = failuresInWords(record.recent);
  const state = breakerInWords(breaker, now);
  if (said !== undefined || state !== undefined) reasons.push([said, state].filter((part) => part !== undefined).join('; '));
  for (const account of accountsOf(record)) {
    const mark = markOn(marks, account, now);
    if (!mark) continue;
    const allowed = markPermission(marks, account, now);
    const next =
      allowed.type !== 'no'
        ? 'the next request tries it'
        : allowed.until === undefined
          ? 'a trial is under way'
          : `not used before ${time(allowed.until)}`;
    const whose = record.accounts === undefined ? '' : `${account.credential}: `;
    reasons.push(`${whose}${mark.reason} since ${time(mark.since)}; ${next}`);
  }
  if (record.heardAt === undefined) reasons.push('no answer yet');
  else if (now - record.heardAt > STALE) reasons.push(`last heard of ${span(now - record.heardAt)} ago`);
  else if (failures.length === 0) reasons.push(`the last ${count(record.recent.length, 'request')} succeeded`);
  return reasons;
}

/** `6 of the last 20 requests failed: 529 overloaded_error (5), idle timeout`. */
function failuresInWords(recent: (string | null)[]): string | undefined {
  const labels = new Map<string, number>();
  let failures = 0;
  for (let index = recent.length - 1; index >= 0; index--) {
    const label = recent[index];
    if (label === null || label === undefined) continue;
    failures += 1;
    labels.set(label, (labels.get(label) ?? 0) + 1);
  }
  if (failures === 0) return undefined;
  const kinds = [...labels].map(([label, times]) => (labels.size > 1 && times > 1 ? `${label} (${times})` : label));
  return `${failures} of the last ${count(recent.length, 'request')} failed: ${kinds.join(', ')}`;
}

function breakerInWords(breaker: Breaker, now: number): string | undefined {
  if (breaker.type === 'closed') return undefined;
  if (breaker.type === 'suspect') return 'suspected: no second try on this target';
  const since = breaker.type === 'open' ? 'open' : 'recovering, one request at a time; down';
  return `${since} since ${time(breaker.since)}, ${nextTrial(breaker, now)}`;
}

function nextTrial(breaker: Breaker, now: number): string {
  const allowed = permission(breaker, now);
  if (allowed.type !== 'no') return 'the next request is a trial';
  return allowed.until === undefined ? 'a trial is under way' : `next trial in ${span(allowed.until - now)}`;
}

function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}

/** `06:21:04 UTC`. */
export function time(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** `40 s`, `5 min`, `3 h`. */
export function span(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
