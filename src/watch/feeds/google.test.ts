import { describe, expect, it } from 'vitest';
import type { PageReading } from '../page-reading.ts';
import { googleCloud } from './google-cloud.ts';
import { googleWorkspace } from './google-workspace.ts';
import { ELSEWHERE, GEMINI_APP, GEMINI_ON_VERTEX, OPEN, OPEN_APP, OVER } from './testing/google-page.ts';
import { pageNamed, payload } from './testing/payload.ts';

function read(value: unknown, family: 'google-cloud' | 'google-workspace' = 'google-cloud'): PageReading {
  const adapter = family === 'google-cloud' ? googleCloud : googleWorkspace;
  const result = adapter.read(payload(value), pageNamed(family), 0);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const stateOf = (reading: PageReading, id: string): string | undefined =>
  reading.components.find((component) => component.id === id)?.state;

describe('Google’s list of incidents', () => {
  it('has what is open among what is over; products by id, under any title', () => {
    const reading = read([OPEN, OVER, ELSEWHERE]);
    expect(reading.listsAllOpen).toBe(true);
    expect(reading.incidents).toMatchObject([
      { id: OPEN['id'], phase: 'investigating', impact: 'critical', components: [{ id: GEMINI_ON_VERTEX, state: 'major-outage' }] },
      { id: OVER['id'], phase: 'resolved', impact: 'major', endedAt: Date.parse('2026-09-01T18:52:00Z') },
    ]);
    expect(reading.incidents[0]).not.toHaveProperty('endedAt');
    expect(stateOf(reading, GEMINI_ON_VERTEX)).toBe('major-outage');
    expect(stateOf(reading, 'deUeOEPYanfJ9w8cpyBJ')).toBe('operational');
  });

  it('states when it began, which is before it was posted', () => {
    const [incident] = read([OVER]).incidents;
    expect(incident!.startedAt).toBe(Date.parse('2026-09-01T14:44:00Z'));
    expect(incident!.updates.map(({ phase, at }) => [phase, at])).toEqual([
      ['investigating', Date.parse('2026-09-01T16:03:12Z')],
      ['resolved', Date.parse('2026-09-01T19:00:00Z')],
      ['resolved', Date.parse('2026-09-10T21:20:16Z')],
    ]);
    expect(incident!.url).toBe('https://status.cloud.google.com/incidents/J5ia5t9p3g9Q5Wi7r8Ev');
  });

  it('is well where nothing that is open names the product', () => {
    for (const list of [[], [OVER], [ELSEWHERE]]) expect(stateOf(read(list), GEMINI_ON_VERTEX)).toBe('operational');
  });

  it('says nothing of now once it is over, whatever was said last', () => {
    const reading = read([{ ...OVER, most_recent_update: { status: 'SERVICE_OUTAGE' } }]);
    expect(stateOf(reading, GEMINI_ON_VERTEX)).toBe('operational');
    expect(reading.incidents).toMatchObject([{ phase: 'resolved', components: [{}] }]);
  });

  it('is watched where the last word on it is that all is available, and is not over before it has an end', () => {
    const watched = {
      ...OPEN,
      updates: [{ created: '2026-09-12T09:00:00+00:00', when: '2026-09-12T09:00:00+00:00', status: 'AVAILABLE', text: '' }],
    };
    const reading = read([{ ...watched, most_recent_update: watched.updates[0] }]);
    expect(reading.incidents).toMatchObject([{ phase: 'monitoring' }]);
    expect(stateOf(reading, GEMINI_ON_VERTEX)).toBe('operational');
  });

  it('has words that nobody knows: they are unknown', () => {
    const odd = { ...OPEN, status_impact: 'SERVICE_ODDITY', severity: 'purple', most_recent_update: null };
    const reading = read([odd]);
    expect(reading.incidents).toMatchObject([{ impact: 'unknown' }]);
    expect(stateOf(reading, GEMINI_ON_VERTEX)).toBe('unknown');
  });

  it('is not read where an end is written in no known way', () => {
    expect(googleCloud.read(payload([{ ...OPEN, end: 'soon' }]), pageNamed('google-cloud'), 0)).toMatchObject({
      ok: false,
      error: { type: 'unknown-shape' },
    });
  });

  it('of the Workspace dashboard says how the Gemini app is', () => {
    expect(stateOf(read([OPEN_APP, ELSEWHERE], 'google-workspace'), GEMINI_APP)).toBe('partial-outage');
    expect(stateOf(read([], 'google-workspace'), GEMINI_APP)).toBe('operational');
    expect(googleWorkspace.requests(pageNamed('google-workspace'))).toEqual([
      { url: 'https://www.google.com/appsstatus/dashboard/incidents.json', mirrors: [], required: true },
    ]);
  });
});
