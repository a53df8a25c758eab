import { expect, test } from 'vitest';
import type { Opening } from '../journal/entry.ts';
import type { Change, Journal } from '../journal/journal.ts';
import type { StatusFigures } from './target-gauges.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import { attempt, complete, failed, stage } from './testing/scripted-ports.ts';

const status: StatusFigures = {
  targets: [
    {
      target: 'lead/m',
      verdict: 'down',
      reasons: [],
      breaker: { type: 'open', since: 1, until: 2, trials: 0 },
      score: 24,
      mark: { reason: '401' },
      limits: {
        headers: 1,
        firstEvent: 1,
        firstEventAlive: 1,
        idle: 1,
        idleAlive: 1,
        thinking: 1,
        thinkingAlive: 1,
        whole: 1,
        source: 'prior',
      },
      explained: { requests: '', limits: [] },
      successes: 0,
      failures: 3,
      rooms: [{ account: 'key', kind: 'tokens', window: 'minute', remaining: 1200 }],
      concurrency: { now: 2, most: 4, waiting: 1 },
    },
  ],
  spans: { to: 'http://127.0.0.1:4318/v1/traces', exported: 7, dropped: 1, queued: 0 },
  spend: [{ setting: 'failover.backupSpend', who: 'Backups', dollars: 5, per: 'day', spent: 1.5, underWay: 0, resetsAt: 1 }],
};
const figures = {
  status: () => status,
  baseUrl: (provider: string) => (provider === 'lead' ? 'https://api.lead.example/v1' : undefined),
  inFlight: () => 42,
  deferred: () => 0,
  connections: () => Promise.resolve(3),
};

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
    'understudy_attempts_total{target="lead/m",kind="first",outcome="failed",fault="provider-fault",symptom="headers-timeout"} 1',
    'understudy_attempts_total{target="backup/m",kind="next",outcome="whole",fault="",symptom=""} 1',
    'understudy_switches_total{kind="next"} 1',
    'understudy_seams_total{join="overlap"} 1',
    'understudy_added_wait_seconds_sum{dialect="openai-chat"} 2',
    'understudy_added_wait_seconds_count{dialect="openai-chat"} 1',
    'understudy_first_event_seconds_sum{target="backup/m"} 0.3',
    'understudy_target_verdict{target="lead/m",verdict="down"} 1',
    'understudy_target_verdict{target="lead/m",verdict="operational"} 0',
    'understudy_target_breaker{target="lead/m",state="open"} 1',
    'understudy_target_set_aside{target="lead/m"} 1',
    'understudy_rate_limit_remaining{target="lead/m",account="key",kind="tokens",window="minute"} 1200',
    'understudy_target_requests{target="lead/m",state="waiting"} 1',
    'understudy_spend_dollars{cap="failover.backupSpend"} 1.5',
    'understudy_spend_cap_dollars{cap="failover.backupSpend"} 5',
    'understudy_spans_total{result="dropped"} 1',
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
  expect(attempts).toContain('understudy_attempts_total{target="other",kind="first",outcome="cancelled",fault="",symptom=""} 800');
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

test('a quote or a line break in a name breaks no line', async () => {
  const { metrics, report } = counting();
  report(opened('a'));
  const odd = attempt(0, 'lead');
  report(entry('a', 1, { ...odd, target: { ...odd.target, model: 'a "quote"\\\nx' } }));
  report(entry('a', 2, { type: 'attempt-end', ordinal: 0, outcome: { type: 'whole', mended: false }, took: 1000 }));
  const lines = (await metrics.render()).split('\n').filter((line) => line.startsWith('gen_ai_client_operation_duration_seconds_sum'));
  expect(lines).toEqual([expect.stringContaining(String.raw`gen_ai_request_model="a \"quote\"\\\nx"`)]);
  for (const line of (await metrics.render()).split('\n')) expect(line).toMatch(/^$|^# |^[a-z_]+(\{.*\})? \S+$/);
});

test('attempts are told by the names of the conventions, once each', async () => {
  const { metrics, report } = counting();
  report(opened('a'));
  report(entry('a', 1000, attempt(0, 'lead')));
  const fault = { class: 'provider-fault', symptom: 'status', status: 529, message: '' } as const;
  report(entry('a', 1300, { type: 'attempt-end', ordinal: 0, outcome: { type: 'failed', fault }, took: 300 }));
  report(entry('a', 1300, { ...attempt(1, 'google'), kind: 'hedge' }));
  report(
    entry('a', 2000, {
      type: 'attempt-end',
      ordinal: 1,
      outcome: { type: 'whole', mended: false },
      firstEventAfter: 500,
      took: 700,
      usage: { input: 30, output: 5, cacheRead: 20 },
    }),
  );
  report(entry('a', 2000, attempt(2, 'lead')));
  report(entry('a', 2001, { type: 'attempt-end', ordinal: 2, outcome: { type: 'cancelled' }, took: 1 }));
  const lines = (await metrics.render()).split('\n');
  const lead =
    'gen_ai_operation_name="chat",gen_ai_provider_name="lead",gen_ai_request_model="m",server_address="api.lead.example",server_port="443"';
  const backup = 'gen_ai_operation_name="chat",gen_ai_provider_name="gcp.gemini",gen_ai_request_model="m",server_address="",server_port=""';
  for (const line of [
    `gen_ai_client_operation_duration_seconds_bucket{le="0.32",${lead},error_type="529"} 1`,
    `gen_ai_client_operation_duration_seconds_count{${lead},error_type="529"} 1`,
    `gen_ai_client_operation_duration_seconds_sum{${backup},error_type=""} 0.7`,
    `gen_ai_client_operation_time_to_first_chunk_seconds_sum{${backup}} 0.5`,
    `gen_ai_client_token_usage_sum{${backup},gen_ai_token_type="input"} 30`,
    `gen_ai_client_token_usage_bucket{le="16",${backup},gen_ai_token_type="output"} 1`,
    `gen_ai_client_inference_usage_output_tokens_total{${backup}} 5`,
    `gen_ai_client_inference_usage_cache_read_input_tokens_total{${backup}} 20`,
    'understudy_hedges_total{result="won"} 1',
  ]) {
    expect(lines).toContain(line);
  }
  expect(lines.filter((line) => line.startsWith('gen_ai_client_operation_duration_seconds_count'))).toHaveLength(2);
});
