import { z } from 'zod';
import type { ReadinessPlan, ReadinessReport } from '../../drill/readiness/report.ts';
import type { RunningDrill } from '../../drill/readiness/serve-drills.ts';
import type { DrillSummary } from '../../drill/readiness/store.ts';
import { describes } from '../control-schemas.ts';

const instant = z.number().describe('UTC, milliseconds since 1970.');

const wish = {
  on: z.string().min(1).max(200).default('my-routes').describe('A route; my-routes: all that are written.'),
  lead: z.string().min(1).max(200).optional().describe("Who is dead: a provider or provider/model. Default: each route's first target."),
  sample: z.int().min(0).max(200).default(12).describe('Of your own prompts, at most so many for the first backup of each route.'),
  budget: z.number().min(0).max(1000).default(0.5).describe('Most dollars that it may cost.'),
  time: z.int().min(1000).max(3_600_000).default(300_000).describe('Milliseconds after which nothing more is asked.'),
  judge: z.string().min(3).max(200).optional().describe('provider/model that compares answers, besides the rules.'),
};

/** Body of `POST /api/drills/plan`. */
export const drillPlanBody = z.strictObject(wish);

/** Body of `POST /api/drills`. */
export const drillStartBody = z.strictObject({
  ...wish,
  consent: z.literal(true).describe('Whoever starts it has seen its plan: real requests go to the backups, with prompts of yours.'),
});

export const drillListQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) });

const wished = z.object({
  on: z.string(),
  lead: z.string().optional(),
  sample: z.number(),
  budget: z.number(),
  time: z.number(),
  judge: z.string().optional(),
});

const kinds = z.array(z.enum(['code', 'json', 'tools', 'long', 'image', 'other language', 'words']));
const leftOut = z.array(z.object({ target: z.string(), reason: z.string() }));

export const drillPlan = describes<ReadinessPlan>()(
  z.object({
    wish: wished,
    routes: z.array(
      z.object({
        route: z.string(),
        model: z.string(),
        dead: z.array(z.string()),
        backups: z.array(
          z.object({
            target: z.string(),
            requests: z.number(),
            dollars: z.number().optional(),
            dataUse: z.string().optional().describe('What the service says it does with what it is sent.'),
            local: z.boolean(),
          }),
        ),
        leftOut: leftOut.describe('Targets that are not asked, and why.'),
        prompts: z.array(
          z.object({
            exchange: z.string(),
            title: z.string().describe('The beginning of the prompt.'),
            kinds,
            at: instant,
            tokens: z.number(),
          }),
        ),
      }),
    ),
    requests: z.number(),
    dollars: z.number().describe('By known prices.'),
    unpriced: z.array(z.string()).describe('Targets whose price is not known.'),
    notes: z.array(z.string()),
  }),
);

const finding = z.object({
  check: z.enum([
    'address',
    'key',
    'quota',
    'model',
    'context',
    'tools',
    'streaming',
    'speed',
    'cost',
    'failover',
    'answering',
    'data use',
  ]),
  state: z.enum(['good', 'look', 'bad', 'unknown']),
  fault: z
    .enum([
      'wrong-base-url',
      'unreachable',
      'no-key',
      'key-refused',
      'quota-used-up',
      'rate-limited',
      'model-gone',
      'context-too-small',
      'no-tools',
      'no-streaming',
      'slow',
      'too-dear',
      'failing',
    ])
    .optional(),
  said: z.string(),
  advice: z.string().optional(),
});

const task = z.object({
  exchange: z.string(),
  title: z.string().optional(),
  kinds,
  outage: z.string().describe('How the lead was dead for it.'),
  result: z.enum(['passed', 'differs', 'worse', 'refused', 'not-asked']),
  why: z.string().optional(),
  comparisons: z.array(
    z.object({
      what: z.enum(['answered', 'refusal', 'whole', 'JSON', 'tool call', 'language', 'length', 'code', 'judge']),
      state: z.enum(['good', 'look', 'bad', 'unchecked']),
      said: z.string(),
    }),
  ),
  firstWords: z.number().optional(),
  took: z.number().optional(),
  cost: z.number().optional(),
});

const speed = z.object({ firstWords: z.number().optional(), tokensASecond: z.number().optional() });

export const drillReport = describes<ReadinessReport>()(
  z.object({
    version: z.literal(1),
    id: z.string(),
    at: instant,
    took: z.number(),
    wish: wished,
    score: z.number().describe('0 to 100.'),
    sentence: z.string(),
    routes: z.array(
      z.object({
        route: z.string(),
        model: z.string(),
        dead: z.array(z.string()),
        score: z.number(),
        sentence: z.string(),
        usual: z.object({
          exchanges: z.number(),
          inputP50: z.number().optional(),
          inputP95: z.number().optional(),
          outputP50: z.number().optional(),
          withTools: z.number(),
          withJson: z.number(),
        }),
        leadSpeed: speed,
        leadTurn: z.number().optional(),
        targets: z.array(
          z.object({
            target: z.string(),
            dialect: z.enum(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']),
            place: z.number(),
            score: z.number(),
            losses: z.array(z.object({ points: z.number(), why: z.string() })),
            findings: z.array(finding),
            carriedOn: z.object({ state: z.enum(['good', 'bad', 'unknown']), said: z.string() }),
            tasks: z.array(task),
            speed,
            usualTurn: z.number().optional(),
          }),
        ),
        leftOut,
      }),
    ),
    requests: z.number(),
    spent: z.number().describe('Dollars, by known prices.'),
    ended: z.enum(['whole', 'budget', 'time', 'stopped']),
    unchecked: z.array(z.string()),
    before: z.object({ at: instant, score: z.number() }).optional(),
  }),
);

const running = describes<RunningDrill>()(z.object({ id: z.string(), at: instant, wish: wished, share: z.number(), text: z.string() }));
const summary = describes<DrillSummary>()(
  z.object({ id: z.string(), at: instant, score: z.number(), sentence: z.string(), ended: z.enum(['whole', 'budget', 'time', 'stopped']) }),
);

export const drillList = z.object({ running: running.optional(), drills: z.array(summary) });
export const drillBegun = z.object({ drill: z.string() });
/** One that goes on, or one that is over. */
export const drillDetail = z.object({ running: running.optional(), report: drillReport.optional() });
