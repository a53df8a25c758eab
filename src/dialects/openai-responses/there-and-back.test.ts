/** What somebody else has answered, as a client of this dialect keeps it and sends it back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { strictResponses } from '../../sim/strict/responses.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { answers, argumentsText, pieces, text, type ScriptedPart } from '../arbitraries.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext } from '../dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openaiResponses } from './dialect.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 9 };
const BASE = { model: 'm', prefill: false, systemRole: 'system', fixedSampling: false } as const;
const CLAUDE: TargetFacts = { ...BASE, vendor: 'anthropic', reasoning: 'adaptive', maxTokensField: 'max_tokens' };
const GPT: TargetFacts = { ...BASE, vendor: 'openai', reasoning: 'effort', maxTokensField: 'max_completion_tokens' };

const thought: fc.Arbitrary<ScriptedPart> = text.chain(pieces).map((words) => ({
  head: { type: 'reasoning', producer: { dialect: 'anthropic-messages', vendor: 'anthropic', model: 'claude' } },
  deltas: [...words.map((word) => ({ type: 'text' as const, text: word })), { type: 'signature', signature: 'c2ln' }],
}));

const answer = answers({
  reasoning: thought,
  maxTexts: 2,
  callArguments: argumentsText,
  interleaved: false,
  finish: fc.constantFrom('stop', 'length'),
  usage: fc.record({ input: fc.nat(1000), output: fc.nat(1000) }),
  id: fc.constant('msg_1'),
});

/** The next question of a client that keeps everything. */
function next(output: JsonObject[]): JsonObject {
  const results = output.flatMap((item) =>
    item.type === 'function_call' ? [{ type: 'function_call_output', call_id: item.call_id, output: 'ok' }] : [],
  );
  return { model: 'm', input: [{ role: 'user', content: 'q' }, ...output, ...results, { role: 'user', content: 'r' }] };
}

describe("law: an answer of Claude's", () => {
  test('case 34: A -> B -> A: goes back to Claude as it was, and to OpenAI without its reasoning', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const body = next((openaiResponses.encodeAnswer(events, CONTEXT).output as JsonObject[]).filter(isObject));
        const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
        const decoded = openaiResponses.decodeRequest(wire, '/v1/responses');
        if (!decoded.ok) throw new Error(decoded.error.message);
        const { parts } = assemble(events);
        const claude = anthropicMessages.encodeRequest(decoded.value, CLAUDE);
        const blocks = (claude.body.messages as JsonObject[])
          .filter(({ role }) => role === 'assistant')
          .flatMap(({ content }) => (Array.isArray(content) ? content.filter(isObject) : []));
        expect(blocks).toEqual(
          parts.flatMap(({ head, text: words, signature, arguments: json }): JsonObject[] => {
            if (head.type === 'reasoning') return [{ type: 'thinking', thinking: words, signature }];
            if (head.type === 'text') return [{ type: 'text', text: words }];
            return head.type === 'tool-call'
              ? [{ type: 'tool_use', id: head.id, name: head.name, input: JSON.parse(json || '{}') as JsonObject }]
              : [];
          }),
        );
        const adapted = openaiResponses.adaptRequest(Buffer.from(JSON.stringify(body)), 'm', GPT);
        expect(adapted.edits).toHaveLength(parts.filter(({ head }) => head.type === 'reasoning').length);
        const kept = (wire.input as JsonObject[]).filter(({ type }) => type !== 'reasoning');
        expect(JSON.parse(adapted.body.toString())).toEqual({ ...wire, input: kept });
        expect(strictResponses({ ...wire, input: kept })).toBeUndefined();
        expect(strictResponses(openaiResponses.encodeRequest(decoded.value, GPT).body)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });
});
