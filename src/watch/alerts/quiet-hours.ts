import type { QuietHours } from './settings.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** UTC ms when the quiet hours end that a moment is in; `undefined`: it is in none. */
export type QuietUntil = (at: number) => number | undefined;

/**
 * By the clocks of a zone. A time of day that a change of clocks leaves out ends the hours when the clock has jumped over it; one that comes twice ends
 * them the first time.
 */
export function quietHours({ from, to, zone }: Pick<QuietHours, 'from' | 'to' | 'zone'>): QuietUntil {
  const timeOfDay = clockOf(zone);
  const [begin, end] = [minutes(from), minutes(to)];
  let found: { from: number; until: number } | undefined;
  const isQuiet = (when: number): boolean => {
    const now = timeOfDay(when);
    return begin < end ? now >= begin && now < end : now >= begin || now < end;
  };
  return (at) => {
    if (found && at >= found.from && at < found.until) return found.until;
    if (!isQuiet(at)) return undefined;
    // Minute by minute, which follows any rule of any zone; a night of them takes a millisecond, once.
    let until = Math.floor(at / MINUTE) * MINUTE;
    const limit = until + 2 * DAY;
    while (until < limit && isQuiet(until)) until += MINUTE;
    found = { from: at, until };
    return until;
  };
}

/** Minutes since midnight on that zone's clocks. */
function clockOf(zone: string | undefined): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(zone !== undefined && { timeZone: zone }),
  });
  return (at) => minutes(format.format(at));
}

function minutes(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}
