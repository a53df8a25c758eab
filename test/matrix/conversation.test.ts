import { describe, expect, it } from 'vitest';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { DIALECTS } from './cell.ts';
import { goOn, nextQuestion } from './conversation.ts';
import { questionOf, rewritten } from './question.ts';
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

/** Codex' tools: free text, and functions in a namespace. */
const CODEX_TOOLS = [
  { type: 'custom', name: 'apply_patch', description: 'Changes files', format: { type: 'text' } },
  {
    type: 'namespace',
    name: 'files',
    description: 'Files',
    tools: [
      {
        type: 'function',
        name: 'look_up',
        description: 'Looks up',
        strict: false,
        parameters: { type: 'object', properties: { path: { type: 'string' } } },
      },
    ],
  },
];

describe('tools that only Responses has', () => {
  for (const first of DIALECTS)
    for (const second of DIALECTS)
      it(`are called by ${first} and answered to ${second}`, async () => {
        const common = { client: 'openai-responses', lead: first, stream: false, content: 'parallel' } as const;
        const question = rewritten(questionOf('openai-responses', false, 'parallel', 'the-model'), { tools: CODEX_TOOLS });
        const begun = await runTrial({ ...common, question, backup: undefined, faults: [] });
        const { output } = JSON.parse(begun.body) as { output: { type: string }[] };
        expect(output.filter((item) => item.type.endsWith('_call'))).toMatchObject([
          { type: 'custom_tool_call', name: 'apply_patch', input: 'simulated input' },
          { type: 'function_call', name: 'look_up', namespace: 'files', arguments: '{"path":"simulated path 2"}' },
        ]);
        const next = goOn('openai-responses', question, begun.body);
        const gone = await runTrial({ ...common, ...(next && { question: next }), backup: second, faults: [{ fault: '529' }] });
        expect(gone.reading).toMatchObject({ finished: true, text: expect.stringContaining('result of apply_patch') });
      });
});
