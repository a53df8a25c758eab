import { z } from 'zod';
import type { ExchangeDetail, ExchangeSummary } from '../journal/journal.ts';
import type { StatusReport } from './ports.ts';

const milliseconds = z.number().describe('Milliseconds.');
const instant = z.number().describe('UTC, milliseconds since 1970.');
const exchangeId = z
  .string()
  .regex(/^x_[0-9a-hjkmnp-tv-z]{26}$/, 'is no exchange id, as x-understudy-exchange says it')
  .describe('An exchange id, as x-understudy-exchange says it.');

/** The schema of something that exists as a type: what the type says must fit it. */
function describes<Type>() {
  return <Schema extends z.ZodType>(schema: Type extends z.input<Schema> ? Schema : never): Schema => schema;
}

const journalState = z.discriminatedUnion('type', [
  z.object({ type: z.literal('saving') }),
  z.object({ type: z.literal('degraded'), since: instant, reason: z.string(), action: z.string().describe('What to do about it.') }),
]);

const breaker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('closed') }),
  z.object({ type: z.literal('suspect') }),
  z.object({ type: z.literal('open'), since: instant, until: instant, trials: z.number() }),
  z.object({ type: z.literal('half-open'), since: instant, trials: z.number() }),
]);

const targetStatus = z.object({
  target: z.string(),
  verdict: z.enum(['operational', 'degraded', 'down', 'unknown']),
  reasons: z.array(z.string()).describe('In words, newest evidence first.'),
  breaker,
  score: z.number().describe('CUSUM score: 15 suspect, 21 open.'),
  mark: z
    .object({ reason: z.string(), until: instant.optional() })
    .optional()
    .describe("An account's or model's own trouble, apart from the provider's health."),
  limits: z.object({
    headers: milliseconds,
    firstEvent: milliseconds,
    firstEventAlive: milliseconds,
    idle: milliseconds,
    idleAlive: milliseconds,
    whole: milliseconds,
    source: z.enum(['prior', 'learned']),
  }),
  successes: z.number(),
  failures: z.number(),
  lastFault: z.object({ at: instant, message: z.string() }).optional(),
});

export const statusReport = describes<StatusReport>()(
  z.object({
    version: z.string(),
    startedAt: instant,
    address: z.string(),
    data: z.string().describe('The data folder.'),
    journal: journalState,
    running: z.number().describe('Answers under way.'),
    routes: z.array(
      z.object({
        pattern: z.string(),
        targets: z.array(z.string()),
        allow: z.array(z.string()).optional().describe('Only these providers may receive content.'),
        never: z.array(z.string()).describe('These providers never receive content.'),
        save: z.boolean().describe('false: questions and answers are not kept on disk.'),
      }),
    ),
    targets: z.array(targetStatus),
    backupSpend: z
      .object({ spent: z.number(), cap: z.string() })
      .describe('Dollars that backups have cost in the running window, and the most they may.'),
    notices: z.array(z.string()).describe('What the user should know.'),
  }),
);

const attempt = z.object({
  ordinal: z.number(),
  kind: z.string(),
  target: z.string(),
  outcome: z.string(),
  fault: z.string().optional(),
  message: z.string().optional(),
  headersAfter: milliseconds.optional(),
  firstEventAfter: milliseconds.optional(),
  took: milliseconds.optional(),
  losses: z.array(z.string()).optional().describe('What could not be said to this target: where it stood, and why.'),
  edits: z.array(z.string()).optional().describe("What was changed in the client's own bytes for this target, and why."),
});

const summary = z.object({
  id: z.string(),
  at: instant,
  endedAt: instant.optional(),
  dialect: z.string(),
  model: z.string(),
  route: z.string(),
  stream: z.boolean(),
  session: z.string().optional(),
  client: z.string().optional(),
  state: z.string().describe('running, complete, failed, cancelled or interrupted.'),
  target: z.string().optional().describe('Who delivered first.'),
  finish: z.string().optional(),
  attempts: z.array(attempt),
  seams: z.number(),
  usage: z.object({ input: z.number().optional(), output: z.number().optional() }).optional(),
  answer: z.string().optional().describe("The answer's id, as its provider gave it."),
  hole: z.boolean().optional().describe('Entries are missing on disk: nothing could be saved at the time.'),
  entries: z.number().describe('Entries so far.'),
});

export const exchangeSummary = describes<ExchangeSummary>()(summary);

export const exchangeDetail = describes<ExchangeDetail>()(
  summary.extend({
    request: z.string().optional().describe("The request's body as the client sent it; absent with save: off."),
    text: z.string().optional().describe('The answer as far as it came.'),
  }),
);

export const exchangeList = z.object({
  exchanges: z.array(exchangeSummary).describe('Newest first.'),
  next: z.string().optional().describe('Where the next page begins: pass it as before. Absent on the last page.'),
});

export const effectiveConfig = z.record(z.string(), z.unknown());

export const apiError = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().describe('What to do about it.') }),
  endpoints: z.array(z.string()).optional(),
});

const LIMIT = 'is not a whole number from 1 to 200';
const STATES = ['running', 'complete', 'failed', 'cancelled', 'interrupted'] as const;

export const exchangeQuery = z.strictObject({
  limit: z.coerce.number(LIMIT).pipe(z.int(LIMIT).min(1, LIMIT).max(200, LIMIT)).default(50).describe('At most this many.'),
  before: exchangeId.optional().describe('Only exchanges older than this one.'),
  state: z
    .enum(STATES, `is not one of ${STATES.join(', ')}`)
    .optional()
    .describe('Only exchanges in this state.'),
});

export const eventQuery = z.strictObject({
  cursor: z
    .string()
    .regex(/^(-1|\d{1,15})$/)
    .optional()
    .describe('The id of the last event that the reader has; Last-Event-ID says the same and wins.'),
});
