import type { Alarm, Said } from './contenders.ts';
import { isAtWork } from './traffic.ts';
import type { Half, TrueIncident } from './truth.ts';

/** What a contender was worth. Times are milliseconds. */
export interface Measured {
  /** Incidents that were felt and began while this user was at work. */
  incidents: number;
  found: number;
  /** From the beginning (before the post) to the first alarm. */
  delays: number[];
  /** From the first alarm to the post; below zero: after it. */
  leads: number[];
  /** From the end to the all-clear, where the user was still at work an hour later. */
  clears: number[];
  falseAlarms: number;
  weeks: number;
}

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
/** Alarms closer than this are one (research/status.md, 3.6). */
const ONE_EPISODE = 2 * HOUR;
/** Milliseconds around an incident in which no alarm is false. */
const NEAR = 1.5 * HOUR;

export function measure(said: Said, which: keyof Said, half: Half, incidents: readonly TrueIncident[]): Measured {
  const alarms = said[which];
  const measured: Measured = {
    incidents: 0,
    found: 0,
    delays: [],
    leads: [],
    clears: [],
    falseAlarms: falseAlarms(alarms, incidents),
    weeks: (half.to - half.from) / WEEK,
  };
  for (const { beganAt, postedAt, endedAt, isFelt } of incidents) {
    if (!isFelt || !isAtWork(beganAt)) continue;
    measured.incidents += 1;
    // One that has not been called off yet covers it too, but proves nothing.
    const first = alarms.find(({ from, to }) => to > beganAt && from < endedAt);
    if (!first) continue;
    measured.found += 1;
    const at = Math.max(first.from, beganAt);
    measured.delays.push(at - beganAt);
    measured.leads.push(postedAt - at);
    const last = alarms.findLast(({ from, to }) => from < endedAt && to > endedAt);
    if (last && isAtWork(endedAt) && isAtWork(endedAt + HOUR)) measured.clears.push(last.to - endedAt);
  }
  return measured;
}

function falseAlarms(alarms: readonly Alarm[], incidents: readonly TrueIncident[]): number {
  let count = 0;
  let last = -Infinity;
  for (const { from, to } of alarms) {
    const isNear = incidents.some(({ beganAt, endedAt }) => from >= beganAt - NEAR && from <= endedAt + NEAR);
    if (!isNear && from - last > ONE_EPISODE) count += 1;
    if (!isNear) last = to;
  }
  return count;
}

export function together(all: readonly Measured[]): Measured {
  const sum = (read: (one: Measured) => number): number => all.reduce((total, one) => total + read(one), 0);
  return {
    incidents: sum(({ incidents }) => incidents),
    found: sum(({ found }) => found),
    delays: all.flatMap(({ delays }) => delays),
    leads: all.flatMap(({ leads }) => leads),
    clears: all.flatMap(({ clears }) => clears),
    falseAlarms: sum((one) => one.falseAlarms),
    weeks: sum(({ weeks }) => weeks),
  };
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
