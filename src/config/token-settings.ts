import { z } from 'zod';

/** Printable and long: whoever has it may ask. */
export const accessToken = z
  .string()
  .min(16, 'a token needs at least 16 characters, for instance the output of: openssl rand -hex 24')
  .regex(/^[\x21-\x7e]+$/, 'a token is printable ASCII without spaces');

/** Labels of those who show no token of their own, or are no people. */
const TAKEN: readonly string[] = ['local', 'token', 'anyone', 'library'];

const tokenName = z
  .string()
  .regex(/^[A-Za-z][\w.-]{0,39}$/, 'a name of letters, digits, dots, dashes and underscores that begins with a letter, at most 40 of them')
  .refine((name) => !TAKEN.includes(name), `another name than ${TAKEN.join(', ')}`);

const tokenSettings = z.strictObject({
  token: accessToken.describe('What its holder sends in place of an API key.'),
  priority: z
    .enum(['interactive', 'normal', 'batch'])
    .default('interactive')
    .describe(
      'How pressing its requests are where places are short; they may say that they are less so (x-understudy-priority), never more.',
    ),
  share: z
    .number()
    .min(0.01)
    .max(100)
    .default(1)
    .describe('How much of the places that are short is its, beside others who wait: 2 is twice as much.'),
  requests: z
    .string()
    .regex(/^[1-9]\d{0,5}\/(second|minute|hour|day)$/, 'a number per time, such as 60/minute')
    .optional()
    .describe('Most requests in any such span; beyond them 429 with Retry-After.'),
  concurrency: z.int().positive().optional().describe('Most requests at once; beyond them 429 with Retry-After.'),
  spend: z
    .string()
    .regex(/^\d+(\.\d+)?\/(hour|day|month)$/, 'an amount of dollars per time, such as 5/day')
    .optional()
    .describe('Most that its answers may cost in all, in dollars, by UTC hour, day or month.'),
  routes: z.array(z.string().min(1)).optional().describe('Only these routes, by their names or as globs of them; by default all.'),
});

export type TokenSettings = z.output<typeof tokenSettings>;

export const tokensSettings = z.record(tokenName, tokenSettings).default({});

/** `undefined`: nothing is wrong with them. */
export function tokensProblem(token: string | undefined, tokens: Readonly<Record<string, TokenSettings>>): string | undefined {
  const all = Object.values(tokens).map((one) => one.token);
  if (all.length > 0 && token === undefined) return 'needs server.token too: the control API is for whoever has that one';
  const known = token === undefined ? all : [token, ...all];
  return new Set(known).size === known.length ? undefined : 'needs another token for each';
}
