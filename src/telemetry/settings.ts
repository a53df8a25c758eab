import { z } from 'zod';

const onOff = z.union([z.literal('on'), z.literal('off'), z.boolean()]).transform((value) => value === 'on' || value === true);

export const telemetrySettings = z.strictObject({
  traces: z
    .union([z.literal('auto'), onOff])
    .default('auto')
    .describe(
      'Send OpenTelemetry spans of exchanges and attempts to your own collector. auto: where an endpoint is given here or in OTEL_EXPORTER_OTLP_ENDPOINT. Without one nothing is sent.',
    ),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'an http or https address, such as http://127.0.0.1:4318' })
    .optional()
    .describe('The collector (OTLP over HTTP, in JSON), such as http://127.0.0.1:4318; /v1/traces is added where no path is given.'),
  headers: z
    .record(z.string().regex(/^[\w-]+$/), z.string())
    .default({})
    .describe('What the collector wants to see: its key. They go to nobody else.'),
  propagate: onOff
    .default(false)
    .describe("on: targets are told the trace (traceparent), the attempt as its parent. off: a client's own traceparent stays here."),
});

/** pino's, from the most to the least that is said. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export const logSettings = z.strictObject({
  level: z
    .enum(LOG_LEVELS)
    .default('warn')
    .describe(
      'What is written to standard error. info: also attempts, switches and verdicts, never content. --log-level and UNDERSTUDY_LOG win over it.',
    ),
  format: z
    .enum(['auto', 'json', 'text'])
    .default('auto')
    .describe('json: a line of JSON each; text: sentences. auto: sentences on a terminal, else JSON.'),
});

export type TelemetrySettings = z.output<typeof telemetrySettings>;
export type LogSettings = z.output<typeof logSettings>;
