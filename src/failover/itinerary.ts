import type { Fault, FaultClass } from '../exchange/fault.ts';
import { accountName, targetName } from '../exchange/target.ts';
import type { Admission } from '../health/health.ts';
import type { AttemptKind, PassedOver } from '../journal/entry.ts';
import { askOf, type Refusal, refusalOf } from './admission.ts';
import type { WireResponse } from './attempt.ts';
import { curedByNewConnection, retryable } from './classify.ts';
import type { EngineParts, Question } from './engine.ts';
import { dated, type Miss } from './exhausted.ts';
import { passedOverList } from './passed-over.ts';
import type { PlannedTarget } from './plan.ts';

/** One attempt to be made. */
export interface Visit {
  /** Place of the target in the plan. */
  index: number;
  planned: PlannedTarget;
  kind: AttemptKind;
  /** On a connection that has not been used before. */
  fresh: boolean;
  /** What health let it in with: a canary's slot, or nothing. */
  held: number | null;
  /** The failure after which the same target is asked again. */
  after?: Fault;
  /** Somebody else could answer if this one does not. */
  othersLeft: boolean;
}

export type NextVisit =
  | { type: 'visit'; visit: Visit }
  | { type: 'wait'; ms: number }
  /** There is a line to stand in: `ready` is called when it is one's turn, or patience is at an end. What is returned leaves it. */
  | { type: 'line'; stand: Stand }
  | { type: 'none' };

/** Takes a place in a line, or keeps the one that the exchange has in it. */
export type Stand = (ready: () => void) => () => void;

/** An answer that broke off in the open. */
export interface Cut {
  /** Place of the target in the plan. */
  index: number;
  fault: Fault;
  /** Monotonic milliseconds. */
  since: number;
}

/** What follows from a failure that nobody has seen. */
export type AfterFailure = 'next' | 'pass-back' | { wait: number; visit: Visit };

/** Who is asked, in which order, and how often: the plan, as it meets the weather. */
export interface Itinerary {
  next(): NextVisit;
  failed(visit: Visit, fault: Fault, response: WireResponse | undefined): AfterFailure;
  /** Who is asked beside an attempt that is slow: another service, which is well and may be asked without more ado. */
  hedge(beside: Visit): Visit | undefined;
  /** Whether a failure is the end of it while another attempt runs: what the asked target itself says about the request. */
  decides(visit: Visit, fault: Fault, response: WireResponse | undefined): boolean;
  /** Notes a failure after which another attempt goes on. */
  fell(visit: Visit, fault: Fault, response: WireResponse | undefined): void;
  /** Whether a visit that had to wait may be made now: many may have waited for the same. Where nobody else is left, it stands in line for it. */
  stands(visit: Visit): boolean | Stand;
  /** Notes a target that could not be asked, or whose answer broke in the open. */
  missed(visit: Pick<Visit, 'index'>, fault: Fault): void;
  /** How long to wait for this machine's own network, in milliseconds: once. From then on only what is local is asked. */
  networkWait(fault: Fault): number | undefined;
  /** Who carries on an answer that broke off. The miss has been noted. */
  hop(cut: Cut): NextVisit;
  misses(): Miss[];
  /** Who has been passed over, and was not asked, since this was last asked for. */
  passed(): PassedOver[];
  /** Targets that have not been asked yet. */
  remaining(): number;
  /** The exchange is over: nobody stands in a line for it any more. */
  close(): void;
  /** The provider's own words, where the plan had but one target and it spoke the client's dialect. */
  onlyResponse(): WireResponse | undefined;
}

/** How often a busy trial slot is asked for while there is patience left. */
const SLOT_POLL = 250;
/** Wait before the last target is asked once more: long enough for a balancer to look elsewhere, up to twice that by jitter. */
const SECOND_CHANCE = 500;
/** Wait for a network that may be coming back (a laptop that wakes, a Wi-Fi that changes). */
const NETWORK_WAIT = 2000;

export function createItinerary(parts: EngineParts, question: Question): Itinerary {
  const { health, clock } = parts;
  const { plan } = question;
  const began = clock.monotonic();
  const tries = plan.targets.map(() => 0);
  const passedOver = new Map<number, Miss>();
  const failures: Miss[] = [];
  const hopped = new Set<number>();
  const passing = passedOverList(plan.skipped);
  let response: WireResponse | undefined;
  let waitedForNetwork = false;
  let localOnly = false;
  /** A target with no larger window than this has been too small. */
  let tooSmall = 0;

  /** Services that have failed of themselves, by `targetName`: with another key they would do no better. */
  const failing = new Set<string>();
  /** Among those passed over: whom a control has refused, and that may be otherwise at the next look. */
  const turnedAway = new Set<number>();
  /** The line that this exchange stands in, and for which target. */
  let line: { index: number; leave: () => void } | undefined;

  function fits(planned: PlannedTarget): boolean {
    if (localOnly && !planned.provider.local) return false;
    const window = planned.facts.contextWindow;
    return tooSmall === 0 || window === undefined || window > tooSmall;
  }

  function isFailing({ target }: PlannedTarget): boolean {
    return failing.size > 0 && failing.has(targetName(target));
  }

  function untried(): number[] {
    return plan.targets.flatMap((planned, index) => (tries[index] === 0 && fits(planned) && !isFailing(planned) ? [index] : []));
  }

  function refused(index: number, kind: AttemptKind, lastResort = false): Refusal | undefined {
    return refusalOf(parts.controls, askOf(question, index, kind, lastResort));
  }

  function isSameService(one: number, other: number): boolean {
    return targetName(plan.targets[one]!.target) === targetName(plan.targets[other]!.target);
  }

  /** Another key of the same service, which has not been asked yet. */
  function otherKey(index: number): boolean {
    return untried().some((other) => isSameService(other, index));
  }

  function visit(index: number, kind: AttemptKind, fresh: boolean, admission: Admission): Visit {
    tries[index] = (tries[index] ?? 0) + 1;
    passedOver.delete(index);
    passing.asked(accountName(plan.targets[index]!.target));
    return {
      index,
      planned: plan.targets[index]!,
      kind,
      fresh,
      held: admission.type === 'canary' ? admission.slot : null,
      othersLeft: untried().some((other) => !passedOver.has(other) && !isSameService(other, index)),
    };
  }

  function passOver(index: number, miss: Miss): void {
    passedOver.set(index, miss);
    passing.note(miss.target, miss.fault.message);
  }

  function next(): NextVisit {
    return inPlace(choose());
  }

  /** A visit takes its place in the line with it, and so does who goes on standing there; whoever goes elsewhere leaves it. */
  function inPlace(found: NextVisit): NextVisit {
    if (found.type === 'line' || (found.type === 'visit' && found.visit.index === line?.index)) return found;
    line?.leave();
    line = undefined;
    return found;
  }

  /** Milliseconds for which the exchange may still be kept waiting. */
  function patienceSince(moment: number, patience = plan.deadlines.patience): number {
    return patience - (clock.monotonic() - moment);
  }

  function choose(): NextVisit {
    for (const index of turnedAway) passedOver.delete(index);
    turnedAway.clear();
    let stand: Refusal['wait'];
    let place = -1;
    let soonest = Infinity;
    for (const index of untried()) {
      if (passedOver.has(index)) continue;
      const { target } = plan.targets[index]!;
      const refusal = refused(index, kindOf('go'));
      if (refusal) {
        passOver(index, skipped(target, refusal.reason, refusal.until, refusal.class));
        turnedAway.add(index);
        soonest = Math.min(soonest, refusal.until ?? Infinity);
        if (refusal.wait && place < 0 && health.standing(target).type !== 'ill') {
          stand = refusal.wait;
          place = index;
        }
        continue;
      }
      const admission = health.admit(target);
      if (admission.type === 'no') passOver(index, skipped(target, admission.reason, admission.until));
      else return { type: 'visit', visit: visit(index, kindOf(admission.type), false, admission) };
    }
    const patience = patienceSince(began);
    const queueing = patienceSince(began, plan.deadlines.line);
    if (stand && queueing > 0) return { type: 'line', stand: inLine(place, stand, queueing) };
    if (patience > 0 && soonest - clock.now() <= patience) return { type: 'wait', ms: Math.max(1, soonest - clock.now()) };
    // Nobody is left whom health recommends. Better one request at a time to the doubtful than none at all.
    for (const index of untried()) {
      const { target } = plan.targets[index]!;
      if (refused(index, 'canary', true)) continue;
      const admission = health.admit(target, true);
      // Whoever answers now and then is no trial.
      if (admission.type !== 'no') return { type: 'visit', visit: visit(index, kindOf(admission.type), true, admission) };
      passOver(index, skipped(target, admission.reason, admission.until));
      if (admission.until === undefined && patience > 0) return { type: 'wait', ms: SLOT_POLL };
    }
    return { type: 'none' };
  }

  function inLine(index: number, stand: Stand, patience: number): Stand {
    return (ready) => {
      const before = line;
      const stop = clock.after(patience, () => {
        line?.leave();
        ready();
      });
      const leave = stand(() => {
        stop();
        ready();
      });
      line = { index, leave };
      // Only now: where it is the same line, it goes on from there.
      before?.leave();
      return () => {
        stop();
        leave();
      };
    };
  }

  function kindOf(admission: 'go' | 'canary'): AttemptKind {
    if (admission === 'canary') return 'canary';
    return failures.length === 0 ? 'first' : 'next';
  }

  function skipped(target: PlannedTarget['target'], reason: string, until: number | undefined, kind: FaultClass = 'provider-fault'): Miss {
    const retryAfter = until === undefined ? {} : { retryAfter: Math.max(0, until - clock.now()) };
    return { target: accountName(target), fault: { class: kind, symptom: 'skipped', message: reason, ...retryAfter } };
  }

  function retry(failed: Visit, wait: number, after: Fault): AfterFailure {
    const { target } = failed.planned;
    const refusal = refused(failed.index, 'retry');
    if (refusal) return notAgain(refusal.reason);
    const admission = health.admit(target, !failed.othersLeft);
    // A short Retry-After has marked the target until the very moment that is waited for.
    if (admission.type === 'no' && (admission.until === undefined || admission.until > clock.now() + wait))
      return notAgain(admission.reason);
    return { wait, visit: { ...visit(failed.index, 'retry', true, admission), after } };

    function notAgain(reason: string): 'next' {
      passing.note(accountName(target), `not asked a second time: ${reason}`);
      return 'next';
    }
  }

  function missed({ index }: Pick<Visit, 'index'>, fault: Fault): void {
    const { target } = plan.targets[index]!;
    failures.push({ target: accountName(target), fault });
    // Nobody was asked: no attempt tells of it.
    if (fault.symptom === 'skipped') passing.note(accountName(target), fault.message);
    if (!isTheAccounts(fault) && plan.targets.length > 1) failing.add(targetName(target));
  }

  function hedge(beside: Visit): Visit | undefined {
    for (const index of untried()) {
      if (isSameService(index, beside.index)) continue;
      const { target, passThrough } = plan.targets[index]!;
      // Nobody is passed over for good by this: what is nothing for a hedge may yet be the next. Another key is no other service.
      if (
        tries.some((count, other) => count > 0 && isSameService(other, index)) ||
        passedOver.has(index) ||
        passThrough ||
        !health.healthy(target) ||
        refused(index, 'hedge')
      )
        continue;
      const admission = health.admit(target);
      if (admission.type === 'go') return visit(index, 'hedge', false, admission);
      // Whoever has to be tried first is no help: the trial is left to others.
      if (admission.type === 'canary') health.abandoned(target, 0, admission.slot);
    }
    return undefined;
  }

  function decides({ kind, planned }: Visit, fault: Fault, said: WireResponse | undefined): boolean {
    return kind !== 'hedge' && fault.class === 'bad-request' && planned.native && said !== undefined;
  }

  function fell(last: Visit, fault: Fault, said: WireResponse | undefined): void {
    missed(last, fault);
    if (last.planned.native) response = said;
    if (fault.class === 'too-long') tooSmall = Math.max(tooSmall, last.planned.facts.contextWindow ?? 0);
  }

  function failed(last: Visit, fault: Fault, said: WireResponse | undefined): AfterFailure {
    fell(last, fault, said);
    if (fault.class === 'bad-request') return last.planned.native && said ? 'pass-back' : 'next';
    if (fault.class === 'too-long') return 'next';
    if (fault.class === 'local-network') {
      const wait = networkWait(fault);
      return wait === undefined ? 'next' : retry(last, wait, fault);
    }
    if ((tries[last.index] ?? 0) > 1) return 'next';
    const { patience } = plan.deadlines;
    if (fault.class === 'rate-limited')
      return !otherKey(last.index) && fault.retryAfter !== undefined && fault.retryAfter <= patience
        ? retry(last, fault.retryAfter, fault)
        : 'next';
    if (curedByNewConnection(fault) && health.healthy(last.planned.target)) return retry(last, 0, fault);
    if (fault.class === 'provider-fault' && untried().length === 0 && (fault.retryAfter ?? 0) <= patience) {
      const jitter = (parts.random(new Uint8Array(1))[0] ?? 0) / 256;
      return retry(last, Math.max(fault.retryAfter ?? 0, SECOND_CHANCE * (1 + jitter)), fault);
    }
    return 'next';
  }

  function networkWait(fault: Fault): number | undefined {
    if (fault.class !== 'local-network') return undefined;
    localOnly = waitedForNetwork;
    waitedForNetwork = true;
    return localOnly ? undefined : Math.min(NETWORK_WAIT, plan.deadlines.patience);
  }

  function stands({ index, kind, othersLeft }: Visit): boolean | Stand {
    const refusal = refused(index, kind);
    if (!refusal) return true;
    const patience = patienceSince(began, plan.deadlines.line);
    return refusal.wait && !othersLeft && patience > 0 ? inLine(index, refusal.wait, patience) : false;
  }

  function hop({ index, fault, since }: Cut): NextVisit {
    // Whom this machine's own network did not let us reach has not been asked.
    if (fault.class === 'local-network') hopped.delete(index);
    const itsOwn = fault.class === 'local-network' || (fault.class === 'provider-fault' && fault.symptom !== 'diverged');
    const own = itsOwn && !hopped.has(index);
    const others = plan.targets.map((_, place) => (index + 1 + place) % plan.targets.length).filter((place) => place !== index);
    const patience = patienceSince(since);
    const queueing = patienceSince(since, plan.deadlines.line);
    // First whom health recommends, then the doubtful: rather those than half an answer.
    for (const lastResort of [false, true]) {
      let stand: NextVisit | undefined;
      let soonest = Infinity;
      for (const place of own ? [index, ...others] : others) {
        const planned = plan.targets[place]!;
        if (hopped.has(place) || planned.passThrough || !fits(planned) || (tries[place] === 0 && isFailing(planned))) continue;
        if (place === index && !lastResort && !health.healthy(planned.target)) continue;
        const refusal = refused(place, 'hop');
        if (refusal) {
          // What it failed of itself says more.
          if (tries[place] === 0) passOver(place, skipped(planned.target, refusal.reason, refusal.until, refusal.class));
          else passing.note(accountName(planned.target), refusal.reason);
          if (health.standing(planned.target).type === 'ill') continue;
          soonest = Math.min(soonest, refusal.until ?? Infinity);
          if (refusal.wait) stand ??= { type: 'line', stand: inLine(place, refusal.wait, queueing) };
          continue;
        }
        const admission = health.admit(planned.target, lastResort);
        if (admission.type === 'no') {
          passing.note(accountName(planned.target), admission.reason);
          continue;
        }
        hopped.add(place);
        return { type: 'visit', visit: visit(place, 'hop', true, admission) };
      }
      if (stand && queueing > 0) return stand;
      if (patience > 0 && soonest - clock.now() <= patience) return { type: 'wait', ms: Math.max(1, soonest - clock.now()) };
    }
    return { type: 'none' };
  }

  return {
    next,
    failed,
    stands,
    hedge,
    decides,
    fell,
    missed,
    networkWait,
    hop: (cut) => inPlace(hop(cut)),
    misses: () => dated([...failures, ...passedOver.values()], parts.failingSince),
    passed: passing.take,
    remaining: () => untried().length,
    close: () => line?.leave(),
    onlyResponse: () =>
      plan.targets.every((_, index) => isSameService(index, 0)) && failures.every((miss) => retryable(miss.fault) || response !== undefined)
        ? response
        : undefined,
  };
}

/** Another account may fare better, or the same one later: it says nothing against the service. */
function isTheAccounts({ class: kind }: Fault): boolean {
  return kind === 'rate-limited' || kind === 'quota' || kind === 'auth' || kind === 'local-network' || kind === 'cancelled';
}
