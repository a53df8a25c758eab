import { expect, it } from 'vitest';
import { handNote, type HandNoteAsked, phaseProblem } from './by-hand.ts';

const NOW = Date.UTC(2026, 5, 2, 6);
const HOUR = 3_600_000;
const asked = (more: Partial<HandNoteAsked> = {}): HandNoteAsked => ({
  kind: 'incident',
  title: 'No answers',
  products: ['claude.ai'],
  text: 'We look into it.',
  ...more,
});
const planned = (more: Partial<HandNoteAsked> = {}): HandNoteAsked =>
  asked({ kind: 'maintenance', startedAt: NOW + HOUR, endedAt: NOW + 2 * HOUR, ...more });

it('knows products by the names that people give them, and those that are only in use here', () => {
  const note = handNote(asked({ products: ['claude.ai', 'anthropic/api/claude-opus-4-6', 'llm/api'] }), ['llm/api'], NOW);
  expect(note).toMatchObject({
    ok: true,
    value: { products: ['anthropic/chat', 'anthropic/api', 'llm/api'], models: ['claude-opus-4-6'], phase: 'investigating' },
  });
  expect(handNote(asked({ products: ['llm/api'] }), [], NOW)).toMatchObject({ ok: false, error: { unknown: 'llm/api' } });
});

it('goes by the window of planned work', () => {
  expect(handNote(planned(), [], NOW)).toMatchObject({ value: { phase: 'scheduled' } });
  expect(handNote(planned({ startedAt: NOW - HOUR }), [], NOW)).toMatchObject({ value: { phase: 'in-progress' } });
});

it.each<[HandNoteAsked, string]>([
  [planned({ endedAt: NOW + HOUR }), 'not after its beginning'],
  [asked({ kind: 'maintenance', startedAt: NOW + HOUR }), 'needs its beginning and its end'],
  [asked({ startedAt: NOW + HOUR }), 'in the future'],
  [asked({ endedAt: NOW }), 'is not resolved'],
  [asked({ phase: 'resolved', endedAt: NOW + HOUR }), 'ends in the future'],
  [asked({ phase: 'resolved', startedAt: NOW - HOUR, endedAt: NOW - 2 * HOUR }), 'before its beginning'],
  [asked({ phase: 'scheduled' }), 'investigating, identified, monitoring or resolved, not scheduled'],
])('refuses what cannot be: %j', (note, why) => {
  expect(handNote(note, [], NOW)).toMatchObject({ ok: false, error: { problem: 'bad', why: expect.stringContaining(why) as string } });
});

it('takes each phase of its kind', () => {
  expect(phaseProblem('maintenance', 'verifying')).toBeUndefined();
  expect(phaseProblem('maintenance', 'identified')).toContain('scheduled, in-progress, verifying or resolved');
});
