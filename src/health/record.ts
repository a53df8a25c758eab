import type { Fault } from '../exchange/fault.ts';
import { faultText } from '../exchange/fault-text.ts';
import type { Target } from '../exchange/target.ts';
import { closedBreaker, type Breaker } from './breaker.ts';
import type { Shape } from './health.ts';
import { nothingLearned, type Learned } from './limits.ts';

/** How many of the last outcomes are kept for people to read. */
const RECENT = 20;

/** All that is known about one target. Plain data, as it is stored. */
export interface TargetRecord {
  /** Of several accounts the one that was heard of first. */
  target: Target;
  /** Labels of all accounts that were heard of, where there are several. */
  accounts?: string[];
  breaker: Breaker;
  learned: Learned;
  /** Of the last request that ended well; what the shown limits are for. */
  shape: Shape;
  successes: number;
  /** The provider's own; limits, quotas, keys and clients' mistakes are not counted. */
  failures: number;
  /** Newest last: `null` for a success, a label (`529 overloaded_error`) for a failure. */
  recent: (string | null)[];
  /** UTC milliseconds of the last outcome. */
  heardAt?: number;
  /** UTC milliseconds of the last outcome that left the breaker other than closed. */
  troubledAt?: number;
  lastFault?: { at: number; message: string };
  /** What its own last failure said: why its breaker is open, whatever has been said since of an account. */
  trouble?: string;
}

export function newRecord(target: Target, now: number): TargetRecord {
  return {
    target,
    breaker: closedBreaker(now),
    learned: nothingLearned(),
    shape: { size: 0, stream: true, reasoning: false },
    successes: 0,
    failures: 0,
    recent: [],
  };
}

/** Several keys of one provider share a record: an outage is the same for all of them. */
export function noteAccount(record: TargetRecord, { credential }: Target): void {
  const known = record.accounts ?? [record.target.credential];
  if (!known.includes(credential)) record.accounts = [...known, credential].toSorted();
}

/** The target as each of its accounts knows it. */
export function accountsOf({ target, accounts }: TargetRecord): Target[] {
  return accounts === undefined ? [target] : accounts.map((credential) => ({ ...target, credential }));
}

/** Adds an outcome, which the breaker has heard of already, to the recent ones, in place. */
export function remember(record: TargetRecord, outcome: string | null, now: number): void {
  record.recent.push(outcome);
  if (record.recent.length > RECENT) record.recent.shift();
  record.heardAt = now;
  if (record.breaker.type !== 'closed') record.troubledAt = now;
}

/** A failure in a few words: `529 overloaded_error`, `idle timeout`. */
export function faultLabel(fault: Fault): string {
  // A stream that stalls or is cut has status 200, which explains nothing.
  const spoken = fault.symptom === 'status' || fault.symptom === 'error-event';
  const words = (spoken ? [fault.status, fault.code] : []).filter((word) => word !== undefined && word !== '');
  if (words.length > 0) return words.join(' ');
  return spoken ? faultText(fault) : fault.symptom.replaceAll('-', ' ');
}
