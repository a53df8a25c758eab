/**
 * Agents that talk on while the assistant changes: A -> B -> A, between turns and within a round of tools. Every service refuses what the
 * real one refuses.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { type Lived, live, scripts } from './agent.ts';
import type { Service } from './house.ts';

/** Those who stand in for each other: one service of each dialect; and models that are stricter or older. */
const COMPANIES: Record<string, readonly Service[]> = {
  'of the newest': ['anthropic', 'openai', 'deepseek', 'google'],
  'of a budget, of chat and without signatures': ['sonnet', 'completions', 'older', 'openai'],
  'of two that speak chat and two that are Claude': ['deepseek', 'sonnet', 'completions', 'anthropic'],
};

describe.each(Object.entries(COMPANIES))('a company %s', (_name, company) => {
  test.each(DIALECTS)(
    'cases 16, 19, 31, 33, 34: an agent that speaks %s loses no call, and no thought reaches but its thinker',
    { timeout: 60_000 },
    async (client) => {
      let asked = 0;
      let calls = 0;
      await fc.assert(
        fc.asyncProperty(scripts(client, company), async (script) => {
          const lived = await live(script);
          asked += lived.asked;
          calls += lived.calls;
          expect(lived.broken).toEqual([]);
        }),
        { numRuns: 20, seed: 2026 },
      );
      expect(asked).toBeGreaterThan(80);
      expect(calls).toBeGreaterThan(60);
    },
  );
});

/** A -> B -> A as stickiness would have it: a turn's rounds stay with who began them, as long as it is there; the lead takes turns back. */
describe('a conversation that stays with who has its cache', () => {
  test.each(DIALECTS)(
    'and goes back to its lead, in %s: no call is lost, and no thought reaches but its thinker',
    { timeout: 60_000 },
    async (client) => {
      const company = COMPANIES['of the newest']!;
      const sum = { stayed: 0, returned: 0, calls: 0 };
      await fc.assert(
        fc.asyncProperty(scripts(client, company), async (script) => {
          const lived = await live(script, { remembers: true });
          sum.stayed += lived.stayed;
          sum.returned += lived.returned;
          sum.calls += lived.calls;
          expect(lived.broken).toEqual([]);
        }),
        { numRuns: 20, seed: 4 },
      );
      expect(sum.calls).toBeGreaterThan(60);
      expect(sum.stayed).toBeGreaterThan(5);
      expect(sum.returned).toBeGreaterThan(5);
    },
  );
});

/** Others' thoughts in envelopes, which only Understudy opens: what each vendor says of those. */
const SEALED: Record<ClientDialect, RegExp | undefined> = {
  'anthropic-messages': /^messages\.\d+\.content\.\d+: Invalid `signature` in `thinking` block$/,
  'openai-chat': undefined,
  'openai-responses': /^The encrypted content for item \S+ could not be verified\./,
  gemini: /^Corrupted thought signature\.$/,
};

/** With a budget a turn of tools begins with thinking. Nobody but Claude can write that, and another began this turn. */
const BEGUN_ELSEWHERE = /Expected `thinking` or `redacted_thinking`, but found/;

/** Each lead that speaks its client's dialect, and who stands in for it. */
const LEADS: [client: ClientDialect, lead: Service, others: Service[]][] = [
  ['anthropic-messages', 'anthropic', ['openai', 'deepseek', 'google']],
  ['anthropic-messages', 'sonnet', ['google', 'completions', 'openai']],
  ['openai-chat', 'deepseek', ['anthropic', 'openai', 'google']],
  ['openai-chat', 'completions', ['anthropic', 'deepseek', 'google']],
  ['openai-responses', 'openai', ['anthropic', 'deepseek', 'google']],
  ['gemini', 'google', ['anthropic', 'older', 'openai']],
  ['gemini', 'older', ['anthropic', 'google', 'openai']],
];

describe('back to the lead without Understudy', () => {
  /** Conversations that begin at the lead and come back to it; after every answer the lead itself is asked with what the client has. */
  async function returns([client, lead, others]: (typeof LEADS)[number], foreignThoughts: 'auto' | 'sealed'): Promise<Lived[]> {
    const samples = fc.sample(scripts(client, [lead, ...others]), { numRuns: 100, seed: 11 });
    const own = samples.filter(({ targets }) => targets[0] === lead).slice(0, 16);
    const all: Lived[] = [];
    for (const script of own) all.push(await live(script, { foreignThoughts }));
    return all;
  }

  test.each(LEADS)('a client of %s is taken back by %s, whoever of %j has stood in', { timeout: 60_000 }, async (...led) => {
    const [client, lead] = led;
    const all = await returns(led, 'auto');
    expect(all.flatMap(({ broken }) => broken)).toEqual([]);
    const raw = all.flatMap((lived) => lived.raw);
    expect(raw.filter(({ spoken }) => spoken.length > 1).length).toBeGreaterThan(30);
    const refusals = raw.flatMap(({ refusal }) => refusal ?? []);
    expect(refusals.filter((refusal) => lead !== 'sonnet' || !BEGUN_ELSEWHERE.test(refusal))).toEqual([]);
    expect(refusals.length > 0).toBe(lead === 'sonnet');
    // What the client was not told has come back to its maker all the same.
    const brought = all.reduce((sum, { broughtBack }) => sum + broughtBack, 0);
    expect(brought > 3).toBe(client !== 'openai-chat');
  });

  test.each(LEADS.filter(([, lead]) => lead !== 'sonnet' && lead !== 'older'))(
    'sealed, a client of %s is told what others think, and %s refuses nothing else of what it brings',
    { timeout: 60_000 },
    async (...led) => {
      const [client, lead] = led;
      const all = await returns(led, 'sealed');
      expect(all.flatMap(({ broken }) => broken)).toEqual([]);
      const raw = all.flatMap((lived) => lived.raw);
      const alone = raw.filter(({ spoken }) => spoken.every((service) => service === lead));
      expect(alone.length).toBeGreaterThan(5);
      expect(alone.filter(({ refusal }) => refusal !== undefined)).toEqual([]);
      const refusals = raw.flatMap(({ refusal }) => refusal ?? []);
      const known = SEALED[client];
      expect(refusals.filter((refusal) => known?.test(refusal) !== true)).toEqual([]);
      expect(refusals.length > 0).toBe(known !== undefined);
    },
  );
});
