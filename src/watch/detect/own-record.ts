import { afterSuccess, type Score, scoreAt } from '../../health/detector.ts';
import type { Evidence } from '../verdict.ts';
import { afterRequestOf, type Background, NO_BACKGROUND, usualRate, weightOfFailure } from './background.ts';
import { afterRequest, partialAt, PARTLY } from './partial.ts';
import { BURST, FAILURE, FOLLOWING_FAILURE, OWN_ANSWERS, OWN_FRESH, OWN_OPEN, OWN_SUCCESS, OWN_SUSPECT, WEIGHT } from './weights.ts';

/**
 * What became of an own request. `unreached`: no connection came about, which a network that is away looks like too; `local`: nothing outside could
 * be reached. `account`: refused for a reason of the account's own; `lasts`: milliseconds after which it is over by itself. `client`: it says nothing of the service.
 */
export type AttemptOutcome =
  | { type: 'ok' }
  | { type: 'provider'; label: string; unreached?: boolean }
  | { type: 'local' }
  | { type: 'account'; label: string; lasts?: number }
  | { type: 'client' };

/** Own requests to one model. */
export interface OwnRecord {
  /** `provider/model` of the last target. */
  source: string;
  score: Score;
  /** The slow sum, for what fails in part. */
  partial: Score;
  /** What usually fails. */
  background: Background;
  /** Newest last; at most `KEPT`. */
  recent: { at: number; label: string | null }[];
  /** UTC ms. */
  succeededAt?: number;
  /** UTC ms since when health has it out of service. */
  outSince?: number;
  /** UTC ms of the last time that no connection came about. */
  unreachedAt?: number;
  /** As it was before connections began to fail. */
  before?: Pick<OwnRecord, 'score' | 'partial' | 'background' | 'recent'>;
  /** Since the last success. `until`: UTC ms when it is over; `ends`: by itself, and not only because nothing more was heard. */
  account?: { label: string; since: number; at: number; until: number; ends: boolean };
}

const KEPT = 20;
/** Requests in so many milliseconds: from sixty an hour to all that are kept. */
const OFTEN = { within: 10 * 60_000, from: KEPT / 2, to: KEPT };
/** Share of the last requests that makes an outage of a disturbance. */
const MOST = 0.5;
/** Milliseconds: older ones say little about now. */
const RECENT = 30 * 60_000;
/** So many of the newest decide between down and degraded. */
const NEWEST = 6;

export function newRecord(source: string, now: number, background = NO_BACKGROUND): OwnRecord {
  return { source, score: { value: 0, at: now }, partial: { value: 0, at: now }, background, recent: [] };
}

export function afterAttempt(record: OwnRecord, outcome: AttemptOutcome, now: number): OwnRecord {
  switch (outcome.type) {
    case 'ok': {
      const { account: _over, before: _reached, unreachedAt: _then, ...rest } = record;
      const recent = kept(record, { at: now, label: null });
      return { ...rest, ...slowly(record, false, now), score: afterSuccess(record.score, now), recent, succeededAt: now };
    }
    case 'provider': {
      const { before, ...rest } = record;
      const stashed = outcome.unreached === true ? (before ?? stashOf(record)) : undefined;
      const recent = kept(record, { at: now, label: outcome.label });
      return {
        ...rest,
        ...(stashed && { before: stashed, unreachedAt: now }),
        ...slowly(record, true, now),
        score: afterFailure(record, now),
        recent,
      };
    }
    case 'account': {
      const { label, lasts } = outcome;
      const until = now + (lasts ?? RECENT);
      return { ...record, account: { label, since: record.account?.since ?? now, at: now, until, ends: lasts !== undefined } };
    }
    case 'local':
      return { ...record, unreachedAt: now };
    case 'client':
      return record;
  }
}

/** The network was away: connections that failed meanwhile say nothing of who was to be reached. */
export function takenBack(record: OwnRecord): OwnRecord {
  const { before, ...rest } = record;
  return before ? { ...rest, ...before } : record;
}

/** Health has taken a target out of service or given it back; it knows of failures that were before a restart. */
export function afterBreaker(record: OwnRecord, isOpen: boolean, now: number): OwnRecord {
  const { outSince, ...rest } = record;
  return isOpen ? { ...rest, outSince: outSince ?? now } : rest;
}

/** Health's sum (health/detector.ts), but for failures that come in bursts: what follows close upon another says less than one that stands alone. */
function afterFailure(record: OwnRecord, now: number): Score {
  const weight = (isFollowing(record, now) ? FOLLOWING_FAILURE : FAILURE) * weightOfFailure(usualRate(record.background));
  return { value: scoreAt(record.score, now) + weight, at: now };
}

/** The slow sum, and what is usual: learned only while nothing is suspected. */
function slowly(record: OwnRecord, fails: boolean, now: number): Pick<OwnRecord, 'partial' | 'background'> {
  const { score, background } = record;
  const partial = afterRequest(record.partial, fails, isFollowing(record, now), usualRate(background), now);
  const isCalm = scoreAt(score, now) < OWN_SUSPECT && partial.value < PARTLY;
  const isOver = !fails && afterSuccess(score, now).value === 0;
  return { partial, background: afterRequestOf(background, fails, isCalm ? (isOver ? 'over' : 'calm') : 'suspected') };
}

function isFollowing({ recent }: OwnRecord, now: number): boolean {
  const last = recent.findLast(({ label }) => label !== null);
  return last !== undefined && now - last.at <= BURST;
}

function stashOf({ score, partial, background, recent }: OwnRecord): NonNullable<OwnRecord['before']> {
  return { score, partial, background, recent };
}

function kept({ recent }: OwnRecord, one: OwnRecord['recent'][number]): OwnRecord['recent'] {
  return [...recent.slice(-(KEPT - 1)), one];
}

/** `open`: an outage, by its own requests; `partial`: as certain, but most of the newest succeeded; `partly`: some of them fail. */
export type OwnState = 'open' | 'partial' | 'partly' | 'well' | 'stale' | 'account';

export function ownState(record: OwnRecord, now: number): OwnState {
  const score = scoreAt(record.score, now);
  const recent = record.recent.filter(({ at }) => now - at <= RECENT);
  const newest = recent.slice(-NEWEST);
  const failing = newest.filter(({ label }) => label !== null).length;
  if (record.outSince !== undefined && failing === newest.length && now - record.outSince <= RECENT) return 'open';
  if (score >= OWN_OPEN && failing > 0) return failing >= newest.length * MOST ? 'open' : 'partial';
  if (score >= suspectFrom(recent, now) && failing > 0) return 'partly';
  if (partialAt(record.partial, now) >= PARTLY && recent.some(({ label }) => label !== null)) return 'partly';
  if (record.account && now < record.account.until) return 'account';
  return record.succeededAt !== undefined && now - record.succeededAt <= OWN_FRESH ? 'well' : 'stale';
}

/** Most of the newest were answered, and one of them lately: whatever is said of it, it is not down. */
export function isMostlyAnswered({ recent, succeededAt }: OwnRecord, now: number): boolean {
  if (succeededAt === undefined || now - succeededAt > OWN_ANSWERS) return false;
  const newest = recent.filter(({ at }) => now - at <= RECENT).slice(-NEWEST);
  return newest.filter(({ label }) => label !== null).length < newest.length * MOST;
}

/** Whoever asks often has more chances in a week to be wrong: for them it takes as much as for being sure, and the slow sum sees what fails in part. */
function suspectFrom(recent: OwnRecord['recent'], now: number): number {
  const asked = recent.filter(({ at }) => now - at <= OFTEN.within).length;
  const often = Math.min(1, Math.max(0, (asked - OFTEN.from) / (OFTEN.to - OFTEN.from)));
  return OWN_SUSPECT + (OWN_OPEN - OWN_SUSPECT) * often;
}

/** What own requests say, in words. */
export function ownEvidence(record: OwnRecord, now: number): Evidence[] {
  const state = ownState(record, now);
  const recent = record.recent.filter(({ at }) => now - at <= RECENT);
  const failures = recent.filter(({ label }) => label !== null);
  const at = recent.at(-1)?.at ?? record.succeededAt ?? now;
  const say = (weight: number, text: string): Evidence[] => [{ kind: 'own', weight, at, text, source: record.source }];
  switch (state) {
    case 'open':
    case 'partial':
    case 'partly':
      return say(state === 'partly' ? WEIGHT.ownPartly : WEIGHT.ownOpen, failuresText(failures, recent.length));
    case 'account':
      return [{ kind: 'own', weight: 0, at: record.account!.at, text: accountText(record.account!), source: record.source }];
    case 'well':
      return now - record.succeededAt! <= OWN_SUCCESS
        ? say(
            WEIGHT.ownWell,
            `your last ${recent.length > 1 ? `${recent.length - failures.length} of ${recent.length} requests` : 'request'} succeeded`,
          )
        : say(0, `your last request succeeded ${Math.round((now - record.succeededAt!) / 60_000)} min ago`);
    case 'stale':
      return [];
  }
}

function accountText({ label, until, ends }: NonNullable<OwnRecord['account']>): string {
  return ends ? `${label}, until about ${new Date(until).toISOString().slice(11, 16)} UTC` : label;
}

/** `6 of your last 20 requests failed: 529 overloaded_error (5), idle timeout`. */
function failuresText(failures: readonly OwnRecord['recent'][number][], all: number): string {
  const labels = new Map<string, number>();
  for (const { label } of failures.toReversed()) labels.set(label!, (labels.get(label!) ?? 0) + 1);
  const kinds = [...labels].map(([label, times]) => (labels.size > 1 && times > 1 ? `${label} (${times})` : label));
  return `${failures.length} of your last ${all === 1 ? 'request' : `${all} requests`} failed: ${kinds.slice(0, 3).join(', ')}`;
}
