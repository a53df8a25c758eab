import { z } from 'zod';
import type { Incident } from '../../watch/incident.ts';
import type { Readiness } from '../../watch/check/readiness.ts';
import type { Grade } from '../../watch/grades/grade.ts';
import type { Board } from '../../watch/questions.ts';
import { time } from '../archive/schemas.ts';
import { describes } from '../control-schemas.ts';

const instant = z.number().describe('UTC, milliseconds since 1970.');
const verdict = z.enum(['operational', 'degraded', 'down', 'unknown']);
const phase = z.enum(['investigating', 'identified', 'monitoring', 'resolved', 'scheduled', 'in-progress', 'verifying', 'unknown']);

const source = z.discriminatedUnion('type', [
  z.object({ type: z.literal('page'), page: z.string(), id: z.string().describe("The page's own."), url: z.string().optional() }),
  z.object({ type: z.literal('own'), product: z.string() }),
  z.object({ type: z.literal('hand'), by: z.string().optional() }),
]);

const incident = z.object({
  id: z.string(),
  kind: z.enum(['incident', 'maintenance']),
  title: z.string(),
  products: z.array(z.string()).describe('provider/product.'),
  models: z.array(z.string()).describe('Models that it is said to be limited to; none: all, or not said.'),
  severity: z.enum(['minor', 'major', 'critical', 'unknown']),
  phase,
  startedAt: instant.describe('As stated. Of planned work, its planned beginning.'),
  firstSeenAt: instant.describe('When it was first seen here.'),
  endedAt: instant.optional().describe('As stated; of planned work, its planned end.'),
  endSeenAt: instant.optional(),
  byWindow: z.literal(true).optional().describe('Its phase is told by its window: its page has not said so.'),
  before: z
    .array(
      z.object({ title: z.string(), severity: z.enum(['minor', 'major', 'critical', 'unknown']), startedAt: instant, seenUntil: instant }),
    )
    .optional()
    .describe('What its page said of it before it was changed after the fact, oldest first.'),
  updates: z
    .array(
      z.object({
        at: instant.describe('As claimed.'),
        seenAt: instant.describe('When it was first seen here.'),
        phase,
        text: z.string(),
        source,
        before: z
          .array(z.object({ text: z.string(), phase, at: instant, seenUntil: instant }))
          .optional()
          .describe('What it said before it was changed after the fact, oldest first.'),
        removedAt: instant.optional().describe('It is no longer there.'),
      }),
    )
    .describe('Oldest first.'),
  sources: z.array(source),
});

export const incidentDetail = describes<Incident>()(incident);

export const incidentList = describes<{ incidents: Incident[]; next?: string }>()(
  z.object({
    incidents: z.array(incident).describe('Newest first.'),
    next: z.string().optional().describe('Where the next page begins: pass it as before. Absent on the last page.'),
  }),
);

const evidence = z.object({
  kind: z.enum(['own', 'probe', 'page', 'uptime', 'crowd', 'network', 'answer']),
  weight: z.number().describe('Log-odds; below zero it speaks for the product.'),
  at: instant,
  text: z.string(),
  source: z.string(),
  url: z.string().optional(),
});

export const board = describes<Board>()(
  z.object({
    at: instant,
    judgements: z.array(
      z.object({
        key: z.string().describe('provider/product, or provider/product/model.'),
        title: z.string(),
        verdict,
        since: instant,
        scope: z.enum(['everyone', 'model', 'account', 'network', 'inconclusive']).optional().describe('Whom it is about.'),
        score: z.number(),
        evidence: z.array(evidence).describe('Heaviest first.'),
        summary: z.string(),
      }),
    ),
    incidents: z.array(incident).describe('Open ones, and planned work to come; newest first.'),
    pages: z
      .array(
        z.object({
          page: z.string(),
          url: z.string(),
          family: z.string(),
          state: z.enum(['fresh', 'unknown']).describe('unknown: never read, or its last good reading is too old.'),
          readAt: instant.optional(),
          triedAt: instant.optional(),
          problem: z.string().optional(),
        }),
      )
      .describe('Status pages that are read.'),
    runbooks: z
      .array(z.object({ name: z.string(), title: z.string() }))
      .optional()
      .describe('What to do about what is down, or is just over: GET /api/runbooks/{name}.'),
  }),
);

export const gradeList = describes<{ grades: Grade[] }>()(
  z.object({
    grades: z.array(
      z.object({
        page: z.string(),
        outages: z.number().describe('Seen here, and old enough that the page had time to tell of them.'),
        told: z.number().describe('Of those, how many it told of.'),
        medianLag: z.number().optional().describe('Milliseconds from the first sign here to its first word; negative: it was first.'),
        slowLag: z.number().optional().describe('The slowest one in ten.'),
        resolvedEarly: z.number().describe('Called resolved while requests still failed here.'),
        belittled: z.number().describe('Called minor what was down here.'),
        shortened: z.number().describe('States a later beginning than was seen here.'),
        rewritten: z.number().describe('Changed or removed after the fact.'),
        score: z
          .object({ early: z.number(), complete: z.number(), honest: z.number(), all: z.number() })
          .optional()
          .describe('Of 100; absent while there are too few outages.'),
        letter: z.enum(['A', 'B', 'C', 'D', 'E']).optional(),
        summary: z.string(),
      }),
    ),
  }),
);

const LIMIT = 'is not a whole number from 1 to 200';
export const incidentQuery = z.strictObject({
  product: z.string().min(1).optional().describe('A provider or provider/product.'),
  kind: z.enum(['incident', 'maintenance'], 'is neither incident nor maintenance').optional(),
  open: z.enum(['true', 'false'], 'is neither true nor false').optional().describe('true: only those that are not over.'),
  from: time.optional().describe('Not over before this: milliseconds since 1970, or a date.'),
  to: time.optional().describe('Begun before this.'),
  limit: z.coerce.number(LIMIT).pipe(z.int(LIMIT).min(1, LIMIT).max(200, LIMIT)).default(50),
  before: z.string().optional().describe('The next page: next of the one before.'),
});

const planned = z.array(incident);

export const readinessAnswer = describes<Readiness>()(
  z.object({
    answer: z
      .enum(['yes', 'with-backup', 'no', 'unknown'])
      .describe('with-backup: what it begins with is ill or will be worked on, and somebody else would carry on.'),
    summary: z.string(),
    at: instant,
    until: instant,
    products: z.array(
      z.object({
        key: z.string(),
        title: z.string(),
        verdict,
        summary: z.string(),
        incidents: planned.describe('Open ones.'),
        planned: planned.describe('Planned work that falls into the time asked about.'),
      }),
    ),
    routes: z.array(
      z.object({
        pattern: z.string(),
        targets: z.array(z.object({ target: z.string(), state: z.enum(['ready', 'doubtful', 'out']), why: z.string() })),
      }),
    ),
  }),
);

export const checkQuery = z.strictObject({
  for: z
    .string()
    .regex(/^\d+(\.\d+)?(m|h|d)$/, 'is no duration such as 30m, 2h or 1d')
    .default('2h')
    .describe('How long the work would last: 30m, 2h, 1d.'),
  products: z
    .string()
    .default('')
    .describe('Products as people call them, with commas: claude.ai,openai/api. None: what the routes begin with.'),
});

/** Milliseconds. */
export function spanOf(text: string): number {
  return Number.parseFloat(text) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[text.at(-1) as 'm' | 'h' | 'd'];
}
