import { deliveredAnswer, type Delivered } from '../../archive/exchanges/answer.ts';
import { dialectOf } from '../../dialects/all.ts';
import type { RequestHead } from '../../dialects/dialect.ts';
import type { Clock } from '../../exchange/clock.ts';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Fault } from '../../exchange/fault.ts';
import type { Random } from '../../exchange/ids.ts';
import { accountName, targetName } from '../../exchange/target.ts';
import type { AdmissionControl } from '../../failover/admission.ts';
import { costOf, priceOf } from '../../failover/cost.ts';
import { createEngine } from '../../failover/engine.ts';
import type { Plan, PlannedTarget } from '../../failover/plan.ts';
import { createRetryBudget } from '../../failover/retry-budget.ts';
import { createSpendLedger } from '../../failover/spend.ts';
import { createHealth } from '../../health/create-health.ts';
import type { AttemptEnd, Entry, PassedOver } from '../../journal/entry.ts';
import type { LoggedEntry } from '../../journal/journal.ts';
import type { Call } from '../../providers/call.ts';

export interface AskPorts {
  call: Call;
  clock: Clock;
  random: Random;
  /** Shared with whoever else asks the same targets. */
  concurrency: AdmissionControl;
}

/** A question for a private engine. */
export interface DrillQuestion {
  dialect: DialectName;
  head: RequestHead;
  body: Buffer;
  path: string;
  plan: Plan;
  /** Milliseconds until it is given up. */
  patience: number;
  /** Dollars that the answer may come to before it is given up; absent: no price is known. */
  mostDollars?: number;
  signal: AbortSignal;
}

/** What came of it. */
export interface Heard {
  outcome: 'whole' | 'failed' | 'given-up';
  /** Why it was given up. */
  because?: 'time' | 'money' | 'stopped';
  answer: Delivered;
  /** Attempts that were made, and what became of them. */
  attempts: { target: string; account: string; end: AttemptEnd | undefined }[];
  /** Of the exchange, where it failed. */
  fault?: Fault;
  passedOver: PassedOver[];
  /** Pieces of text that came. */
  pieces: number;
  /** Milliseconds from the beginning of the attempt that delivered first to its first words, thoughts or arguments. */
  firstWords?: number;
  seams: number;
}

/**
 * Asks through the engine that serves requests, with health, caps and retries of its own: what happens here is nobody's exchange, stands in
 * no journal, and moves no breaker of the running server. Where only so much may be asked at once, people go first.
 */
export function askOnce(ports: AskPorts, question: DrillQuestion): Promise<Heard> {
  const { clock, random, call, concurrency } = ports;
  const { plan, head, body, path, signal, patience, mostDollars } = question;
  const dialect = dialectOf(question.dialect);
  const health = createHealth({ clock, random: () => (random(new Uint8Array(1))[0] ?? 0) / 256, overrides: plan.deadlines });
  const engine = createEngine({
    call,
    health,
    clock,
    random,
    controls: [createRetryBudget(clock), createSpendLedger(clock, undefined, () => undefined), concurrency],
    dialect: dialectOf,
    translates: new Map(),
  });
  const dearest = mostDollars === undefined ? undefined : dearestOf(plan.targets);
  return new Promise((resolve) => {
    const entries: LoggedEntry[] = [];
    let characters = 0;
    let pieces = 0;
    let firstWords: number | undefined;
    const beginnings = new Map<number, number>();
    let because: Heard['because'];
    const giveUp = (why: NonNullable<Heard['because']>): void => {
      because ??= why;
      // It may be in the middle of telling us something.
      clock.after(0, () => cancel());
    };
    const late = clock.after(patience, () => giveUp('time'));
    const stopped = (): void => giveUp('stopped');
    signal.addEventListener('abort', stopped, { once: true });

    function append(entry: Entry): void {
      entries.push({ seq: entries.length, at: clock.now(), entry });
      if (entry.type === 'attempt') beginnings.set(entry.ordinal, clock.monotonic());
      if (entry.type === 'bytes' || entry.type === 'events') {
        for (const event of entry.events) {
          if (event.type !== 'part-delta') continue;
          pieces += 1;
          firstWords ??= clock.monotonic() - beginnings.get(entry.attempt)!;
          if (event.delta.type === 'text') characters += event.delta.text.length;
          else if (event.delta.type === 'arguments') characters += event.delta.json.length;
        }
        if (dearest && mostDollars !== undefined && costOf(dearest, {}, { input: 0, output: characters / 4 }) > mostDollars)
          giveUp('money');
      }
      if (entry.type !== 'end') return;
      late();
      signal.removeEventListener('abort', stopped);
      resolve({ ...heard(entries, because), pieces, ...(firstWords !== undefined && { firstWords }) });
    }

    const cancel = engine.ask({ dialect, head, body, headers: [], path, plan, append, priority: 'batch' });
    if (signal.aborted) stopped();
  });
}

function dearestOf(targets: readonly PlannedTarget[]): ReturnType<typeof priceOf> {
  return targets.flatMap((planned) => priceOf(planned) ?? []).toSorted((one, other) => other.output - one.output)[0];
}

function heard(entries: readonly LoggedEntry[], because: Heard['because']): Omit<Heard, 'pieces' | 'firstWords'> {
  const all = entries.map(({ entry }) => entry);
  const end = all.find((entry) => entry.type === 'end');
  const outcome = end?.outcome.type === 'complete' ? 'whole' : because === undefined ? 'failed' : 'given-up';
  return {
    outcome,
    ...(outcome === 'given-up' && because !== undefined && { because }),
    answer: deliveredAnswer(entries, outcome === 'whole' ? 'complete' : 'failed'),
    attempts: all.flatMap((entry) => {
      if (entry.type !== 'attempt') return [];
      const over = all.find((other): other is AttemptEnd => other.type === 'attempt-end' && other.ordinal === entry.ordinal);
      return [{ target: targetName(entry.target), account: accountName(entry.target), end: over }];
    }),
    ...(end && 'fault' in end.outcome && { fault: end.outcome.fault }),
    passedOver: all.flatMap((entry) => (entry.type === 'attempt' || entry.type === 'end' ? (entry.skipped ?? []) : [])),
    seams: all.filter(({ type }) => type === 'seam').length,
  };
}
