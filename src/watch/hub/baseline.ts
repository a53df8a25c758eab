import { BIN } from '../crowd/statement.ts';

/** What is usual in one bin. */
export interface Baseline {
  /** Per bin, at a moment (UTC ms). */
  meanAt(at: number): number;
  /** Variance over mean. */
  dispersion: number;
}

// status.md 3.2: trailing 28 days without the last 2 hours, winsorised, a floor; the median dispersion of real reports.
const DAYS = 28;
const RECENT = 2 * 60 * 60_000;
const FLOOR = 0.02;
const USUAL_DISPERSION = 1.44;
/** Bins that were not empty, before dispersion can be told from them. */
const ENOUGH = 20;
/** Bins with which the wider average is believed beside that of an hour of the week: as many as four weeks have of it. */
const BELIEF = 48;
const HOUR = 60 * 60_000;

/** From when to when (UTC ms, without the end) scores are wanted for a baseline. `since`: of the first that can be there. */
export function baselineSpan(now: number, since: number): { from: number; to: number } {
  const to = Math.floor((now - RECENT) / BIN) * BIN;
  return { from: Math.min(to, Math.max(Math.ceil(since / BIN) * BIN, to - DAYS * 24 * HOUR)), to };
}

/** `scores`: bins that were not empty, within the span. All others count as empty. */
export function baselineOf(scores: readonly { at: number; score: number }[], { from, to }: { from: number; to: number }): Baseline {
  const bins = (to - from) / BIN;
  const raw = bins === 0 ? 0 : scores.reduce((sum, { score }) => sum + score, 0) / bins;
  // An outage of last week must not make the next one look usual.
  const most = Math.max(3, 5 * raw);
  const clipped = scores.map(({ at, score }) => ({ at, score: Math.min(score, most) }));
  const sum = clipped.reduce((total, { score }) => total + score, 0);
  const mean = bins === 0 ? 0 : sum / bins;

  const sums = { week: new Map<number, number>(), day: new Map<number, number>() };
  const counts = { week: new Map<number, number>(), day: new Map<number, number>() };
  for (const { at, score } of clipped) {
    add(sums.week, hourOfWeek(at), score);
    add(sums.day, hourOfDay(at), score);
  }
  for (let at = from; at < to; at += BIN) {
    add(counts.week, hourOfWeek(at), 1);
    add(counts.day, hourOfDay(at), 1);
  }
  return {
    meanAt(at) {
      const day = ((sums.day.get(hourOfDay(at)) ?? 0) + BELIEF * mean) / ((counts.day.get(hourOfDay(at)) ?? 0) + BELIEF);
      const week = ((sums.week.get(hourOfWeek(at)) ?? 0) + BELIEF * day) / ((counts.week.get(hourOfWeek(at)) ?? 0) + BELIEF);
      return Math.max(FLOOR, week);
    },
    dispersion: dispersionOf(clipped, mean, bins),
  };
}

function dispersionOf(scores: readonly { score: number }[], mean: number, bins: number): number {
  if (scores.length < ENOUGH || mean === 0) return USUAL_DISPERSION;
  const squares = scores.reduce((sum, { score }) => sum + (score - mean) ** 2, 0) + (bins - scores.length) * mean ** 2;
  return Math.max(1, squares / bins / mean);
}

function add(sums: Map<number, number>, slot: number, value: number): void {
  sums.set(slot, (sums.get(slot) ?? 0) + value);
}

/** 0 to 167, UTC. The first day of 1970 was a Thursday; any beginning will do. */
function hourOfWeek(at: number): number {
  return Math.floor(at / HOUR) % 168;
}

/** Hour of the day, workdays and weekends apart: 0 to 47, UTC. */
function hourOfDay(at: number): number {
  const day = new Date(at).getUTCDay();
  return (Math.floor(at / HOUR) % 24) + (day === 0 || day === 6 ? 24 : 0);
}
