/**
 * Agents that talk on while the assistant changes: A -> B -> A, between turns and within a round of tools. Every service refuses what the
 * real one refuses.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { DIALECTS } from '../matrix/cell.ts';
import { live, type RawReturn, scripts } from './agent.ts';
import { HOME, type Service } from './house.ts';

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
          const lived = await live(script, true);
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

/** What each vendor says of what is left of others in a history that comes back to it without Understudy. */
const REFUSED: Record<ClientDialect, RegExp | undefined> = {
  'anthropic-messages': /^messages\.\d+\.content\.\d+: Invalid `signature` in `thinking` block$/,
  'openai-chat': undefined,
  'openai-responses': /^The encrypted content for item \S+ could not be verified\./,
  gemini: /^Corrupted thought signature\.$|^Function call is missing a thought_signature/,
};

describe('back to the lead without Understudy', () => {
  async function returns(client: ClientDialect): Promise<RawReturn[]> {
    const company: Service[] = ['anthropic', 'openai', 'deepseek', 'google'];
    const own = fc.sample(scripts(client, [HOME[client], ...company.filter((each) => each !== HOME[client])]), { numRuns: 60, seed: 11 });
    const all: RawReturn[] = [];
    for (const script of own.filter(({ targets }) => targets[0] === HOME[client]).slice(0, 12)) all.push(...(await live(script)).raw);
    return all;
  }

  test.each(DIALECTS)(
    'what is refused of %s is the proof of a thought that another thought, and nothing else',
    { timeout: 60_000 },
    async (client) => {
      const all = await returns(client);
      const alone = all.filter(({ spoken }) => spoken.every((service) => service === HOME[client]));
      expect(alone.length).toBeGreaterThan(5);
      expect(alone.filter(({ refusal }) => refusal !== undefined)).toEqual([]);
      const refusals = all.flatMap(({ refusal }) => refusal ?? []);
      const known = REFUSED[client];
      expect(refusals.filter((refusal) => known?.test(refusal) !== true)).toEqual([]);
      expect(refusals.length > 0).toBe(known !== undefined);
    },
  );
});
