import { describe, expect, it } from 'vitest';
import type { Incident, IncidentUpdate } from '../incident.ts';
import type { Phase } from '../page-reading.ts';
import { gradePage } from './grade.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const BEGAN = Date.UTC(2026, 5, 2, 5, 50);

function own(minute: number, phase: Phase = 'investigating', text = 'the API is down: 8 of the last 20 requests failed'): IncidentUpdate {
  const at = BEGAN + minute * MINUTE;
  return { at, seenAt: at, phase, text, source: { type: 'own', product: 'anthropic/api' } };
}

function posted(minute: number, phase: Phase = 'investigating', more: Partial<IncidentUpdate> = {}): IncidentUpdate {
  const at = BEGAN + minute * MINUTE;
  return { at, seenAt: at, phase, text: 'Elevated errors', source: { type: 'page', page: 'anthropic', id: 'a' }, ...more };
}

function outage(updates: IncidentUpdate[], more: Partial<Incident> = {}): Incident {
  return {
    id: 'i',
    kind: 'incident',
    title: 'Elevated errors',
    products: ['anthropic/api'],
    models: [],
    severity: 'major',
    phase: 'resolved',
    startedAt: BEGAN,
    firstSeenAt: BEGAN,
    updates: updates.toSorted((one, other) => one.at - other.at),
    sources: [],
    ...more,
  };
}

const grade = (...incidents: Incident[]): ReturnType<typeof gradePage> => gradePage('anthropic', incidents, BEGAN + DAY);

describe('how a page did', () => {
  it('gives no grade without outages, or with fewer than three', () => {
    expect(grade()).toMatchObject({ outages: 0, summary: 'no outage has been seen here that it could be held against' });
    const two = grade(outage([own(0), posted(10)]), outage([own(0), posted(10)]));
    expect(two.letter).toBeUndefined();
    expect(two.medianLag).toBe(10 * MINUTE);
  });

  it('is an A for one that tells at once, of all, and truly', () => {
    const good = outage([own(0), posted(3), own(60, 'resolved'), posted(62, 'resolved')]);
    expect(grade(good, good, good)).toMatchObject({ told: 3, letter: 'A', score: { early: 100, complete: 100, honest: 100, all: 100 } });
  });

  it('counts what it was silent about, but not what has only begun', () => {
    const silent = outage([own(0), own(30, 'resolved')]);
    expect(grade(silent, silent, silent)).toMatchObject({ outages: 3, told: 0, letter: 'E' });
    expect(gradePage('anthropic', [silent], BEGAN + 20 * MINUTE).outages).toBe(0);
  });

  it('measures from the first sign here to the first word, not to what it backdates itself to', () => {
    const backdated = outage([
      own(0),
      posted(2, 'investigating', {
        seenAt: BEGAN + 40 * MINUTE,
        before: [{ text: 'x', phase: 'investigating', at: BEGAN + 40 * MINUTE, seenUntil: BEGAN + DAY }],
      }),
    ]);
    expect(grade(backdated, backdated, backdated).medianLag).toBe(40 * MINUTE);
    expect(grade(outage([posted(-5), own(0)])).medianLag).toBe(-5 * MINUTE);
  });

  it('sees what is called resolved too early, belittled, shortened and rewritten', () => {
    const early = outage([own(0), posted(5), posted(60, 'resolved'), own(120), own(150, 'resolved')]);
    expect(grade(early).resolvedEarly).toBe(1);
    expect(grade(outage([own(0), posted(5)], { severity: 'minor' })).belittled).toBe(1);
    expect(grade(outage([own(0), posted(30)], { startedAt: BEGAN + 30 * MINUTE })).shortened).toBe(1);
    const rewritten = outage([own(0), posted(5, 'investigating', { removedAt: BEGAN + DAY })]);
    expect(grade(rewritten).rewritten).toBe(1);
    expect(grade(early, early, early).score!.honest).toBeLessThan(100);
  });

  it('says nothing by incidents that only the page knew of, or by planned work', () => {
    expect(grade(outage([posted(0)]), outage([own(0), posted(1)], { kind: 'maintenance' })).outages).toBe(0);
  });

  it('is not about other pages', () => {
    expect(gradePage('openai', [outage([own(0), posted(5)])], BEGAN + DAY)).toMatchObject({ outages: 1, told: 0 });
  });
});
