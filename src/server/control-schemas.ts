import { z } from 'zod';
import type { ExchangeDetail, ExchangeSummary } from '../journal/journal.ts';
import type { StatusReport } from './ports.ts';

const milliseconds = z.number().describe('Milliseconds.');
const instant = z.number().describe('UTC, milliseconds since 1970.');
const dollars = z.number().describe('Dollars, by known prices; estimated where the provider did not count.');
const exchangeId = z
  .string()
  .regex(/^x_[0-9a-hjkmnp-tv-z]{26}$/, 'is no exchange id, as x-understudy-exchange says it')
  .describe('An exchange id, as x-understudy-exchange says it.');

/** The schema of something that exists as a type: what the type says must fit it. */
export function describes<Type>() {
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
    thinking: milliseconds,
    thinkingAlive: milliseconds,
    whole: milliseconds,
    source: z.enum(['prior', 'learned']),
  }),
  explained: z
    .object({
      requests: z.string().describe('Which requests the limits are for, in words.'),
      limits: z.array(
        z.object({
          limit: z.enum(['headers', 'firstEvent', 'firstEventAlive', 'idle', 'idleAlive', 'thinking', 'thinkingAlive', 'whole']),
          ms: milliseconds,
          from: z
            .enum(['set', 'prior', 'learned', 'all', 'derived'])
            .describe("set: by the user. all: a prior, held against all of the target's answers. derived: from other limits."),
          answers: z.number().optional().describe('How many answers it was learned from.'),
          p50: milliseconds.optional(),
          p95: milliseconds.optional(),
          p99: milliseconds.optional(),
          factor: z.number().optional().describe('What p99 is multiplied by.'),
          floor: milliseconds.optional(),
          ceiling: milliseconds.optional(),
          said: z.string().describe('The same in words.'),
        }),
      ),
    })
    .describe('How each limit came about.'),
  successes: z.number(),
  failures: z.number(),
  lastFault: z.object({ at: instant, message: z.string() }).optional(),
  rooms: z
    .array(
      z.object({
        account: z.string().describe('Label of the credential: key, key 2.'),
        kind: z.enum(['requests', 'tokens', 'input-tokens', 'output-tokens', 'share']),
        window: z.string().optional().describe('The span that it is counted over, where the provider says so.'),
        limit: z.number().optional(),
        remaining: z.number(),
        reset: instant.optional(),
      }),
    )
    .optional()
    .describe("What is left of each account's limits, as the provider's own headers have told it."),
  concurrency: z
    .object({
      now: z.number(),
      most: z.number(),
      waiting: z.number(),
      line: z
        .array(z.object({ principal: z.string(), priority: z.enum(['interactive', 'normal', 'batch']) }))
        .optional()
        .describe('Who waits, in the order in which they would be served if nobody else came.'),
    })
    .optional()
    .describe('Requests at once, where the settings limit them.'),
  passedOver: z
    .array(
      z.object({
        routes: z.array(z.string()),
        reason: z.string(),
        until: instant.optional().describe('When it may be otherwise; absent: as soon as an answer under way is done.'),
      }),
    )
    .optional()
    .describe('What keeps it from being asked now, on those routes, besides its health: a cap on money, or places that are all taken.'),
});

const capState = z.object({
  setting: z.string().describe('The setting that says it, such as failover.backupSpend.'),
  who: z.string().describe('Whose spending it bounds.'),
  dollars: z.number().describe('Most dollars in a window.'),
  per: z.enum(['hour', 'day', 'month']),
  spent: z.number().describe('Dollars spent in the window that is running.'),
  underWay: z.number().describe('Dollars that answers under way are expected to cost.'),
  resetsAt: instant,
});

export const statusReport = describes<StatusReport>()(
  z.object({
    version: z.string(),
    startedAt: instant,
    address: z.string(),
    data: z.string().describe('The data folder.'),
    journal: journalState,
    running: z.number().describe('Answers under way.'),
    deferred: z.number().describe('Requests that nobody could answer, and that wait to be asked again.'),
    routes: z.array(
      z.object({
        pattern: z.string(),
        targets: z.array(z.string()),
        allow: z.array(z.string()).optional().describe('Only these providers may receive content.'),
        never: z.array(z.string()).describe('These providers never receive content.'),
        save: z.boolean().describe('false: questions and answers are not kept on disk.'),
        turns: z
          .array(z.object({ target: z.string(), dollars: z.number() }))
          .optional()
          .describe("What an agent's turn of 150,000 tokens would cost at each target of known price that has nothing of it in its cache."),
      }),
    ),
    targets: z.array(targetStatus),
    away: z.record(z.string(), z.number()).describe('Conversations that stay with another target than their lead for now, by that target.'),
    spend: z.array(capState).describe('What counts against the caps on money: that on backups first.'),
    spans: z
      .object({ to: z.string(), exported: z.number(), dropped: z.number(), queued: z.number() })
      .optional()
      .describe('Where OpenTelemetry spans are sent, and what became of them; absent: nowhere.'),
    local: z
      .object({
        services: z.array(z.object({ provider: z.string(), title: z.string(), baseUrl: z.string(), models: z.number() })),
        routes: z
          .array(z.object({ route: z.string(), targets: z.array(z.string()) }))
          .describe('Which routes lead to them, first choice first.'),
      })
      .optional()
      .describe('Model services on this machine that were found; absent: none. More at /api/local.'),
    drill: z
      .object({ at: instant, score: z.number(), sentence: z.string() })
      .optional()
      .describe('The last drill on your own routes: how ready the backups were, 0 to 100.'),
    space: z
      .object({
        free: z.number(),
        total: z.number(),
        level: z
          .enum(['plenty', 'soon', 'low', 'critical'])
          .describe('soon: used up within days at the present pace; critical: what is not essential waits.'),
        grown: z.object({ bytes: z.number(), within: milliseconds }).optional(),
        fullIn: milliseconds.optional(),
      })
      .optional()
      .describe('Bytes on the disk of the data folder, and how long they last where that is within a week.'),
    notices: z.array(z.string()).describe('What the user should know.'),
  }),
);

const attempt = z.object({
  ordinal: z.number(),
  kind: z.string().describe('Why it was made: first, retry, next, canary, hop or hedge.'),
  target: z.string(),
  outcome: z.string(),
  fault: z.string().optional(),
  message: z.string().optional(),
  headersAfter: milliseconds.optional(),
  firstEventAfter: milliseconds.optional(),
  took: milliseconds.optional(),
  cost: dollars.optional(),
  losses: z
    .array(z.string())
    .optional()
    .describe('What could not be said to this target, and of its answer to the client: where it stood, and why.'),
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
  state: z
    .string()
    .describe(
      'running, complete, failed, cancelled or interrupted; deferred: waits to be asked again; answered: waited, and was answered.',
    ),
  answeredBy: z.string().optional().describe('The exchange that answered this one, which had been deferred.'),
  runs: z.string().optional().describe('The deferred exchange that this one is to answer.'),
  target: z.string().optional().describe('Who delivered first.'),
  finish: z.string().optional(),
  attempts: z.array(attempt),
  seams: z.number(),
  usage: z.object({ input: z.number().optional(), output: z.number().optional() }).optional(),
  cost: dollars.optional().describe('Dollars that its attempts have cost in all, where prices are known.'),
  answer: z.string().optional().describe("The answer's id, as its provider gave it."),
  hole: z.boolean().optional().describe('Entries are missing on disk: nothing could be saved at the time.'),
  entries: z.number().describe('Entries so far.'),
});

export const exchangeSummary = describes<ExchangeSummary>()(summary);

export const exchangeDetail = describes<ExchangeDetail>()(
  summary.extend({
    request: z.string().optional().describe("The request's body as the client sent it; absent with save: off."),
    text: z.string().optional().describe('The answer as far as it came.'),
    skipped: z
      .array(z.object({ target: z.string(), reason: z.string() }))
      .optional()
      .describe('Who was not asked, or not again, and why: the request, a setting, a cap, a limit, their health.'),
  }),
);

export const exchangeList = z.object({
  exchanges: z.array(exchangeSummary).describe('Newest first.'),
  next: z.string().optional().describe('Where the next page begins: pass it as before. Absent on the last page.'),
});

export const exchangeName = z.object({ exchange: exchangeId });

export const effectiveConfig = z.record(z.string(), z.unknown());

export const apiError = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().describe('What to do about it.') }),
  endpoints: z.array(z.string()).optional(),
});

const LIMIT = 'is not a whole number from 1 to 200';
const STATES = ['running', 'complete', 'failed', 'cancelled', 'interrupted', 'deferred', 'answered'] as const;

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

export const feedQuery = z.strictObject({
  after: z
    .string()
    .regex(/^[0-9a-z]{1,12}\.(-1|\d{1,15})$/)
    .optional()
    .describe('The id of the last event that the reader has; Last-Event-ID says the same and wins. Without it: from now on.'),
  types: z.string().optional().describe('Only these types of events, separated by commas.'),
});
