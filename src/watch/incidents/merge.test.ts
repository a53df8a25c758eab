import { expect, it } from 'vitest';
import type { Incident, IncidentSource } from '../incident.ts';
import { bareTitle, type Candidate, isSameEvent } from './merge.ts';

const MINUTE = 60_000;
const PAGE: IncidentSource = { type: 'page', page: 'anthropic', id: 'zkr' };
const OWN: IncidentSource = { type: 'own', product: 'anthropic/api' };

function known(source: IncidentSource, more: Partial<Incident> = {}): Incident {
  return {
    id: 'i_1',
    kind: 'incident',
    title: 'Elevated errors',
    products: ['anthropic/api'],
    models: [],
    severity: 'major',
    phase: 'investigating',
    startedAt: 0,
    firstSeenAt: 0,
    updates: [],
    sources: [source],
    ...more,
  };
}

function told(minute: number, more: Partial<Candidate> = {}): Candidate {
  return {
    kind: 'incident',
    title: 'Elevated errors',
    products: ['anthropic/api'],
    models: [],
    startedAt: minute * MINUTE,
    page: 'other',
    ...more,
  };
}

const opus = ['claude-opus-4-6'];
const sonnet = ['claude-sonnet-4-6'];
const over = { phase: 'resolved' as const, endedAt: 30 * MINUTE };

it.each<[string, Incident, Candidate, boolean]>([
  ['another page, the same title, soon after', known(PAGE), told(59), true],
  ['the same title much later', known(PAGE), told(61), false],
  ['the same title on another day', known(PAGE), told(24 * 60), false],
  ['another title and no model', known(PAGE), told(5, { title: 'Slow logins' }), false],
  ['another title, the same model', known(PAGE, { models: opus }), told(5, { title: 'Opus 4.6 is down', models: opus }), true],
  ['another title, one of two models', known(PAGE, { models: [...opus, ...sonnet] }), told(5, { title: 'Opus', models: opus }), false],
  ['another product', known(PAGE), told(5, { products: ['anthropic/chat'] }), false],
  ['planned work and an outage', known(PAGE), told(0, { kind: 'maintenance' }), false],
  ['two entries of one page, whatever their titles', known(PAGE), told(0, { page: 'anthropic' }), false],
  [
    'copies of a page that repeats itself',
    known(PAGE),
    told(15, { page: 'anthropic', repeats: true, title: 'Elevated errors [API (eu)]' }),
    true,
  ],
  ['the same title on such a page, later', known(PAGE), told(16, { page: 'anthropic', repeats: true }), false],
  ['a page posts after own evidence', known(OWN), told(179, { title: 'Anything' }), true],
  ['a page posts hours later, and it still goes on', known(OWN), told(10 * 60), true],
  ['a day later', known(OWN), told(24 * 60 + 1), false],
  ['a page tells of what began too late and is over', known(OWN), told(181, { endedAt: 200 * MINUTE }), false],
  ['a page’s beginning lies before own evidence', known(OWN), told(-59, { endedAt: 0 }), true],
  ['a page’s beginning lies too far before it, and it is over', known(OWN), told(-61, { endedAt: 0 }), false],
  ['a page tells of another model than failed here', known(OWN, { models: opus }), told(10, { models: sonnet }), false],
  ['a page names no model', known(OWN, { models: opus }), told(10), true],
  ['own evidence was over long before', known(OWN, over), told(91), false],
  ['own evidence was over shortly before', known(OWN, over), told(89), true],
  ['what a hand wrote stays what it wrote', known({ type: 'hand' }), told(0), false],
])('%s', (_case, one, other, same) => {
  expect(isSameEvent(one, other)).toBe(same);
});

it('own evidence joins what a page told before: while that goes on, or soon after it', () => {
  const { page: _none, ...own } = told(0);
  const ended = known(PAGE, over);
  expect(isSameEvent(ended, { ...own, startedAt: 50 * MINUTE })).toBe(true);
  expect(isSameEvent(ended, { ...own, startedAt: 61 * MINUTE })).toBe(false);
  expect(isSameEvent(known(PAGE), { ...own, startedAt: 5 * 60 * MINUTE })).toBe(true);
  expect(isSameEvent(known(PAGE), { ...own, startedAt: 25 * 60 * MINUTE })).toBe(false);
});

it('a title without its region, surface and signs', () => {
  expect(bareTitle('Degraded performance [API (us-east-1.api.x.ai)]')).toBe('degraded performance');
  expect(bareTitle('Degraded  performance (eu-west-1)!')).toBe('degraded performance');
  expect(bareTitle('Errors on Grok 4.1')).toBe('errors on grok 4.1');
});
