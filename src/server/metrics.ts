import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptEnd, AttemptKind, AttemptOutcome, ExchangeOutcome, Opening } from '../journal/entry.ts';
import type { Change, Journal } from '../journal/journal.ts';
import { type Target, targetName } from '../exchange/target.ts';
import { shortLivedMap } from '../exchange/short-lived-map.ts';
import { genAiMetrics } from './gen-ai-metrics.ts';
import { targetGauges, type StatusFigures } from './target-gauges.ts';

/** Figures that only the server itself knows. */
export interface ServerFigures {
  /** Bytes that requests under way hold. */
  inFlight(): number;
  connections(): Promise<number>;
  /** Requests that wait to be asked again. */
  deferred(): number;
  status(): StatusFigures;
  /** Where a provider is reached. */
  baseUrl(provider: string): string | undefined;
}

export interface Metrics {
  contentType: string;
  /** The Prometheus text format. */
  render(): Promise<string>;
  close(): void;
}

/** Model names come from clients. Beyond so many different targets the rest share one label, so a scrape stays small. */
const MOST_TARGETS = 200;

/** Seconds. From a quick answer to the longest that people wait for. */
const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45, 90, 180, 600];

interface Running {
  opening: Opening;
  /** When the attempts began, by ordinal. */
  attempts: Map<number, { target: Target; label: string; kind: AttemptKind; at: number }>;
  waited: boolean;
}

/** Counts what the journal reports: a few steps per exchange, none per chunk. */
export function metricsOf(journal: Journal, figures: ServerFigures): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const exchanges = new Counter({
    name: 'understudy_exchanges_total',
    help: 'Exchanges that have ended.',
    labelNames: ['dialect', 'outcome'],
    registers,
  });
  const attempts = new Counter({
    name: 'understudy_attempts_total',
    help: 'Calls to targets that have ended.',
    labelNames: ['target', 'kind', 'outcome', 'fault', 'symptom'],
    registers,
  });
  const switches = new Counter({
    name: 'understudy_switches_total',
    help: 'Attempts after the first one, by why they were made.',
    labelNames: ['kind'],
    registers,
  });
  const seams = new Counter({ name: 'understudy_seams_total', help: 'Answers joined from two attempts.', labelNames: ['join'], registers });
  const hedges = new Counter({
    name: 'understudy_hedges_total',
    help: 'Attempts beside a slow one, by what became of them.',
    labelNames: ['result'],
    registers,
  });
  const added = new Histogram({
    name: 'understudy_added_wait_seconds',
    help: 'From the request to the start of the attempt that delivers: what failed attempts cost the client.',
    labelNames: ['dialect'],
    buckets: [0.005, ...SECONDS],
    registers,
  });
  const firstEvent = new Histogram({
    name: 'understudy_first_event_seconds',
    help: 'From the start of an attempt to its first words.',
    labelNames: ['target'],
    buckets: SECONDS,
    registers,
  });
  gauge('understudy_running', 'Exchanges under way.', () => journal.running().length);
  gauge('understudy_deferred', 'Requests that nobody could answer, and that wait to be asked again.', () => figures.deferred());
  gauge('understudy_journal_saving', '1 while answers are saved before they are sent, 0 while the journal is degraded.', () =>
    journal.state().type === 'saving' ? 1 : 0,
  );
  gauge('understudy_in_flight_bytes', 'What requests under way take of server.inFlight.', () => figures.inFlight());
  gauge('understudy_connections', 'Open client connections.', () => figures.connections());

  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  }

  const targets = new Set<string>();
  const genAi = genAiMetrics(figures.baseUrl);
  targetGauges(registry, figures.status, targetLabel);
  spanCounters();

  /** Counters that are kept elsewhere: read at each scrape, absent where no spans are sent. */
  function spanCounters(): void {
    new Counter({
      name: 'understudy_spans_total',
      help: 'Spans by what became of them.',
      labelNames: ['result'],
      registers,
      collect() {
        const { spans } = figures.status();
        if (!spans) return;
        this.reset();
        this.inc({ result: 'exported' }, spans.exported);
        this.inc({ result: 'dropped' }, spans.dropped);
      },
    });
  }

  const running = shortLivedMap<Running>();

  function targetLabel(name: string): string {
    if (targets.has(name)) return name;
    if (targets.size >= MOST_TARGETS) return 'other';
    targets.add(name);
    return name;
  }

  function onChange(change: Change): void {
    if (change.type === 'opened') {
      running.set(change.exchange, { opening: change.opening, attempts: new Map(), waited: false });
      return;
    }
    const exchange = running.get(change.exchange);
    if (!exchange) return;
    const { entry } = change;
    switch (entry.type) {
      case 'attempt':
        exchange.attempts.set(entry.ordinal, {
          target: entry.target,
          label: targetLabel(targetName(entry.target)),
          kind: entry.kind,
          at: change.at,
        });
        if (entry.kind !== 'first') switches.inc({ kind: entry.kind });
        return;
      case 'attempt-end': {
        const attempt = exchange.attempts.get(entry.ordinal);
        if (!attempt) return;
        attempts.inc({ target: attempt.label, kind: attempt.kind, ...outcomeLabels(entry.outcome) });
        if (attempt.kind === 'hedge') hedges.inc({ result: hedgeResult(entry) });
        genAi.count(attempt.target, attempt.label, exchange.opening.stream, entry);
        if (entry.firstEventAfter === undefined) return;
        firstEvent.observe({ target: attempt.label }, entry.firstEventAfter / 1000);
        wait(exchange, attempt.at);
        return;
      }
      case 'seam':
        seams.inc({ join: entry.join });
        return;
      case 'end':
        running.delete(change.exchange);
        exchanges.inc({ dialect: exchange.opening.dialect, outcome: outcomeLabel(entry.outcome) });
        return;
      case 'head':
        return;
    }
  }

  /** The first attempt that brought words is the one that the client waited for. */
  function wait(exchange: Running, startedAt: number): void {
    if (exchange.waited) return;
    exchange.waited = true;
    added.observe({ dialect: exchange.opening.dialect }, Math.max(0, startedAt - exchange.opening.at) / 1000);
  }

  const unsubscribe = journal.subscribe(onChange);
  return { contentType: registry.contentType, render: async () => `${await registry.metrics()}\n${genAi.render()}`, close: unsubscribe };
}

function outcomeLabels(outcome: AttemptOutcome): { outcome: string; fault: string; symptom: string } {
  if (outcome.type !== 'failed') return { outcome: outcome.type, fault: '', symptom: '' };
  return { outcome: 'failed', fault: outcome.fault.class, symptom: outcome.fault.symptom };
}

/** Won: it spoke first, whatever came of its answer. */
function hedgeResult({ outcome, firstEventAfter }: AttemptEnd): string {
  if (outcome.type === 'cancelled') return 'lost';
  return outcome.type === 'whole' || firstEventAfter !== undefined ? 'won' : 'failed';
}

function outcomeLabel(outcome: ExchangeOutcome): string {
  return outcome.type;
}
