import type { Headers } from '../dialects/dialect.ts';
import type { FaultClass } from '../exchange/fault.ts';
import type { Priority } from '../exchange/priority.ts';
import type { AttemptKind } from '../journal/entry.ts';
import type { AttemptResult } from './attempt.ts';
import type { Question } from './engine.ts';
import type { Plan, PlannedTarget } from './plan.ts';

/** An attempt that might be made. */
export interface AttemptAsk {
  plan: Plan;
  planned: PlannedTarget;
  /** Place of the target in the plan: the order in which it is asked. Whether it is the lead, `planned.lead` says. */
  index: number;
  kind: AttemptKind;
  /** Bytes of the client's body. */
  size: number;
  /** The client's body: what it would cost is estimated from it. */
  body: Buffer;
  /** Most tokens that the answer may have, where the client says so. */
  maxOutputTokens?: number;
  /** How pressing it is: `interactive` where nobody says. */
  priority?: Priority;
  /** Who asks, as a label: places that are short are shared between them. */
  principal?: string;
  /** Nobody else is left who could be asked. */
  lastResort?: true;
  /** Told when it begins to wait in a line, with how to find out its place there, and (`undefined`) when it waits no longer. */
  inLine?: (place: (() => LinePlace | undefined) | undefined) => void;
}

/** A place in a line, counted from 1: whoever waits longer, is more pressing, or has had less, is before it. */
export interface LinePlace {
  target: string;
  place: number;
  of: number;
}

export function askOf(
  { plan, body, head, priority, principal, inLine }: Pick<Question, 'plan' | 'body' | 'head' | 'priority' | 'principal' | 'inLine'>,
  index: number,
  kind: AttemptKind,
  lastResort = false,
): AttemptAsk {
  const { maxOutputTokens } = head;
  return {
    plan,
    planned: plan.targets[index]!,
    index,
    kind,
    size: body.length,
    body,
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(priority !== undefined && { priority }),
    ...(principal !== undefined && { principal }),
    ...(lastResort && { lastResort }),
    ...(inLine && { inLine }),
  };
}

/** `until`: UTC ms when it may be otherwise. */
export interface Refusal {
  reason: string;
  until?: number;
  /** What it is to the client, where nobody else can answer; by default a fault that passes. `quota`: somebody has to raise a limit. */
  class?: Extract<FaultClass, 'quota' | 'rate-limited'>;
  /** Takes a place in the line of those who wait for it to be otherwise; `ready` is called when it is one's turn. Returns a function that leaves the line. */
  wait?: (ready: () => void) => () => void;
}

/** Follows an attempt that was let go. Each function is called at most once, `settled` always. */
export interface AttemptWatch {
  headers?(headers: Headers): void;
  /** `given-up`: by us, before it was over. `cost`: dollars, by the rule of cost.ts; absent where no price is known. */
  settled?(result: AttemptResult | 'given-up', cost?: number): void;
}

/** Somebody besides health who may keep an attempt from being made: an account's limits, money, the budget of extra attempts. */
export interface AdmissionControl {
  /** Asking changes nothing. */
  refusal(ask: AttemptAsk): Refusal | undefined;
  /** The attempt begins. `sent`: bytes of the request as written for the target. */
  begin?(ask: AttemptAsk, sent: number): AttemptWatch | undefined;
}

export function refusalOf(controls: readonly AdmissionControl[], ask: AttemptAsk): Refusal | undefined {
  for (const control of controls) {
    const refusal = control.refusal(ask);
    if (refusal) return refusal;
  }
  return undefined;
}

/** All that follow an attempt as one. */
export function beginOf(controls: readonly AdmissionControl[], ask: AttemptAsk, sent: number): Required<AttemptWatch> {
  const watches = controls.flatMap((control) => control.begin?.(ask, sent) ?? []);
  return {
    headers: (headers) => watches.forEach((watch) => watch.headers?.(headers)),
    settled: (result, cost) => watches.forEach((watch) => watch.settled?.(result, cost)),
  };
}
