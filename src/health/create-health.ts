import type { Clock } from '../exchange/clock.ts';
import type { Fault, FaultSymptom } from '../exchange/fault.ts';
import { ok } from '../exchange/result.ts';
import { serviceKey, type Target, targetName } from '../exchange/target.ts';
import { attemptFailed, attemptSucceeded, breakerAt, canaryAbandoned, canaryTaken, permission, type Permission } from './breaker.ts';
import { changeTeller, type HealthChange } from './changes.ts';
import { afterRestart } from './after-restart.ts';
import type { Admission, FailureEvidence, LastingHealth, LimitOverrides, Limits } from './health.ts';
import { learn, learnWait, limitsFor, usualWait } from './limits.ts';
import { clearMarks, markFault, markInTheWay, markPermission, releaseMarks, takeMarks } from './marks.ts';
import { ALL_AUTO, FLOORS } from './priors.ts';
import { faultLabel, newRecord, noteAccount, remember, type TargetRecord } from './record.ts';
import { targetStatus, time } from './report.ts';
import { standingOf } from './standing.ts';
import { readSnapshot, writeSnapshot, type Known } from './snapshot.ts';

/** Model names come from clients (`provider/*`), so their number has to be bounded; a record is some 30 KB at most. */
const CAPACITY = 512;

export interface HealthOptions {
  clock: Clock;
  /** In [0, 1). */
  random: () => number;
  overrides?: LimitOverrides;
  /** Told of each outcome that was noted: what `snapshot` gives is another than before. */
  changed?: () => void;
  /** Told when a target stands otherwise than before: at once where an attempt has shown it, by `review` where only time has passed. */
  onChange?: (change: HealthChange) => void;
}

/** Health of all targets, in memory. Nothing here waits or does I/O. */
export function createHealth({ clock, random, overrides: given = ALL_AUTO, onChange, changed }: HealthOptions): LastingHealth {
  let overrides = given;
  let known: Known = { records: new Map(), marks: new Map() };
  let suspects: ReadonlySet<string> = new Set();
  const teller = onChange && changeTeller(onChange);

  function look(target: Target, now: number): void {
    if (!teller) return;
    const key = serviceKey(target);
    const record = known.records.get(key);
    if (record) teller.look(key, record, known.marks, now);
  }

  function review(): void {
    const now = clock.now();
    if (teller) for (const [key, record] of known.records) teller.look(key, record, known.marks, now);
  }

  /** The last in `known.records`: moving it there again would cost a new table every few requests. */
  let newest: TargetRecord | undefined;

  function recordOf(target: Target): TargetRecord {
    const key = serviceKey(target);
    const record = known.records.get(key) ?? newRecord(target, clock.now());
    noteAccount(record, target);
    if (record === newest) return record;
    known.records.delete(key);
    known.records.set(key, record);
    newest = record;
    if (known.records.size > CAPACITY) forgetOne();
    return record;
  }

  /** The one not heard of for longest, preferably one that is well: what is known to be down should stay so. */
  function forgetOne(): void {
    let victim: string | undefined;
    for (const [key, record] of known.records) {
      victim ??= key;
      if (record.breaker.type !== 'closed') continue;
      victim = key;
      break;
    }
    if (victim === undefined) return;
    known.records.delete(victim);
    teller?.forget(victim);
  }

  function admit(target: Target, lastResort = false): Admission {
    const now = clock.now();
    const record = known.records.get(serviceKey(target));
    const marked = markPermission(known.marks, target, now, lastResort);
    const trial = record ? permission(record.breaker, now, lastResort) : GO;
    // One request at a time would turn half an outage into a whole one.
    const allowed = lastResort && trial.type === 'no' && record && answersNowAndThen(record, now) ? GO : trial;
    if (marked.type === 'no') return refusal(markInTheWay(known.marks, target, now, lastResort)?.reason ?? '', marked, allowed);
    if (allowed.type === 'no') return refusal(record ? whyOpen(record) : '', allowed, marked);
    if (marked.type === 'go' && allowed.type === 'go') return GO;
    takeMarks(known.marks, target, now);
    // Who is let in beside somebody else's trial takes nothing from it.
    if (record && allowed.type === 'canary') record.breaker = canaryTaken(record.breaker, now);
    return { type: 'canary', slot: now };
  }

  function isSuspected(target: Target): boolean {
    return suspects.size > 0 && suspects.has(targetName(target));
  }

  return {
    admit,

    succeeded(target, shape, timings, held) {
      const now = clock.now();
      const startedAt = now - timings.took;
      const record = recordOf(target);
      record.breaker = attemptSucceeded(record.breaker, now, startedAt, held);
      record.shape = shape;
      record.successes += 1;
      learn(record.learned, shape, timings);
      remember(record, null, now);
      clearMarks(known.marks, target, startedAt, held);
      look(target, now);
      changed?.();
    },

    failed(target, fault, evidence = {}) {
      const now = clock.now();
      const startedAt = evidence.took === undefined ? undefined : now - evidence.took;
      const record = recordOf(target);
      if (feedsDetector(fault, evidence)) {
        const failure = {
          random: random(),
          held: evidence.held,
          ...(startedAt !== undefined && { startedAt }),
          ...(fault.retryAfter !== undefined && { retryAfter: fault.retryAfter }),
        };
        record.breaker = attemptFailed(record.breaker, now, failure);
        record.failures += 1;
        record.trouble = fault.message;
        if (STRUCK_LIMIT.has(fault.symptom)) record.learned.doubted = true;
        remember(record, faultLabel(fault), now);
      } else {
        // Whatever it was, the provider's health was not put to the test.
        record.breaker = canaryAbandoned(record.breaker, startedAt, evidence.held);
      }
      if (fault.class !== 'cancelled') record.lastFault = { at: now, message: fault.message };
      markFault(known.marks, target, fault, now, startedAt, evidence.held);
      // What is said of an account or a model holds for others too.
      if (SHARED_MARKS.has(fault.class)) review();
      else look(target, now);
      changed?.();
    },

    abandoned(target, took, held) {
      const startedAt = took === undefined ? undefined : clock.now() - took;
      const record = known.records.get(serviceKey(target));
      if (record) record.breaker = canaryAbandoned(record.breaker, startedAt, held);
      releaseMarks(known.marks, target, startedAt, held);
      look(target, clock.now());
    },

    outrun(target, shape, waited) {
      learnWait(recordOf(target).learned, shape, waited);
      changed?.();
    },

    limits(target, shape) {
      const { source, ...limits } = limitsFor(known.records.get(serviceKey(target))?.learned, shape, overrides);
      return source === 'learned' && !shape.reasoning && isSuspected(target) ? hastened(limits, overrides) : limits;
    },

    usualWait: (target, shape) => usualWait(known.records.get(serviceKey(target))?.learned, shape),

    healthy(target) {
      const record = known.records.get(serviceKey(target));
      return record === undefined || breakerAt(record.breaker, clock.now()).type === 'closed';
    },

    suspected: isSuspected,

    standing: (target) => standingOf(target, known.records.get(serviceKey(target)), known.marks, clock.now()),

    status() {
      const now = clock.now();
      return [...known.records.values()].map((record) => targetStatus(record, known.marks, overrides, now));
    },

    override(next) {
      overrides = next;
    },

    suspect(names) {
      suspects = new Set(names);
    },

    review,

    snapshot: () => writeSnapshot(known),

    restore(snapshot, keep) {
      const read = readSnapshot(snapshot);
      if (!read.ok) return read;
      known = keep ? afterRestart(read.value, clock.now(), keep) : read.value;
      teller?.begin(known.records, known.marks, clock.now());
      return ok(undefined);
    },
  };
}

const GO = { type: 'go' } as const;

/** Of a learned limit, which is three times the slowest 1 %: twice is left, so that whoever is merely slow is still heard out. */
const SUSPECTED_SHARE = 2 / 3;

/** What a suspected target may take until its first words; what its user has set stays. */
function hastened(limits: Limits, overrides: LimitOverrides): Limits {
  const shorter = (name: 'headers' | 'firstEvent'): number =>
    overrides[name] === 'auto' ? Math.min(limits[name], Math.max(FLOORS[name], limits[name] * SUSPECTED_SHARE)) : limits[name];
  return { ...limits, headers: shorter('headers'), firstEvent: shorter('firstEvent') };
}

/** Envoy's panic threshold in small: whoever answered at least one in four of the last requests is asked when nobody else could be. */
const NOW_AND_THEN = 1 / 4;
/** Milliseconds after which what was heard says nothing about now. */
const RECENTLY = 60_000;

function answersNowAndThen({ recent, heardAt }: TargetRecord, now: number): boolean {
  if (heardAt === undefined || now - heardAt > RECENTLY) return false;
  return recent.filter((outcome) => outcome === null).length >= Math.max(1, recent.length * NOW_AND_THEN);
}

/** A refusal holds until the later of two known moments; if either is not known, neither is the end. */
function refusal(reason: string, first: Permission, second: Permission): Admission {
  if (first.type !== 'no' || first.until === undefined) return { type: 'no', reason };
  if (second.type !== 'no') return { type: 'no', reason, until: first.until };
  return second.until === undefined ? { type: 'no', reason } : { type: 'no', reason, until: Math.max(first.until, second.until) };
}

/** Faults whose mark is on an account or a model, and so on several targets (`markKey`). */
const SHARED_MARKS: ReadonlySet<Fault['class']> = new Set(['quota', 'auth', 'model-not-found']);
const STRUCK_LIMIT: ReadonlySet<FaultSymptom> = new Set(['headers-timeout', 'first-event-timeout', 'idle-timeout', 'total-timeout']);
/** Ours, not the provider's: a continuation that did not fit, a target that was passed over, a client that left. */
const OWN_DOING: ReadonlySet<FaultSymptom> = new Set(['diverged', 'skipped', 'client-gone']);

/** Whether a fault speaks against the provider (the table in DESIGN.md, failover). */
function feedsDetector(fault: Fault, evidence: FailureEvidence): boolean {
  switch (fault.class) {
    case 'provider-fault':
      return !OWN_DOING.has(fault.symptom);
    case 'rate-limited':
      return evidence.remaining !== undefined && evidence.remaining !== 0;
    case 'quota':
    case 'auth':
    case 'model-not-found':
    case 'bad-request':
    case 'too-long':
    case 'local-network':
    case 'cancelled':
      return false;
  }
}

function whyOpen(record: TargetRecord): string {
  const { breaker, trouble } = record;
  const since = breaker.type === 'open' || breaker.type === 'half-open' ? ` since ${time(breaker.since)}` : '';
  const state = breaker.type === 'half-open' ? 'recovering' : 'down';
  return `${state}${since}${trouble === undefined ? '' : `: ${trouble}`}`;
}
