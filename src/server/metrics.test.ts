import { expect, test } from 'vitest';
import type { Opening } from '../journal/entry.ts';
import type { Change, Journal } from '../journal/journal.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import { attempt, complete, failed, stage } from './testing/scripted-ports.ts';

const figures = { inFlight: () => 42, deferred: () => 0, connections: () => Promise.resolve(3) };

/** Metrics, and the means to report changes to them. */
function counting(): { metrics: Metrics; report: (change: Change) => void; listeners: () => number } {
  const listeners = new Set<(change: Change) => void>();
  const journal: Journal = {
    ...stage().journal,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return {
    metrics: metricsOf(journal, figures),
    report: (change) => listeners.forEach((listener) => listener(change)),
    listeners: () => listeners.size,
  };
}

const opening: Opening = {
  id: 'x',
  at: 1000,
  dialect: 'openai-chat',
  model: 'm',
  route: 'default',
  stream: true,
  principal: 'local',
  save: true,
};
const opened = (exchange: string): Change => ({ version: 1, exchange, at: 1000, type: 'opened', opening: { ...opening, id: exchange } });
const entry = (exchange: string, at: number, happened: Extract<Change, { type: 'entry' }>['entry']): Change => ({
  version: 1,
  exchange,
  at,
  type: 'entry',
  entry: happened,
});

test('what happened is counted once, under its labels', async () => {
  const { metrics, report } = counting();
  report(opened('a'));
  report(entry('a', 1000, attempt(0, 'lead')));
  report(
    entry('a', 3000, {
      type: 'attempt-end',
      ordinal: 0,
      outcome: { type: 'failed', fault: { class: 'provider-fault', symptom: 'headers-timeout', message: '' } },
      took: 2000,
    }),
  );
  report(entry('a', 3000, attempt(1, 'backup')));
  report(entry('a', 3100, { type: 'seam', from: 'lead/m', to: 'backup/m', delivered: 1, join: 'overlap' }));
  report(
    entry('a', 4000, { type: 'attempt-end', ordinal: 1, outcome: { type: 'whole', mended: false }, firstEventAfter: 300, took: 1000 }),
  );
  report(entry('a', 4000, complete));
  report(opened('b'));
  report(entry('b', 1001, failed(false)));
  const text = await metrics.render();
  for (const line of [
    'understudy_exchanges_total{dialect="openai-chat",outcome="complete"} 1',
    'understudy_exchanges_total{dialect="openai-chat",outcome="failed"} 1',
    'understudy_attempts_total{target="lead/m",outcome="failed",fault="provider-fault",symptom="headers-timeout"} 1',
    'understudy_attempts_total{target="backup/m",outcome="whole",fault="",symptom=""} 1',
    'understudy_switches_total{kind="next"} 1',
    'understudy_seams_total{join="overlap"} 1',
    'understudy_added_wait_seconds_sum{dialect="openai-chat"} 2',
    'understudy_added_wait_seconds_count{dialect="openai-chat"} 1',
    'understudy_first_event_seconds_sum{target="backup/m"} 0.3',
    'understudy_running 0',
    'understudy_journal_saving 1',
    'understudy_in_flight_bytes 42',
    'understudy_connections 3',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

test('names that clients make up do not make it grow without bounds', async () => {
  const { metrics, report } = counting();
  for (let count = 0; count < 1000; count++) {
    const id = `x${count}`;
    report(opened(id));
    report(entry(id, 1000, attempt(0, `provider-${count}`)));
    report(entry(id, 1001, { type: 'attempt-end', ordinal: 0, outcome: { type: 'cancelled' }, firstEventAfter: 1, took: 1 }));
    report(entry(id, 1002, complete));
  }
  const attempts = (await metrics.render()).split('\n').filter((line) => line.startsWith('understudy_attempts_total'));
  expect(attempts.length).toBeLessThanOrEqual(201);
  expect(attempts).toContain('understudy_attempts_total{target="other",outcome="cancelled",fault="",symptom=""} 800');
});

test('a degraded journal shows', async () => {
  const degraded = stage({ state: { type: 'degraded', since: 1, reason: 'disk full', action: 'free some' } });
  expect(await metricsOf(degraded.journal, figures).render()).toContain('understudy_journal_saving 0');
});

test('servers count apart, and let go when they close', async () => {
  const [one, two] = [counting(), counting()];
  one.report(opened('a'));
  one.report(entry('a', 1, complete));
  expect(await one.metrics.render()).toContain('understudy_exchanges_total{');
  expect(await two.metrics.render()).not.toContain('understudy_exchanges_total{');
  one.metrics.close();
  expect(one.listeners()).toBe(0);
});
