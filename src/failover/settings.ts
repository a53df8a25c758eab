import { z } from 'zod';
import { duration } from '../journal/units.ts';
import { queueWish } from './queue-wish.ts';

const learned = z.union([z.literal('auto'), duration]);

/** YAML 1.2 reads `on` and `off` as words; `true` and `false` mean the same. */
export const onOff = z.union([z.literal('on'), z.literal('off'), z.boolean()]).transform((value) => value === 'on' || value === true);

export const deadlinesSettings = z.strictObject({
  connect: duration.default(5000).describe('Until a connection to a provider has to stand.'),
  patience: duration.default(3000).describe('A Retry-After up to this long is waited for once, on the same target.'),
  line: duration
    .default(120_000)
    .describe(
      'How long a request waits in line for a place at a busy target, where nobody else can take it (providers.<name>.concurrency).',
    ),
  headers: learned.default('auto').describe('From the request to the response headers; auto: learned per target.'),
  firstEvent: learned.default('auto').describe('From the headers to the first words; auto: learned per target, size and effort.'),
  idle: learned.default('auto').describe('Between two pieces of content; pings do not count; auto: learned per target.'),
  whole: learned
    .default('auto')
    .describe('For an answer that is not streamed, from the request to its last byte; auto: learned per target.'),
  headerHold: duration.default(45_000).describe('How long the client waits for headers before 200 and keep-alives go out.'),
  total: duration.default(600_000).describe('Longest time without progress towards an answer; never cuts a flowing one.'),
});

export const failoverSettings = z.strictObject({
  continuation: onOff.default(true).describe('Carry a cut answer on with another attempt.'),
  maxHops: z
    .int()
    .min(0)
    .max(8)
    .default(2)
    .describe('How many attempts may carry one answer on after its first words; ones that are turned down at once do not count.'),
  hedge: z
    .union([z.literal(['off', 'on', 'auto']), z.boolean().transform((on) => (on ? ('on' as const) : ('off' as const)))])
    .default('off')
    .describe('Start the next target beside one that is slower than usual to say its first word; auto: only while it is suspected.'),
  hedgeShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Most requests that may be hedged, as a share of all in the last ten minutes; backupSpend bounds what that costs.'),
  toolArguments: z
    .enum(['whole', 'stream'])
    .default('whole')
    .describe(
      "stream: a tool call's arguments go out as they come, to clients that ask for a stream. A call whose provider dies within it can then not be taken back: the answer ends with an error.",
    ),
  structuredOutput: z
    .enum(['whole', 'stream'])
    .default('whole')
    .describe(
      'whole: where JSON is demanded, it is held until all of it is there, so that a cut one is asked anew and nobody sees half of it. stream: it goes out as it comes; a cut one is carried on, and ends with an error where the whole would not parse.',
    ),
  sticky: onOff
    .default(true)
    .describe('A conversation stays with the target that has answered it last (and has its cache), until the lead is well again.'),
  foreignThoughts: z
    .enum(['auto', 'untold', 'sealed'])
    .default('auto')
    .describe(
      "What a client that knows signed thoughts (Anthropic's, Responses', Gemini's) gets of what another vendor's model thinks. untold: nothing, and Understudy keeps it for its maker; so a conversation can go on at the client's own vendor without Understudy. sealed: the thoughts, in envelopes that only Understudy opens: that vendor refuses them. auto: untold where the route's first target speaks the client's dialect.",
    ),
  returnAfter: duration
    .default(60_000)
    .describe('How long the lead has to have been well before a conversation goes back to it, at the beginning of a turn.'),
  retryBudget: z
    .number()
    .min(0)
    .max(10)
    .default(1)
    .describe(
      'Further attempts per request, on average over a minute, besides a reserve of 20 a minute: an outage multiplies the traffic by at most one more than this.',
    ),
  hopSpend: z
    .number()
    .min(0)
    .default(2)
    .describe(
      'Most that one switch to a backup may cost by estimate, in dollars: a long history that is in no cache is dear. What would cost more is not asked, also where nobody else is left.',
    ),
  backupSpend: z
    .string()
    .regex(/^\d+(\.\d+)?\/(hour|day|month)$/, 'an amount of dollars per time, such as 5/day')
    .default('5/day')
    .describe('Most that all backups together may cost, in dollars, by UTC hour, day or month. 0/day: no backup is asked at all.'),
  note: z
    .string()
    .max(2000)
    .optional()
    .describe('The note that asks a model to carry an answer on; {fragment} stands for the last words received.'),
});

const targetName = z
  .string()
  .regex(
    /^(?:local|[^/\s]+\/\S+)$/,
    'a target is provider/model, provider/* for the model that was asked for, or local for the models on this machine',
  );

const routeObject = z.strictObject({
  targets: z
    .array(targetName)
    .min(1, 'a route needs at least one target')
    .describe('provider/model in the order in which they are tried; local: the models that are found on this machine.'),
  allow: z.array(z.string()).optional().describe('Only these providers may receive this content.'),
  never: z.array(z.string()).default([]).describe('These providers never receive this content.'),
  save: onOff.default(true).describe('off: nothing of the content is kept on disk.'),
  strict: onOff
    .default(false)
    .describe('on: a target whose dialect cannot say the whole request is skipped, rather than asked without a tool, a field or an image.'),
  whenClientLeaves: z
    .enum(['cancel', 'finish', 'withdraw'])
    .default('cancel')
    .describe(
      'What becomes of an answer whose client has gone. cancel: its provider is stopped; finish: it comes into the journal; withdraw: as cancel, and a request that was kept, and whose client has left while it held on, is given up too. Under an Idempotency-Key it is always finished.',
    ),
  spend: z
    .string()
    .regex(/^\d+(\.\d+)?\/(hour|day|month)$/, 'an amount of dollars per time, such as 20/day')
    .optional()
    .describe('Most that this route may cost in all, lead and backups, in dollars, by UTC hour, day or month.'),
  defer: onOff.default(false).describe('on: the same as queue: allow, which wins where both are written.'),
  queue: z
    .string()
    .refine((text) => queueWish(text) !== undefined, 'off, allow, wait or a time such as wait=30m')
    .optional()
    .describe(
      'What becomes of a request that nobody can answer. allow: it is kept and asked again later, and its client is told the id to ask for it by; wait: that, but its client is kept waiting for the answer for ten minutes first (wait=30m: as long as that); off: neither.',
    ),
});

export const routeSettings = z.union([
  z
    .array(targetName)
    .min(1, 'a route needs at least one target')
    .transform((targets) => routeObject.parse({ targets })),
  routeObject,
]);

export const routesSettings = z.record(z.string().min(1), routeSettings).default({});

export type DeadlineSettings = z.infer<typeof deadlinesSettings>;
export type FailoverSettings = z.infer<typeof failoverSettings>;
export type RouteSettings = z.infer<typeof routeObject>;
