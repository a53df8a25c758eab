import { z } from 'zod';
import type { Json } from '../exchange/json.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { serviceKey } from '../exchange/target.ts';
import type { Breaker } from './breaker.ts';
import type { Mark, Marks } from './marks.ts';
import type { TargetRecord } from './record.ts';
import type { Sketch } from './sketch.ts';

/** Raised when a shape below changes: an older snapshot is then refused, and health starts afresh. */
const VERSION = 1;

const number = z.number();
const score = z.object({ value: number.nonnegative(), at: number });
const common = { score, ejections: number.int().nonnegative(), ejectedAt: number };
const tried = { ...common, since: number, backOff: number, trials: number.int().nonnegative() };

const breaker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('closed'), ...common }),
  z.object({ type: z.literal('suspect'), ...common }),
  z.object({ type: z.literal('open'), ...tried, until: number }),
  z.object({ type: z.literal('half-open'), ...tried, successes: number.int().nonnegative() }),
]);

const sketch = z.object({
  weights: z.array(number.nonnegative()).length(64),
  next: number.positive(),
  total: number.nonnegative(),
  seen: number.int().nonnegative(),
});

const record = z.object({
  target: z.object({
    provider: z.string(),
    model: z.string(),
    credential: z.string(),
    dialect: z.enum(['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini']),
    vendor: z.string(),
  }),
  accounts: z.array(z.string()).exactOptional(),
  breaker,
  learned: z.object({ sketches: z.record(z.string(), sketch), doubted: z.boolean() }),
  shape: z.object({
    size: number,
    stream: z.boolean(),
    reasoning: z.boolean(),
    effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).exactOptional(),
    maxOutputTokens: number.exactOptional(),
    computesHere: z.boolean().exactOptional(),
  }),
  successes: number.int().nonnegative(),
  failures: number.int().nonnegative(),
  recent: z.array(z.string().nullable()).max(20),
  heardAt: number.exactOptional(),
  troubledAt: number.exactOptional(),
  lastFault: z.object({ at: number, message: z.string() }).exactOptional(),
  trouble: z.string().exactOptional(),
});

const mark = z.object({
  kind: z.enum(['rate-limited', 'quota', 'auth', 'model-not-found', 'asked-to-wait']),
  reason: z.string(),
  since: number,
  until: number,
  backOff: number,
});

const snapshotSchema = z.object({ version: z.literal(VERSION), records: z.array(record), marks: z.array(z.tuple([z.string(), mark])) });

export interface Known {
  /** By `serviceKey`, least recently heard of first. */
  records: Map<string, TargetRecord>;
  marks: Marks;
}

export function writeSnapshot(known: Known): Json {
  const parts = { version: VERSION, records: [...known.records.values()].map(withoutCanary), marks: [...known.marks].map(withoutSlot) };
  // Through text, so that later changes to the records do not reach what was handed out.
  return JSON.parse(JSON.stringify(parts)) as Json;
}

/** Slots are not read: the canaries that held them died with their process. */
export function readSnapshot(snapshot: Json): Result<Known, string> {
  const parsed = snapshotSchema.safeParse(snapshot);
  if (!parsed.success) return err(`The stored health is not usable and was left aside: ${z.prettifyError(parsed.error)}`);
  const records = new Map<string, TargetRecord>();
  for (const one of parsed.data.records) records.set(serviceKey(one.target), one);
  return ok({ records, marks: new Map(parsed.data.marks) });
}

/** Weights of sixteen digits would be most of the file. */
function rounded(known: Sketch): Sketch {
  const weights = known.weights.map((weight) => Number(weight.toPrecision(4)));
  return { ...known, weights, total: weights.reduce((sum, weight) => sum + weight, 0) };
}

function withoutCanary(one: TargetRecord): TargetRecord {
  const sketches = Object.fromEntries(Object.entries(one.learned.sketches).map(([key, known]) => [key, rounded(known)]));
  return { ...one, breaker: settled(one.breaker), learned: { ...one.learned, sketches } };
}

function settled(state: Breaker): Breaker {
  if (state.type !== 'open' && state.type !== 'half-open') return state;
  const { slot: _, ...rest } = state;
  return rest;
}

function withoutSlot([key, marked]: [string, Mark]): [string, Mark] {
  const { slot: _, ...rest } = marked;
  return [key, rest];
}
