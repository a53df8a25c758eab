import type { Verdict } from '../../src/watch/verdict.ts';
import { isIll } from '../../src/watch/verdict.ts';
import { FIRST_POST, MINUTE } from './morning.ts';
import type { Morning } from './simulate.ts';

/** What somebody who asks for Claude Opus 4.6 over the API looks at. */
export const KEYS = ['anthropic/api', 'anthropic/api/claude-opus-4-6', 'anthropic/api/claude-sonnet-4-6', 'anthropic/chat'] as const;
export const LEAD = 'anthropic/claude-opus-4-6';

export interface Change {
  at: number;
  key: string;
  from: Verdict;
  to: Verdict;
  scope?: string;
}

/** Verdicts that became others, without those that only have another scope. */
export function changesOf({ news }: Morning, key: string): Change[] {
  return news.flatMap(({ at, signal }) =>
    signal.type === 'product' && signal.product === key && signal.from !== signal.to
      ? [{ at, key, from: signal.from, to: signal.to, ...(signal.scope !== undefined && { scope: signal.scope }) }]
      : [],
  );
}

export interface Figures {
  /** UTC ms. */
  firstIll?: number;
  firstDown?: number;
  firstAlert?: number;
  allClear?: number;
  /** When the lead was first passed over, and when it answered again for good (fewer than two failures among the ten that follow). */
  left?: number;
  back?: number;
  /** Alerts that disturb somebody: before anything failed, and in all. */
  falseAlerts: number;
  loud: number;
  messages: number;
  /** Requests in all, and those that no answer came to. */
  requests: number;
  failed: number;
  hops: number;
  changes: number;
}

export function figuresOf(morning: Morning): Figures {
  const { options, alerts, requests } = morning;
  const ill = changesOf(morning, KEYS[1]).concat(changesOf(morning, KEYS[0]));
  const first = (times: readonly number[]): number | undefined => (times.length > 0 ? Math.min(...times) : undefined);
  const firstIll = first(ill.filter(({ to }) => isIll(to)).map(({ at }) => at));
  const firstDown = first(ill.filter(({ to }) => to === 'down').map(({ at }) => at));
  const loud = alerts.filter((told) => told.loud);
  const firstAlert = first(loud.filter(({ at }) => at >= options.impact).map(({ at }) => at));
  const allClear = loud.findLast(({ kind }) => kind === 'over')?.at;
  const asked = requests.filter(({ model }) => LEAD.endsWith(model)).toSorted((one, other) => one.at - other.at);
  const left = asked.find(({ at, first: began }) => at >= options.impact && began !== LEAD)?.at;
  const back = asked.find(({ at }, index) => {
    const next = asked.slice(index, index + 10);
    return at > FIRST_POST && next.length === 10 && next.filter(({ by }) => by !== LEAD).length <= 1;
  })?.at;
  return {
    ...(firstIll !== undefined && { firstIll }),
    ...(firstDown !== undefined && { firstDown }),
    ...(firstAlert !== undefined && { firstAlert }),
    ...(allClear !== undefined && { allClear }),
    ...(left !== undefined && { left }),
    ...(back !== undefined && { back }),
    falseAlerts: loud.filter(({ at }) => at < options.impact).length,
    loud: loud.length,
    messages: alerts.length,
    requests: requests.length,
    failed: requests.filter(({ end }) => end === 'failed').length,
    hops: requests.reduce((sum, one) => sum + one.hops, 0),
    changes: changesOf(morning, KEYS[0]).length,
  };
}

/** Minutes from `from` to `to`, one decimal. */
export function minutesBetween(from: number, to: number | undefined): string {
  return to === undefined ? 'never' : ((to - from) / MINUTE).toFixed(1);
}
