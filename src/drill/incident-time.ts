/** The stretch of time that a script tells of, UTC milliseconds, and how long it lasts on stage. */
export interface Timescale {
  from: number;
  until: number;
  /** Real milliseconds. */
  lasts: number;
}

/** Moment of the incident at `elapsed` real milliseconds. */
export function incidentTime(scale: Timescale, elapsed: number): number {
  return scale.from + (elapsed / scale.lasts) * (scale.until - scale.from);
}

/** Real milliseconds from the start of the drill to a moment of the incident. */
export function stageTime(scale: Timescale, at: number): number {
  return ((at - scale.from) / (scale.until - scale.from)) * scale.lasts;
}

/** `06:05`, `06:04:59` (on the day of `from`, or the next where it would lie before it) or an ISO date; else `undefined`. */
export function readMoment(text: string, from: number): number | undefined {
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (!clock) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : at;
  }
  const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const day = new Date(from);
  const at = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), hours, minutes, seconds);
  return at < from ? at + 86_400_000 : at;
}

/** `06:05:00`, UTC. */
export function clockFace(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
