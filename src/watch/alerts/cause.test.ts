import { expect, it } from 'vitest';
import type { Incident, IncidentUpdate } from '../incident.ts';
import { incidentCause } from './cause.ts';
import { pageIncident } from './testing/bench.ts';

const update = (text: string, source: IncidentUpdate['source']): IncidentUpdate => ({
  at: 1,
  seenAt: 1,
  phase: 'investigating',
  text,
  source,
});

it('does not put into a page’s mouth what was noticed here', () => {
  const incident: Incident = {
    ...pageIncident('i1', ['anthropic/api']),
    updates: [
      update('We look into it.', { type: 'page', page: 'claude', id: 'i1' }),
      update('It has been down since 06:05.', { type: 'own', product: 'anthropic/api' }),
    ],
  };
  expect(incidentCause(incident)?.said).toBe('We look into it.');
  expect(incidentCause({ ...incident, updates: incident.updates.slice(1) })?.said).toBeUndefined();
});

it('tells what was written by hand from what a page says', () => {
  const paged = pageIncident('i1', ['anthropic/api']);
  expect(incidentCause(paged)?.byHand).toBeUndefined();
  expect(incidentCause({ ...paged, sources: [{ type: 'hand' }] })?.byHand).toBe(true);
});
