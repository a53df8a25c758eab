import type { AttemptKind } from '../journal/entry.ts';
import type { Headers } from '../dialects/dialect.ts';
import type { AttemptResult } from './attempt.ts';
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
}

/** `until`: UTC ms when it may be otherwise. */
export interface Refusal {
  reason: string;
  until?: number;
}

/** Follows an attempt that was let go. Each function is called at most once, `settled` always. */
export interface AttemptWatch {
  headers?(headers: Headers): void;
  /** `given-up`: by us, before it was over. `delivered`: the text that the client has, for costs that nobody counted. */
  settled?(result: AttemptResult | 'given-up', delivered: () => string): void;
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
    settled: (result, delivered) => watches.forEach((watch) => watch.settled?.(result, delivered)),
  };
}
