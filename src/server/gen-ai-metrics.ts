import { Counter, Histogram, type Registry } from 'prom-client';
import type { Target } from '../exchange/target.ts';
import type { AttemptEnd } from '../journal/entry.ts';
import { DURATION_BUCKETS, errorType, operationName, providerName, serverOf, TOKEN_BUCKETS } from '../telemetry/gen-ai.ts';

const COMMON = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model', 'server_address', 'server_port'] as const;

/** What is counted of an attempt that has ended. `label`: its target's name, or `other` beyond the most that are told apart. */
export type GenAiCount = (target: Target, label: string, stream: boolean, end: AttemptEnd) => void;

/**
 * Attempts under the names of OpenTelemetry's GenAI conventions, as its Prometheus exporters write them (dots become underscores, `{token}`
 * adds nothing, seconds add `_seconds`): https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
 * `gen_ai.client.token.usage` is what v1.41 and dashboards have; the counters beside it are what has taken its place since.
 */
export function genAiMetrics(registry: Registry, baseUrl: (provider: string) => string | undefined): GenAiCount {
  const registers = [registry];
  const duration = new Histogram({
    name: 'gen_ai_client_operation_duration_seconds',
    help: 'GenAI operation duration.',
    labelNames: [...COMMON, 'error_type'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const firstChunk = new Histogram({
    name: 'gen_ai_client_operation_time_to_first_chunk_seconds',
    help: 'Time to the first content of a streamed answer.',
    labelNames: [...COMMON],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const usage = new Histogram({
    name: 'gen_ai_client_token_usage',
    help: 'Number of input and output tokens used.',
    labelNames: [...COMMON, 'gen_ai_token_type'],
    buckets: TOKEN_BUCKETS,
    registers,
  });
  const counter = (name: string, help: string): Counter<(typeof COMMON)[number]> =>
    new Counter({ name: `gen_ai_client_inference_usage_${name}_total`, help, labelNames: [...COMMON], registers });
  const input = counter('input_tokens', 'Input tokens, cached ones included.');
  const output = counter('output_tokens', 'Output tokens, reasoning included.');
  const cacheRead = counter('cache_read_input_tokens', 'Input tokens read from a cache.');
  const cacheWrite = counter('cache_write_input_tokens', 'Input tokens written to a cache.');
  const reasoning = counter('reasoning_output_tokens', 'Output tokens of reasoning.');

  /** Few: one for each provider that is or was configured. */
  const servers = new Map<string | undefined, ReturnType<typeof serverOf>>();

  function serverAt(url: string | undefined): ReturnType<typeof serverOf> {
    if (!servers.has(url)) servers.set(url, serverOf(url));
    return servers.get(url);
  }

  return (target, label, stream, end) => {
    const known = label !== 'other';
    const server = serverAt(baseUrl(target.provider));
    const common = {
      gen_ai_operation_name: operationName(target.dialect),
      gen_ai_provider_name: known ? providerName(target) : 'other',
      gen_ai_request_model: known ? target.model : 'other',
      server_address: known ? (server?.address ?? '') : '',
      server_port: known && server ? String(server.port) : '',
    };
    const { outcome } = end;
    // Who was given up by us did not end in an error.
    const error = outcome.type === 'failed' ? errorType(outcome.fault) : '';
    if (outcome.type !== 'cancelled') duration.observe({ ...common, error_type: error }, end.took / 1000);
    if (stream && end.firstEventAfter !== undefined) firstChunk.observe(common, end.firstEventAfter / 1000);
    const used = end.usage;
    if (!used) return;
    if (used.input !== undefined) {
      usage.observe({ ...common, gen_ai_token_type: 'input' }, used.input);
      input.inc(common, used.input);
    }
    if (used.output !== undefined) {
      usage.observe({ ...common, gen_ai_token_type: 'output' }, used.output);
      output.inc(common, used.output);
    }
    if (used.cacheRead !== undefined) cacheRead.inc(common, used.cacheRead);
    if (used.cacheWrite !== undefined) cacheWrite.inc(common, used.cacheWrite);
    if (used.reasoning !== undefined) reasoning.inc(common, used.reasoning);
  };
}
