import type { Target } from '../exchange/target.ts';
import type { AttemptEnd } from '../journal/entry.ts';
import { DURATION_BUCKETS, errorType, operationName, providerName, serverOf, TOKEN_BUCKETS } from '../telemetry/gen-ai.ts';

/** Attempts under the names of OpenTelemetry's GenAI conventions. */
export interface GenAiMetrics {
  /** An attempt has ended. `label`: its target's name, or `other` beyond the most that are told apart. */
  count(target: Target, label: string, stream: boolean, end: AttemptEnd): void;
  /** Prometheus text. */
  render(): string;
}

interface Distribution {
  /** By bucket, not cumulated; what is beyond the last boundary only counts. */
  buckets: number[];
  sum: number;
  count: number;
}

const COUNTERS = {
  input: ['input_tokens', 'Input tokens, cached ones included.'],
  output: ['output_tokens', 'Output tokens, reasoning included.'],
  cacheRead: ['cache_read_input_tokens', 'Input tokens read from a cache.'],
  cacheWrite: ['cache_write_input_tokens', 'Input tokens written to a cache.'],
  reasoning: ['reasoning_output_tokens', 'Output tokens of reasoning.'],
} as const;

type Counted = keyof typeof COUNTERS;

/** All that is counted of one target. */
interface Cell {
  /** `gen_ai_operation_name="chat",…`. */
  labels: string;
  /** By `error.type`; empty: none. */
  durations: Map<string, Distribution>;
  firstChunk: Distribution;
  tokens: Record<'input' | 'output', Distribution>;
  counters: Partial<Record<Counted, number>>;
}

/**
 * Names as OpenTelemetry's Prometheus exporters write them (dots become underscores, `{token}` adds nothing, seconds add `_seconds`):
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 * `gen_ai.client.token.usage` is what v1.41 and dashboards have; the counters beside it are what has taken its place since.
 *
 * Added up here and not by prom-client, which makes a key of all labels at each observation: 4.8 µs an attempt there, 0.6 here (CPU time,
 * Node 26, an attempt with usage).
 */
export function genAiMetrics(baseUrl: (provider: string) => string | undefined): GenAiMetrics {
  const cells = new Map<string, Cell>();

  function cellOf(target: Target, label: string): Cell {
    const operation = operationName(target.dialect);
    const url = label === 'other' ? undefined : baseUrl(target.provider);
    const key = `${operation} ${url} ${label}`;
    const known = cells.get(key);
    if (known) return known;
    const server = serverOf(url);
    const cell: Cell = {
      labels: labelText({
        gen_ai_operation_name: operation,
        gen_ai_provider_name: label === 'other' ? 'other' : providerName(target),
        gen_ai_request_model: label === 'other' ? 'other' : target.model,
        server_address: server?.address ?? '',
        server_port: server ? String(server.port) : '',
      }),
      durations: new Map(),
      firstChunk: distribution(DURATION_BUCKETS),
      tokens: { input: distribution(TOKEN_BUCKETS), output: distribution(TOKEN_BUCKETS) },
      counters: {},
    };
    cells.set(key, cell);
    return cell;
  }

  function count(target: Target, label: string, stream: boolean, { outcome, took, firstEventAfter, usage }: AttemptEnd): void {
    const cell = cellOf(target, label);
    // Who was given up by us did not end in an error, and its time says nothing.
    if (outcome.type !== 'cancelled') {
      const error = outcome.type === 'failed' ? errorType(outcome.fault) : '';
      let duration = cell.durations.get(error);
      if (!duration) cell.durations.set(error, (duration = distribution(DURATION_BUCKETS)));
      observe(duration, DURATION_BUCKETS, took / 1000);
    }
    if (stream && firstEventAfter !== undefined) observe(cell.firstChunk, DURATION_BUCKETS, firstEventAfter / 1000);
    if (!usage) return;
    for (const name in COUNTERS) {
      const tokens = usage[name as Counted];
      if (tokens === undefined) continue;
      cell.counters[name as Counted] = (cell.counters[name as Counted] ?? 0) + tokens;
      if (name === 'input' || name === 'output') observe(cell.tokens[name], TOKEN_BUCKETS, tokens);
    }
  }

  function render(): string {
    const all = [...cells.values()];
    const lines = [
      ...head('gen_ai_client_operation_duration_seconds', 'histogram', 'GenAI operation duration.'),
      ...all.flatMap(({ labels, durations }) =>
        [...durations].flatMap(([error, duration]) =>
          histogram(
            'gen_ai_client_operation_duration_seconds',
            `${labels},${labelText({ error_type: error })}`,
            DURATION_BUCKETS,
            duration,
          ),
        ),
      ),
      ...head('gen_ai_client_operation_time_to_first_chunk_seconds', 'histogram', 'Time to the first content of a streamed answer.'),
      ...all.flatMap(({ labels, firstChunk }) =>
        histogram('gen_ai_client_operation_time_to_first_chunk_seconds', labels, DURATION_BUCKETS, firstChunk),
      ),
      ...head('gen_ai_client_token_usage', 'histogram', 'Number of input and output tokens used.'),
      ...all.flatMap(({ labels, tokens }) =>
        (['input', 'output'] as const).flatMap((type) =>
          histogram('gen_ai_client_token_usage', `${labels},${labelText({ gen_ai_token_type: type })}`, TOKEN_BUCKETS, tokens[type]),
        ),
      ),
    ];
    for (const [counted, [name, help]] of Object.entries(COUNTERS)) {
      const full = `gen_ai_client_inference_usage_${name}_total`;
      lines.push(...head(full, 'counter', help));
      for (const { labels, counters } of all) {
        const value = counters[counted as Counted];
        if (value !== undefined) lines.push(`${full}{${labels}} ${value}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }

  return { count, render };
}

function distribution(boundaries: readonly number[]): Distribution {
  return { buckets: boundaries.map(() => 0), sum: 0, count: 0 };
}

function observe(into: Distribution, boundaries: readonly number[], value: number): void {
  into.sum += value;
  into.count += 1;
  const place = boundaries.findIndex((boundary) => value <= boundary);
  if (place >= 0) into.buckets[place]! += 1;
}

function head(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function histogram(name: string, labels: string, boundaries: readonly number[], { buckets, sum, count }: Distribution): string[] {
  if (count === 0) return [];
  let below = 0;
  return [
    ...boundaries.map((boundary, place) => `${name}_bucket{le="${boundary}",${labels}} ${(below += buckets[place]!)}`),
    `${name}_bucket{le="+Inf",${labels}} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ];
}

/** The text format's escapes: https://prometheus.io/docs/instrumenting/exposition_formats/ */
function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`)
    .join(',');
}
