import type { Incident } from '../incident.ts';
import type { Bar } from '../publish/published.ts';
import type { Verdict } from '../verdict.ts';

/** A verdict as it was said, and until the next one. */
export interface SaidVerdict {
  /** UTC ms. */
  at: number;
  verdict: Verdict;
}

type State = Bar['state'];

/** The worst is shown, if it lasted for more than this: a minute's trouble does not colour a day. */
const SHOWN = 5 * 60_000;
const ORDER: readonly State[] = ['down', 'degraded', 'maintenance', 'operational', 'unknown'];

/**
 * Bars of equal length over a span. What was said here counts; where nothing was said (nothing ran, nothing was known), incidents of the pages colour
 * what they cover, and the rest is unknown: never up. Planned work is planned work, whatever failed in it. `said`: oldest first.
 */
export function barsOf(
  said: readonly SaidVerdict[],
  incidents: readonly Incident[],
  { from, to, length }: { from: number; to: number; length: number },
): Bar[] {
  const bars: Bar[] = [];
  for (let start = from; start < to; start += length) bars.push(bar(start, Math.min(to, start + length), said, incidents));
  return bars;
}

function bar(from: number, to: number, said: readonly SaidVerdict[], incidents: readonly Incident[]): Bar {
  const share: Bar['share'] = { operational: 0, degraded: 0, down: 0, maintenance: 0, unknown: 0 };
  const inside = incidents.flatMap((incident) => spanOf(incident, from, to) ?? []);
  const first = said.findLastIndex(({ at }) => at <= from);
  const cuts = new Set([from, to]);
  for (const { at } of said.slice(Math.max(0, first))) if (at > from && at < to) cuts.add(at);
  for (const span of inside) for (const at of [span.from, span.to]) cuts.add(at);
  const moments = [...cuts].toSorted((one, other) => one - other);
  for (const [index, at] of moments.slice(0, -1).entries()) share[stateAt(at, said, inside)] += moments[index + 1]! - at;
  const state = ORDER.find((one) => share[one] > Math.min(SHOWN, (to - from) / 2)) ?? 'unknown';
  return { from, to, state, share };
}

interface Span {
  from: number;
  to: number;
  state: State;
}

/** `undefined`: it does not touch this time. */
function spanOf({ kind, severity, phase, startedAt, endedAt }: Incident, from: number, to: number): Span | undefined {
  if (phase === 'scheduled') return undefined;
  const span = { from: Math.max(from, startedAt), to: Math.min(to, endedAt ?? to) };
  if (span.from >= span.to) return undefined;
  return { ...span, state: kind === 'maintenance' ? 'maintenance' : severity === 'critical' || severity === 'major' ? 'down' : 'degraded' };
}

function stateAt(at: number, said: readonly SaidVerdict[], spans: readonly Span[]): State {
  const here = spans.filter((span) => span.from <= at && at < span.to).map(({ state }) => state);
  if (here.includes('maintenance')) return 'maintenance';
  const verdict = said.findLast((one) => one.at <= at)?.verdict ?? 'unknown';
  if (verdict !== 'unknown') return verdict;
  return ORDER.find((state) => here.includes(state)) ?? 'unknown';
}
