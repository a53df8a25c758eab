/** A stretch of time that was asked for; UTC milliseconds, the end is not in it. */
export interface Stretch {
  from: number;
  to: number;
}

const DAY = 86_400_000;
const UNITS = { h: 3_600_000, d: DAY, w: 7 * DAY } as const;

/**
 * Reads `2026`, `2026-06`, `2026-06-02`, `today`, `yesterday`, and how long ago: `12h`, `7d`, `2w`, `3m`, `1y` (from then until now).
 * Days are those of the machine's time zone, which is what people mean.
 */
export function readDate(text: string, now: number): Stretch | undefined {
  const word = text.trim().toLowerCase();
  const today = new Date(now);
  const day = (offset: number): Stretch => stretch(today.getFullYear(), today.getMonth(), today.getDate() + offset, 'day');
  if (word === 'today') return day(0);
  if (word === 'yesterday') return day(-1);
  const [, amount, unit] = /^(\d{1,4})(h|d|w|m|mo|y)$/.exec(word) ?? [];
  if (amount !== undefined && unit !== undefined) return { from: ago(now, Number(amount), unit), to: now };
  const [, year, month, date] = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(word) ?? [];
  if (year === undefined) return undefined;
  if (month === undefined) return stretch(Number(year), 0, 1, 'year');
  if (Number(month) < 1 || Number(month) > 12) return undefined;
  if (date === undefined) return stretch(Number(year), Number(month) - 1, 1, 'month');
  const found = stretch(Number(year), Number(month) - 1, Number(date), 'day');
  // 31 February is no day.
  return new Date(found.from).getDate() === Number(date) ? found : undefined;
}

function ago(now: number, amount: number, unit: string): number {
  if (unit === 'h' || unit === 'd' || unit === 'w') return now - amount * UNITS[unit];
  const date = new Date(now);
  if (unit === 'y') date.setFullYear(date.getFullYear() - amount);
  else date.setMonth(date.getMonth() - amount);
  return date.getTime();
}

function stretch(year: number, month: number, date: number, length: 'year' | 'month' | 'day'): Stretch {
  const end =
    length === 'year' ? new Date(year + 1, 0, 1) : length === 'month' ? new Date(year, month + 1, 1) : new Date(year, month, date + 1);
  return { from: new Date(year, month, date).getTime(), to: end.getTime() };
}
