import { describe, expect, it } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { DIALECTS } from './cell.ts';
import { nextQuestion } from './conversation.ts';
import { runTrial } from './run-cell.ts';

/** One service begins, another goes on with what it said: calls, results, reasoning, signatures. Both refuse what the real ones refuse. */
async function conversation(
  client: ClientDialect,
  first: ClientDialect,
  second: ClientDialect,
  content: 'parallel' | 'pondered',
): Promise<string> {
  const common = { client, lead: first, stream: false, content };
  const begun = await runTrial({ ...common, backup: undefined, faults: [] });
  const question = nextQuestion(client, content, begun.body);
  if (!question) return `no calls: ${begun.body.slice(0, 200)}`;
  const gone = await runTrial({ ...common, question, backup: second, faults: [{ fault: '529' }] });
  const back = await runTrial({ ...common, question, backup: undefined, faults: [] });
  for (const { end, reading, entries } of [gone, back]) {
    const whole = end === 'clean' && reading.finished && reading.text.includes('result of look_up');
    if (whole) continue;
    const why = entries.flatMap((entry) =>
      entry.type === 'attempt-end' && entry.outcome.type === 'failed' ? [entry.outcome.fault.message] : [],
    );
    return `${end} ${why.join(' | ')} ${JSON.stringify(reading).slice(0, 200)}`;
  }
  return 'whole';
}

describe.each(DIALECTS)('a conversation of a client of %s', (client) => {
  for (const first of DIALECTS)
    for (const second of DIALECTS)
      it.each(['parallel', 'pondered'] as const)(`begun by ${first}, continued by ${second}: %s calls`, async (content) => {
        expect(await conversation(client, first, second, content)).toBe('whole');
      });
});
