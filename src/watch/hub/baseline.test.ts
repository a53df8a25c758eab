import { describe, expect, it } from 'vitest';
import { BIN } from '../crowd/statement.ts';
import { baselineOf, baselineSpan } from './baseline.ts';

const DAY = 86_400_000;

describe('what is usual', () => {
  const now = Date.UTC(2026, 10, 23, 12);

  it('is the floor where nothing is known', () => {
    const baseline = baselineOf([], baselineSpan(now, now - 60_000));
    expect(baseline.meanAt(now)).toBe(0.02);
    expect(baseline.dispersion).toBe(1.44);
  });

  it('is told from 28 days, without the last two hours', () => {
    const span = baselineSpan(now, 0);
    expect(span.to).toBe(now - 2 * 60 * 60_000);
    expect(span.to - span.from).toBe(28 * DAY);
    expect(baselineSpan(now, now - DAY)).toEqual({ from: now - DAY, to: span.to });
  });

  it('follows the hours of the week', () => {
    const span = baselineSpan(now, 0);
    const scores = [];
    // Four an hour on Mondays from 12 to 13 UTC.
    for (let at = span.from; at < span.to; at += BIN) {
      const date = new Date(at);
      if (date.getUTCDay() === 1 && date.getUTCHours() === 12 && date.getUTCMinutes() % 15 === 0) scores.push({ at, score: 1 });
    }
    const baseline = baselineOf(scores, span);
    const monday = baseline.meanAt(now);
    const tuesday = baseline.meanAt(now + DAY);
    expect(monday).toBeGreaterThan(3 * tuesday);
    expect(tuesday).toBeGreaterThan(0.02);
    expect(baseline.meanAt(now + 12 * 60 * 60_000)).toBe(0.02);
  });

  it('is not raised much by an outage of last week', () => {
    const span = baselineSpan(now, 0);
    const outage = Array.from({ length: 48 }, (_, index) => ({ at: now - 7 * DAY + index * BIN, score: 1000 }));
    const most = Math.max(3, (5 * 48 * 1000) / 8064);
    expect(baselineOf(outage, span).meanAt(now)).toBeLessThan(most / 3);
    const few = outage.map((each) => ({ ...each, score: 40 }));
    expect(baselineOf(few, span).meanAt(now)).toBeLessThan(1);
  });

  it('is as scattered as it was', () => {
    const span = baselineSpan(now, 0);
    const even = Array.from({ length: 8064 }, (_, index) => ({ at: span.from + index * BIN, score: 1 }));
    expect(baselineOf(even, span).dispersion).toBe(1);
    const lumps = even.filter((_, index) => index % 10 === 0).map(({ at }) => ({ at, score: 3 }));
    expect(baselineOf(lumps, span).dispersion).toBeGreaterThan(2);
  });
});
