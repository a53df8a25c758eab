import { z } from 'zod';
import type { JsonObject } from '../../exchange/json.ts';
import { canonicalJson } from './canonical.ts';
import { SYMPTOM_NAMES, type Symptom } from './symptoms.ts';

/** Milliseconds of one bin: a report says no more of its time than in which one it was made. */
export const BIN = 5 * 60_000;
/** Own requests are counted up to this many: a busy machine would be known by its figures. */
export const MOST_COUNTED = 100;
/** Bytes of the longest that a hub reads. A report is some 350. */
export const LONGEST_STATEMENT = 4096;

const name = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,39}$/);
const count = z.int().min(0).max(MOST_COUNTED);
const signer = {
  version: z.literal(1),
  /** UTC ms of the beginning of the bin in which it was made. */
  at: z.int().min(0).multipleOf(BIN),
  /** Of Understudy. */
  client: z.string().regex(/^[\w.+-]{1,40}$/),
  /** The public half of the install key: 32 bytes, base64url. */
  key: z.base64url().length(43),
};

/** What a hub is told, whole: there is nowhere else to put anything. */
export const reportSchema = z.strictObject({
  type: z.literal('report'),
  ...signer,
  provider: name,
  product: name,
  model: z
    .string()
    .regex(/^[A-Za-z0-9][\w.:@/-]{0,79}$/)
    .optional(),
  symptom: z.enum(SYMPTOM_NAMES),
  /** ISO 3166-1 alpha-2. */
  region: z.string().regex(/^([A-Z]{2}|none)$/),
  /** Requests of this machine to that product in the last 15 minutes. */
  own: z.strictObject({ attempts: count, failures: count }).refine(({ attempts, failures }) => failures <= attempts),
});

/** Makes a key known, so that it has its age when it has something to say. */
export const keySchema = z.strictObject({ type: z.literal('key'), ...signer });

export const statementSchema = z.discriminatedUnion('type', [reportSchema, keySchema]);

export type Report = z.output<typeof reportSchema>;
export type Statement = z.output<typeof statementSchema>;

export interface OwnCounts {
  attempts: number;
  failures: number;
}

export interface Reported {
  provider: string;
  product: string;
  model?: string;
  symptom: Symptom;
}

/** Exactly what would be sent. `now`: UTC ms. */
export function reportOf(
  { provider, product, model, symptom }: Reported,
  { region, own, now, client, key }: { region: string; own: OwnCounts; now: number; client: string; key: string },
): Report {
  const attempts = Math.min(own.attempts, MOST_COUNTED);
  return {
    type: 'report',
    version: 1,
    at: binOf(now),
    client,
    key,
    provider,
    product,
    ...(model !== undefined && { model }),
    symptom,
    region,
    own: { attempts, failures: Math.min(own.failures, attempts) },
  };
}

export function binOf(now: number): number {
  return Math.floor(now / BIN) * BIN;
}

/** The text that is signed. */
export function statementText(statement: Statement): string {
  return canonicalJson(statement as JsonObject);
}
