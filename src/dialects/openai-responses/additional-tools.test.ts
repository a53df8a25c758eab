import { expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openaiResponses } from './dialect.ts';

const FACTS: TargetFacts = {
  vendor: 'anthropic',
  model: 'claude',
  prefill: false,
  reasoning: 'adaptive',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};

/** As Codex asks GPT-5.6: tools in an item of their own, before the instructions. */
const body: JsonObject = {
  model: 'gpt-5.6-sol',
  stream: true,
  store: false,
  input: [
    {
      type: 'additional_tools',
      id: 'at_1',
      role: 'developer',
      tools: [
        {
          type: 'namespace',
          name: 'functions',
          description: '',
          tools: [
            {
              type: 'custom',
              name: 'exec',
              description: 'Runs code.',
              format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
            },
            { type: 'function', name: 'wait', strict: false, parameters: { type: 'object', properties: { cell_id: { type: 'string' } } } },
          ],
        },
      ],
    },
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'You are a coder.' }] },
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Please say your lines.' }] },
  ],
};

test('case 20: tools that Codex brings as an item of the input reach a provider that knows no such item', () => {
  const head = openaiResponses.inspect(Buffer.from(JSON.stringify(body)), '/v1/responses');
  expect(head).toMatchObject({ ok: true, value: { hasTools: true } });
  const decoded = openaiResponses.decodeRequest(body, '/v1/responses');
  if (!decoded.ok) throw new Error(decoded.error.message);
  expect(decoded.value.system).toMatchObject([{ text: 'You are a coder.' }]);
  const { body: sent, calls } = anthropicMessages.encodeRequest(decoded.value, FACTS);
  expect(sent.tools).toMatchObject([{ name: 'functions__exec' }, { name: 'functions__wait' }]);
  expect(sent.messages).toMatchObject([{ role: 'user', content: [{ text: 'Please say your lines.' }] }]);
  expect(Object.fromEntries(calls ?? [])).toEqual({
    functions__exec: { name: 'exec', namespace: 'functions', kind: 'custom' },
    functions__wait: { name: 'wait', namespace: 'functions' },
  });
});

test('written anew for OpenAI they stand bare: a group called functions would be refused among the tools', () => {
  const decoded = openaiResponses.decodeRequest(body, '/v1/responses');
  if (!decoded.ok) throw new Error(decoded.error.message);
  const { body: sent, losses } = openaiResponses.encodeRequest(decoded.value, { ...FACTS, vendor: 'openai', reasoning: 'effort' });
  expect(sent.tools).toMatchObject([
    { type: 'custom', name: 'exec' },
    { type: 'function', name: 'wait' },
  ]);
  expect(losses).toEqual([]);
});
