import type { Verdict } from '../verdict.ts';
import { isIll } from '../verdict.ts';
import type { ProbesSettings } from './settings.ts';

/** A target that could be probed. */
export interface Candidate {
  /** `provider/model`. */
  target: string;
  /** Of its product or model; the worse of the two. */
  verdict: Verdict;
  /** It is this machine's or this account's trouble: a probe would find out nothing. */
  isOwnTrouble: boolean;
  /** The last own request failed, lately. */
  isDoubted?: boolean;
  /** UTC ms of the last own request that said something. */
  heardAt?: number;
  /** UTC ms of the last probe, how many in a row have failed, and how many there were in this trouble. */
  probedAt?: number;
  failures: number;
  asked: number;
}

/** Milliseconds (research/status.md, 3.4): 60 s, and 10 s in trouble, find an outage in 0.8 min where all fails, and half of one in 1.8. */
const BASE = 60_000;
const SUSPECT = 10_000;
/** Probes after which it is no question any more whether something is wrong, but when it is over. */
const CERTAIN = 3;
/** As the breaker's longest wait (health/breaker.ts). */
const LONGEST = 5 * 60_000;
/** Milliseconds: whoever was asked within these need not be asked by a probe as well. */
const HEARD = 60_000;

/** Something speaks against it: a verdict, a probe, the last own request. */
export function isInTrouble({ verdict, failures, isDoubted }: Pick<Candidate, 'verdict' | 'failures' | 'isDoubted'>): boolean {
  return isIll(verdict) || failures > 0 || isDoubted === true;
}

/** When a target is to be probed next, in UTC ms; `undefined`: not as things are. */
export function probeDue({ when }: Pick<ProbesSettings, 'when'>, candidate: Candidate, now: number): number | undefined {
  const { isOwnTrouble, heardAt, probedAt, asked } = candidate;
  const ill = isInTrouble(candidate);
  if (when === 'off' || isOwnTrouble || (when === 'needed' && !ill)) return undefined;
  const space = ill ? Math.min(SUSPECT * 2 ** Math.max(0, asked - CERTAIN), LONGEST) : BASE;
  const afterOwn = heardAt === undefined ? now : heardAt + (ill && when === 'always' ? SUSPECT : HEARD);
  return Math.max(probedAt === undefined ? now : probedAt + space, afterOwn);
}
