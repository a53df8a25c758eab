import { expect, test } from 'vitest';
import type { ExchangeSummary } from '../../journal/journal.ts';
import { lossFindings } from './doctor-losses.ts';

function exchange(target: string, ...losses: string[]): ExchangeSummary {
  return {
    id: 'x',
    at: 0,
    dialect: 'anthropic-messages',
    model: 'm',
    route: 'r',
    stream: true,
    state: 'complete',
    attempts: [{ ordinal: 0, kind: 'first', target, outcome: 'whole', losses, edits: [] }],
    seams: 0,
    entries: 1,
  };
}

test('what a target could not be told is counted by kind, the most frequent first; trifles are not', () => {
  const findings = lossFindings([
    exchange('openai/gpt', 'top_k: no word for it', 'tools[1]: only Anthropic runs it', 'system[0].cache_control: it caches by itself'),
    exchange('openai/gpt', 'tools[4]: only Anthropic runs it'),
    exchange('sim/claude'),
  ]);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toMatchObject({
    about: 'target openai/gpt',
    said: 'could not be told everything lately: tools[]: only Anthropic runs it (2×); top_k: no word for it (1×)',
  });
});
