import { expect, test } from 'vitest';
import type { ExchangeSummary } from '../../journal/journal.ts';
import type { Signal } from '../../telemetry/signal.ts';
import { signalText } from './signal-text.ts';
import { switchIn } from '../run/switch-seen.ts';

const ended = { version: 1, at: 1, type: 'exchange-ended', exchange: 'x', model: 'm', route: 'r', attempts: 2, seams: 0, took: 9 } as const;

test('what failed is said in words', () => {
  const failed = (more: object): string | undefined => signalText({ ...ended, outcome: 'failed', ...more } as Signal);
  expect(failed({ fault: { class: 'provider-fault', symptom: 'status', status: 503 } })).toBe(
    'nobody could answer m (one of those asked answered 503)',
  );
  expect(failed({ fault: { class: 'provider-fault', symptom: 'first-event-timeout' } })).toContain('did not begin to answer in time');
  expect(failed({})).toBe('nobody could answer m');
  // Somebody did answer, as far as it went.
  expect(failed({ target: 'a/m', fault: { class: 'provider-fault', symptom: 'reset' } })).toBe(
    'the answer of a/m to m broke off and could not be carried on',
  );
  expect(signalText({ ...ended, outcome: 'complete' })).toBeUndefined();
});

test('a switch is seen once somebody else answers', () => {
  const attempt = (target: string, outcome: string, more: object = {}): ExchangeSummary['attempts'][number] => ({
    ordinal: 0,
    kind: 'next',
    target,
    outcome,
    ...more,
  });
  const seen = (attempts: ExchangeSummary['attempts'], more: object = {}): ReturnType<typeof switchIn> =>
    switchIn({ id: 'x', at: 1, attempts, seams: 0, ...more } as ExchangeSummary);
  const lead = attempt('lead/m', 'failed', { fault: 'provider-fault/idle-timeout' });
  expect(seen([lead, attempt('backup/m', 'running')])).toBeUndefined();
  expect(seen([lead, attempt('backup/m', 'running')], { target: 'backup/m' })).toMatchObject({ to: 'backup/m', why: 'it fell silent' });
  expect(seen([lead, attempt('backup/m', 'whole')])).toMatchObject({ from: 'lead/m', to: 'backup/m', why: 'it fell silent' });
  expect(seen([lead, attempt('backup/m', 'failed')])).toBeUndefined();
});
