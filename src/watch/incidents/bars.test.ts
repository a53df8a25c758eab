import { expect, it } from 'vitest';
import type { Incident } from '../incident.ts';
import { barsOf } from './bars.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const day = { from: 0, to: DAY, length: DAY };

function incident(from: number, to: number | undefined, more: Partial<Incident> = {}): Incident {
  return {
    id: 'i',
    kind: 'incident',
    title: 't',
    products: ['a/api'],
    models: [],
    severity: 'major',
    phase: to === undefined ? 'identified' : 'resolved',
    startedAt: from,
    firstSeenAt: from,
    updates: [],
    sources: [],
    ...(to !== undefined && { endedAt: to }),
    ...more,
  };
}

it('counts what was said, and nothing as up that was not', () => {
  const said = [
    { at: 6 * HOUR, verdict: 'operational' as const },
    { at: 12 * HOUR, verdict: 'down' as const },
    { at: 13 * HOUR, verdict: 'operational' as const },
  ];
  const [bar] = barsOf(said, [], day);
  expect(bar).toMatchObject({ state: 'down', share: { unknown: 6 * HOUR, operational: 17 * HOUR, down: HOUR } });
});

it('takes a page’s word where nothing was known here, and its own where something was', () => {
  const page = [incident(HOUR, 3 * HOUR)];
  expect(barsOf([], page, day)[0]).toMatchObject({ state: 'down', share: { down: 2 * HOUR, unknown: 22 * HOUR } });
  expect(barsOf([{ at: 0, verdict: 'operational' }], page, day)[0]).toMatchObject({ state: 'operational', share: { operational: DAY } });
});

it('planned work is planned work, and what is open goes on', () => {
  const work = incident(HOUR, 2 * HOUR, { kind: 'maintenance' });
  expect(barsOf([{ at: 0, verdict: 'down' }], [work], day)[0]!.share).toMatchObject({ maintenance: HOUR, down: 23 * HOUR });
  expect(barsOf([], [incident(20 * HOUR, undefined)], day)[0]!.share.down).toBe(4 * HOUR);
  expect(barsOf([], [{ ...work, phase: 'scheduled' }], day)[0]!.state).toBe('unknown');
});

it('a minute does not colour a day, and shares always add up', () => {
  const said = [
    { at: 0, verdict: 'operational' as const },
    { at: HOUR, verdict: 'degraded' as const },
    { at: HOUR + 60_000, verdict: 'operational' as const },
  ];
  const bars = barsOf(said, [incident(5 * HOUR, 30 * HOUR)], { from: 0, to: 3 * DAY, length: DAY });
  expect(bars[0]!.state).toBe('operational');
  expect(bars).toHaveLength(3);
  for (const { from, to, share } of bars) expect(Object.values(share).reduce((sum, each) => sum + each, 0)).toBe(to - from);
});
