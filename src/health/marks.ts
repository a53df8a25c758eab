import type { Fault } from '../exchange/fault.ts';
import { serviceKey, targetKey, type Target } from '../exchange/target.ts';
import type { Standing } from './health.ts';
import { type HeldSlot, holdsSlot, slotTaken, type Permission } from './breaker.ts';

/** What is known about an account, a model or a request rate, apart from whether the provider is well. */
export type MarkKind = 'rate-limited' | 'quota' | 'auth' | 'model-not-found' | 'asked-to-wait';

/** Plain data, as it is stored. Times are UTC milliseconds. */
export interface Mark {
  kind: MarkKind;
  /** In words: `anthropic: 429 rate_limit_error`. */
  reason: string;
  since: number;
  until: number;
  /** Milliseconds of this wait, before what the provider asked for. */
  backOff: number;
  /** The canary under way: when it was admitted, and which target's it is. */
  slot?: { at: number; holder: string };
}

/** By key: see `markKey`. Bounded by `CAPACITY`; the oldest goes first. */
export type Marks = Map<string, Mark>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The usual rate-limit window is a minute and refills continuously: a third of it. */
const RATE_LIMITED = 20_000;
/** Money or a monthly limit: somebody has to act. Doubles to an hour, then one request an hour asks again. */
const QUOTA = 10 * MINUTE;
/** A key that was just replaced should be noticed soon, and a wrong one costs only a fast 401 every five minutes. */
const AUTH = 5 * MINUTE;
/** Models appear (a roll-out, an `ollama pull`) more slowly than keys are fixed. */
const MODEL_NOT_FOUND = 10 * MINUTE;
/** A longer Retry-After is asked about again after this: some windows last days, and some headers are wrong. */
const CEILING = HOUR;
/** An overloaded provider's own request, within the ceiling of the breaker. */
const ASKED_CEILING = 5 * MINUTE;
const CAPACITY = 1024;

const KINDS: MarkKind[] = ['rate-limited', 'asked-to-wait', 'quota', 'auth', 'model-not-found'];

/** Rate limits are per account and model, quota and keys per account; a missing model, or a wait of the service's own, is the same for all accounts. */
export function markKey(kind: MarkKind, target: Target): string {
  switch (kind) {
    case 'rate-limited':
      return `${kind}\n${targetKey(target)}`;
    case 'asked-to-wait':
      return `${kind}\n${serviceKey(target)}`;
    case 'quota':
    case 'auth':
      return `${kind}\n${target.provider}\n${target.credential}`;
    case 'model-not-found':
      return `${kind}\n${target.provider}\n${target.model}`;
  }
}

/** The kind of mark that a fault leaves; `undefined` for those that say nothing about account or model. */
function kindOf(fault: Fault, target: Target): MarkKind | undefined {
  switch (fault.class) {
    case 'rate-limited':
    case 'quota':
    case 'model-not-found':
      return fault.class;
    case 'auth':
      // The client's own credential passes through: the next client, or the next try, may bring a better one.
      return target.credential === 'client' ? undefined : 'auth';
    case 'provider-fault':
      return fault.retryAfter !== undefined && fault.retryAfter > 0 ? 'asked-to-wait' : undefined;
    case 'bad-request':
    case 'too-long':
    case 'local-network':
    case 'cancelled':
      return undefined;
  }
}

/** Notes what a fault says about account or model, in place; frees the target's canary slots. */
export function markFault(marks: Marks, target: Target, fault: Fault, now: number, startedAt?: number, held?: HeldSlot): void {
  releaseMarks(marks, target, startedAt, held);
  const kind = kindOf(fault, target);
  if (kind === undefined) return;
  const key = markKey(kind, target);
  const before = marks.get(key);
  const backOff = backOffOf(kind, before, now);
  const asked = Math.min(fault.retryAfter ?? 0, kind === 'asked-to-wait' ? ASKED_CEILING : CEILING);
  const span = kind === 'rate-limited' && fault.retryAfter !== undefined ? asked : Math.max(backOff, asked);
  // Parallel requests that meet the same limit must not shorten what the first of them was told.
  const until = Math.max(now + span, before && before.until - now <= CEILING ? before.until : 0);
  const since = before && (before.until > now || !isRetriedFreely(kind)) ? before.since : now;
  marks.delete(key);
  // Another model's canary on this account is still out.
  marks.set(key, { kind, reason: reasonOf(target, fault), since, until, backOff, ...(before?.slot && { slot: before.slot }) });
  bound(marks, now);
}

function backOffOf(kind: MarkKind, before: Mark | undefined, now: number): number {
  switch (kind) {
    case 'rate-limited':
      return RATE_LIMITED;
    case 'asked-to-wait':
      return 0;
    case 'auth':
      return AUTH;
    case 'model-not-found':
      return MODEL_NOT_FOUND;
    case 'quota':
      if (!before) return QUOTA;
      // Only a trial after the wait says that it lasts longer; requests that were already under way do not.
      return before.until > now ? before.backOff : Math.min(before.backOff * 2, CEILING);
  }
}

function reasonOf(target: Target, fault: Fault): string {
  const what = [fault.status, fault.code].filter((word) => word !== undefined).join(' ');
  return `${target.provider}: ${what === '' ? fault.message : what}`;
}

function bound(marks: Marks, now: number): void {
  if (marks.size <= CAPACITY) return;
  for (const [key, mark] of marks) if (mark.until <= now && isRetriedFreely(mark.kind)) marks.delete(key);
  for (const key of marks.keys()) {
    if (marks.size <= CAPACITY) return;
    marks.delete(key);
  }
}

/** A rate limit simply ends; an account or model is tried by one request first. */
export function isRetriedFreely(kind: MarkKind): boolean {
  return kind === 'rate-limited' || kind === 'asked-to-wait';
}

/** The marks that bear on a target: those that have not run out, and those that wait for their canary. Waits asked for come first. */
function marksOf(marks: Marks, target: Target, now: number): Mark[] {
  return KINDS.flatMap((kind) => {
    const mark = marks.get(markKey(kind, target));
    return mark && !(isRetriedFreely(kind) && dueAt(mark, now) <= now) ? [mark] : [];
  });
}

/** The mark that keeps a target from being used the longest, or that has run out and waits for its canary. */
export function markOn(marks: Marks, target: Target, now: number): Mark | undefined {
  if (marks.size === 0) return undefined;
  return marksOf(marks, target, now).toSorted((left, right) => dueAt(right, now) - dueAt(left, now))[0];
}

/**
 * Whether a target's marks let a request go now. `lastResort`: nobody else could answer; a wait that the provider has asked for is
 * kept even then, but an account or model may be tried before its time, one request at once.
 */
export function markPermission(marks: Marks, target: Target, now: number, lastResort = false): Permission {
  return marks.size === 0 ? GO : judge(marks, target, now, lastResort).permission;
}

/** Of the marks that refuse a request now the one that does so for longest: an older one that would not stand in its way is not why. */
export function markInTheWay(marks: Marks, target: Target, now: number, lastResort = false): Mark | undefined {
  return judge(marks, target, now, lastResort).mark;
}

const GO: Permission = { type: 'go' };

function judge(marks: Marks, target: Target, now: number, lastResort: boolean): { permission: Permission; mark?: Mark } {
  let longest: Mark | undefined;
  let onTrial: Mark | undefined;
  let permission = GO;
  for (const mark of marksOf(marks, target, now)) {
    if (!isRetriedFreely(mark.kind) && slotTaken(mark.slot?.at, now)) onTrial ??= mark;
    else if (!isRetriedFreely(mark.kind) && (lastResort || dueAt(mark, now) <= now)) permission = { type: 'canary' };
    else if (!longest || dueAt(mark, now) > dueAt(longest, now)) longest = mark;
  }
  const mark = longest ?? onTrial;
  if (!mark) return { permission };
  // A trial under way may settle at any moment, but no wait that was asked for ends by it.
  const until = longest && (isRetriedFreely(longest.kind) || !onTrial) ? { until: dueAt(longest, now) } : {};
  return { permission: { type: 'no', ...until }, mark };
}

/** How a target stands by its marks: see `Standing`. */
export function markStanding(marks: Marks, target: Target, now: number): Standing {
  const permission = markPermission(marks, target, now);
  if (permission.type === 'no') return { type: 'ill' };
  let since = 0;
  if (marks.size > 0) for (const kind of KINDS) since = Math.max(since, Math.min(marks.get(markKey(kind, target))?.until ?? 0, now));
  return { type: permission.type === 'go' ? 'well' : 'trial-due', since };
}

/** A moment further away than the ceiling can only come from a clock that was set back: it is not waited for. */
function dueAt(mark: Mark, now: number): number {
  return mark.until - now > CEILING ? now : mark.until;
}

/** Notes that a target's canary goes, on all of its marks, in place. */
export function takeMarks(marks: Marks, target: Target, now: number): void {
  if (marks.size === 0) return;
  const holder = targetKey(target);
  for (const kind of KINDS) {
    const mark = marks.get(markKey(kind, target));
    if (mark && !isRetriedFreely(kind)) mark.slot = { at: now, holder };
  }
}

/** Frees the slots that this target's canary holds, in place: this attempt, as far as is known (`HeldSlot`). */
export function releaseMarks(marks: Marks, target: Target, startedAt?: number, held?: HeldSlot): void {
  if (marks.size === 0) return;
  const holder = targetKey(target);
  for (const kind of KINDS) {
    const mark = marks.get(markKey(kind, target));
    if (mark?.slot?.holder === holder && holdsSlot(mark.slot.at, startedAt, held)) delete mark.slot;
  }
}

/** An attempt that began at `startedAt` succeeded: account and model are fine, unless the mark is younger than that. In place. */
export function clearMarks(marks: Marks, target: Target, startedAt: number, held?: HeldSlot): void {
  if (marks.size === 0) return;
  releaseMarks(marks, target, startedAt, held);
  for (const kind of KINDS) {
    const key = markKey(kind, target);
    const mark = marks.get(key);
    if (mark && startedAt >= mark.since) marks.delete(key);
  }
}
