import { z } from 'zod';
import type { Json } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { isSignedBy } from '../crowd/signature.ts';
import { BIN, type Statement, statementSchema, statementText } from '../crowd/statement.ts';
import type { Challenges } from './challenge.ts';
import type { Limits } from './limits.ts';
import { type HubRefusal, REFUSALS, slowDown } from './refusals.ts';

/** What networks are held to. `request`: anything that is asked. `statement`: something is handed in. `key`: a key is new. `model`: a model's name is. `export`: many bins. */
export type Limited = 'request' | 'statement' | 'key' | 'model' | 'export';

export const ALLOWANCES = {
  request: { burst: 300, every: 200 },
  statement: { burst: 60, every: 30_000 },
  key: { burst: 50, every: (24 * 60 * 60_000) / 50 },
  model: { burst: 4, every: 6 * 60 * 60_000 },
  export: { burst: 10, every: 30_000 },
} as const satisfies Record<Limited, { burst: number; every: number }>;

/** Where every key is a source of its own: a whole office has one address. */
export const OFFICE_ALLOWANCES: Record<Limited, { burst: number; every: number }> = {
  ...ALLOWANCES,
  request: { burst: 3000, every: 20 },
  statement: { burst: 1000, every: 1000 },
  key: { burst: 1000, every: 60_000 },
};

/** A report may be this late: its hub was away, or its user's network. It is counted when it comes. */
const LATE = 30 * 60_000;
/** Clocks are this wrong. Together with LATE less than the hour in which a key has one report: what comes again within it is known, after it too old. */
const EARLY = 10 * 60_000;

const handedIn = z.strictObject({
  statement: statementSchema,
  signature: z.base64url().length(86),
  challenge: z.string().max(200),
  proof: z.int().min(0),
});

/** What was handed in, if it is to be looked at at all: cheap questions first, so that floods are cheap to turn away. */
export function admitted(
  text: string,
  type: Statement['type'],
  network: string,
  now: number,
  { limits, challenges }: { limits: Limits<Limited>; challenges: Challenges },
): Result<Statement, HubRefusal> {
  const wait = limits.take('statement', network, now);
  if (wait !== undefined) return err(slowDown(wait));
  challenges.heard(now);
  const read = handedIn.safeParse(parsed(text));
  if (!read.success || read.data.statement.type !== type) return err(REFUSALS.notJson);
  const { statement, signature, challenge, proof } = read.data;
  if (statement.at < now - LATE - BIN || statement.at > now + EARLY) return err(REFUSALS.stale);
  switch (challenges.isMet(challenge, signature, proof, now)) {
    case 'not-ours':
    case 'too-old':
      return err(REFUSALS.badChallenge);
    case 'not-met':
      return err(REFUSALS.noWork);
    case 'met':
      return isSignedBy(statement.key, statementText(statement), signature) ? ok(statement) : err(REFUSALS.badSignature);
  }
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
