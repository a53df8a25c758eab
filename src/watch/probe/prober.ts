import type { Clock } from '../../exchange/clock.ts';
import type { ProbeCall, ProbeOutcome } from './outcome.ts';
import type { ProbeLog } from './probe-log.ts';
import type { ProbesSettings } from './settings.ts';
import { type Candidate, isInTrouble, probeDue } from './spacing.ts';

/** Asks targets for a token when that is worth it, within a day's bounds. */
export interface Prober {
  /** What there is, as it stands now; those that are due are asked. Whoever owns it says it after each look. */
  consider(settings: ProbesSettings, targets: readonly Omit<Candidate, 'probedAt' | 'failures' | 'asked'>[]): void;
  state(): ProbeState;
  close(): void;
}

/** For people: what probes have cost today, and whether a bound holds them back. */
export interface ProbeState {
  when: ProbesSettings['when'];
  /** Since the beginning of the UTC day. */
  asked: number;
  dollars: number;
  perDay: number;
  dollarsPerDay: number;
  /** Which bound is reached. */
  held?: 'perDay' | 'dollarsPerDay';
}

export interface ProberParts {
  clock: Clock;
  /** 0 to 1. */
  random(): number;
  call: ProbeCall;
  log: ProbeLog;
  onOutcome(target: string, outcome: Exclude<ProbeOutcome, { type: 'not-asked' }>): void;
}

/** Many installations must not ask in step. */
const JITTER = 0.1;
/** Milliseconds until a target that may not be asked is looked at again: only another configuration changes that. */
const NOT_ASKED = 60 * 60_000;
const OFF: ProbesSettings = { when: 'off', perDay: 0, dollarsPerDay: 0 };

export function createProber({ clock, random, call, log, onOutcome }: ProberParts): Prober {
  const known = new Map<
    string,
    { probedAt?: number; failures: number; asked: number; underWay: boolean; lastCost: number; notBefore: number }
  >();
  let settings = OFF;
  let candidates: readonly Omit<Candidate, 'probedAt' | 'failures' | 'asked'>[] = [];
  let timer: (() => void) | undefined;
  let closed = false;

  function heldBy(cost: number): ProbeState['held'] {
    const { asked, dollars } = log.today(clock.now());
    const out = [...known.values()].filter(({ underWay }) => underWay);
    if (asked + out.length >= settings.perDay) return 'perDay';
    const expected = out.reduce((sum, { lastCost }) => sum + lastCost, dollars + cost);
    return expected > settings.dollarsPerDay || dollars >= Math.max(settings.dollarsPerDay, Number.MIN_VALUE) ? 'dollarsPerDay' : undefined;
  }

  function recordOf(target: string): NonNullable<ReturnType<typeof known.get>> {
    const record = known.get(target) ?? { failures: 0, asked: 0, underWay: false, lastCost: 0, notBefore: 0 };
    known.set(target, record);
    return record;
  }

  function run(): void {
    timer?.();
    timer = undefined;
    if (closed) return;
    const now = clock.now();
    let next = Infinity;
    for (const candidate of candidates) {
      const record = recordOf(candidate.target);
      if (record.underWay) continue;
      if (!isInTrouble({ ...candidate, failures: record.failures })) record.asked = 0;
      const { probedAt, failures, asked, notBefore, lastCost } = record;
      const due = probeDue(settings, { ...candidate, failures, asked, ...(probedAt !== undefined && { probedAt }) }, now);
      if (due === undefined) {
        record.failures = 0;
        continue;
      }
      const at = Math.max(due, notBefore);
      if (at > now) next = Math.min(next, at);
      else if (heldBy(lastCost) === undefined) void probe(candidate.target);
    }
    if (next < Infinity) timer = clock.after(next - now, run);
  }

  async function probe(target: string): Promise<void> {
    const record = recordOf(target);
    record.underWay = true;
    const outcome = await call(target);
    record.underWay = false;
    if (closed) return;
    const now = clock.now();
    // Somewhat earlier or later than the spacing says.
    record.probedAt = now + Math.round((random() * 2 - 1) * JITTER * 10_000);
    if (outcome.type === 'not-asked') record.notBefore = now + NOT_ASKED;
    else {
      record.failures = outcome.type === 'failed' ? record.failures + 1 : 0;
      record.asked++;
      record.lastCost = outcome.cost ?? record.lastCost;
      log.add(target, outcome, now);
      onOutcome(target, outcome);
    }
    run();
  }

  return {
    consider(wanted, targets) {
      settings = wanted;
      candidates = targets;
      const here = new Set(targets.map(({ target }) => target));
      for (const [target, { underWay }] of known) if (!here.has(target) && !underWay) known.delete(target);
      run();
    },
    state() {
      const { when, perDay, dollarsPerDay } = settings;
      const held = when === 'off' ? undefined : heldBy(0);
      return { when, ...log.today(clock.now()), perDay, dollarsPerDay, ...(held && { held }) };
    },
    close() {
      closed = true;
      timer?.();
    },
  };
}
