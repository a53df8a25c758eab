import { expect, test } from 'vitest';
import { capNotice, capRefusal, type CapState, clockTime, parseCap, plain, windowEnd } from './caps.ts';

const NOON = Date.UTC(2026, 10, 22, 12, 34, 56);

function cap(more: Partial<CapState> = {}): CapState {
  const per = more.per ?? 'day';
  const about = { setting: 'failover.backupSpend', who: 'Backups', dollars: 5, per, spent: 0, underWay: 0 };
  return { ...about, resetsAt: windowEnd(NOON, per), ...more };
}

test('a cap is so many dollars an hour, a day or a month; without a word, a day', () => {
  expect(parseCap('5/day')).toEqual({ dollars: 5, per: 'day' });
  expect(parseCap('0.25/hour')).toEqual({ dollars: 0.25, per: 'hour' });
  expect(parseCap('100/month')).toEqual({ dollars: 100, per: 'month' });
  expect(parseCap('0')).toEqual({ dollars: 0, per: 'day' });
});

test('windows end where the next hour, day or month of UTC begins', () => {
  expect(windowEnd(NOON, 'hour')).toBe(Date.UTC(2026, 10, 22, 13));
  expect(windowEnd(NOON, 'day')).toBe(Date.UTC(2026, 10, 23));
  expect(windowEnd(NOON, 'month')).toBe(Date.UTC(2026, 11, 1));
  const newYearsEve = Date.UTC(2026, 11, 31, 23, 59);
  for (const per of ['hour', 'day', 'month'] as const) expect(windowEnd(newYearsEve, per)).toBe(Date.UTC(2027, 0, 1));
  expect(clockTime(cap())).toBe('00:00 UTC');
  expect(clockTime(cap({ per: 'hour' }))).toBe('13:00 UTC');
  expect(clockTime(cap({ per: 'month' }))).toBe('2026-12-01 00:00 UTC');
});

test('a user is told from four fifths of a cap on, but not of what may cost nothing anyway', () => {
  expect(capNotice(cap({ spent: 3.99 }))).toBeUndefined();
  expect(capNotice(cap({ spent: 4 }))).toBe(
    'Backups have cost $4.00 of the $5 that they may cost a day (failover.backupSpend): what would cost more is not asked for until 00:00 UTC.',
  );
  expect(capNotice(cap({ spent: 6, dollars: 2.5 }))).toContain('of the $2.50 that');
  expect(capNotice(cap({ spent: 1, dollars: 0 }))).toBeUndefined();
  expect(plain(0.1)).toBe('0.10');
});

test('a refusal says what it would cost, what was spent, and what to do', () => {
  expect(capRefusal(cap({ spent: 4.5 }), 0.75)).toBe(
    'it would cost about $0.75, backups have cost $4.50 of the $5 that they may cost a day: raise failover.backupSpend in understudy.yaml, or wait until 00:00 UTC',
  );
  expect(capRefusal(cap({ spent: 4.5, underWay: 0.005 }), 0.75)).toContain('a day and answers under way may cost $0.01: raise');
  expect(capRefusal(cap({ underWay: 0.004 }), 0.75)).not.toContain('under way');
  expect(capRefusal(cap({ dollars: 0 }), 0)).toBe('backups may cost nothing (failover.backupSpend: 0)');
});
