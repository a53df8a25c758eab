import { faultText } from '../../exchange/fault-text.ts';
import type { ExchangeSummary } from '../../journal/journal.ts';

/** Somebody else than the first one asked has answered. */
export interface SwitchSeen {
  exchange: string;
  /** UTC milliseconds of the exchange. */
  at: number;
  from: string;
  to: string;
  /** Why the first one did not, in a few words; empty: not known. */
  why: string;
  /** The answer had begun and was carried on. */
  continued: boolean;
}

/** Words of a message that still fit beside two names. */
const MOST_WHY = 60;

/** Why a hedge has answered: the one that it was started beside has not failed. */
export const SLOW = 'slow to begin';

export function switchIn({ id, at, attempts, seams, target }: ExchangeSummary): SwitchSeen | undefined {
  const first = attempts[0];
  // One that is still under way has answered nobody yet, unless its words are those that the client has.
  const last =
    attempts.findLast(({ outcome }) => outcome === 'whole') ??
    attempts.findLast(({ outcome, target: asked }) => outcome === 'running' && asked === target);
  if (!first || !last || last.target === first.target || first.outcome === 'running') return undefined;
  const message = (first.message ?? (first.fault === undefined ? (last.kind === 'hedge' ? SLOW : '') : inWords(first.fault))).split(
    '\n',
  )[0]!;
  const why = message.length > MOST_WHY ? `${message.slice(0, MOST_WHY).trimEnd()}…` : message;
  return { exchange: id, at, from: first.target, to: last.target, why, continued: seams > 0 };
}

/** Who has delivered or is delivering the end of this answer. */
export function answeredBy({ attempts }: ExchangeSummary): string | undefined {
  // Of two that run side by side the first is the one that was asked.
  return (attempts.findLast(({ outcome }) => outcome === 'whole') ?? attempts.find(({ outcome }) => outcome === 'running'))?.target;
}

/** `provider-fault/idle-timeout`, as the record has it. */
function inWords(fault: string): string {
  return `it ${faultText({ symptom: fault.slice(fault.indexOf('/') + 1) })}`;
}
