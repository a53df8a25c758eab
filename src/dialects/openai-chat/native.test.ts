import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openaiChat } from './dialect.ts';
import { sealReasoning } from './reasoning-details.ts';

const FACTS: TargetFacts = {
  vendor: 'deepseek',
  model: 'gpt',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};

const foreign = sealReasoning({ text: 'think', signature: 'sig', producer: { dialect: 'anthropic-messages', vendor: 'anthropic' } });
const own = sealReasoning({ text: 'mine', signature: 'sig', producer: { dialect: 'openai-chat', vendor: 'deepseek' } });

function adapt(body: string, model = 'new'): { text: string; edits: number } {
  const { body: bytes, edits } = openaiChat.adaptRequest(Buffer.from(body), model, FACTS);
  return { text: bytes.toString(), edits: edits.length };
}

describe('adaptRequest', () => {
  test('only the model changes, to the byte', () => {
    const body =
      '{ "messages" : [ {"role":"user","content":"\\u0041 \\"model\\":\\"x\\""} ],\n\t"model" : "old", "x-new": 1e2, "stream":true }';
    expect(adapt(body)).toEqual({ text: body.replace('"old"', '"new"'), edits: 1 });
    expect(adapt(body, 'old')).toEqual({ text: body, edits: 0 });
  });

  test('law: what is not JSON-equal afterwards is the model alone', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (fields, indent) => {
        const before = JSON.parse(JSON.stringify({ ...fields, model: 'old', messages: [{ role: 'user', content: 'x' }] })) as JsonObject;
        const { text } = adapt(JSON.stringify(before, undefined, indent));
        expect(text).toBe(JSON.stringify({ ...before, model: 'new' }, undefined, indent));
      }),
      { numRuns: 100 },
    );
  });

  test('case 42: another model than the one that was asked for gets its own field for the limit, and no sampling that it refuses', () => {
    const body = '{"max_tokens": 99 ,"model":"qwen","temperature":0.2,"messages":[{"role":"user","content":"q"}],"top_p":1}';
    const facts = { ...FACTS, maxTokensField: 'max_completion_tokens' as const, fixedSampling: true };
    const sent = (model: string): string => openaiChat.adaptRequest(Buffer.from(body), model, facts).body.toString();
    expect(sent('gpt-5.6')).toBe('{"model":"gpt-5.6","max_completion_tokens":99,"messages":[{"role":"user","content":"q"}]}');
    expect(sent('qwen')).toBe(body);
    const other = '{"model":"gpt","messages":[],"max_completion_tokens":5}';
    expect(openaiChat.adaptRequest(Buffer.from(other), 'mistral', FACTS).body.toString()).toBe(
      '{"model":"mistral","max_tokens":5,"messages":[]}',
    );
  });

  const said = { role: 'assistant', content: 'x' };
  test.each<[string, JsonObject, JsonObject]>([
    [
      'foreign reasoning is cut out with its plain text',
      { role: 'assistant', reasoning_content: 'think', content: 'x', reasoning_details: [foreign] },
      said,
    ],
    ['at the beginning of the message', { reasoning_details: [foreign], role: 'assistant', content: 'x' }, said],
    [
      'own reasoning is restored',
      { ...said, reasoning_content: 'thinkmine', reasoning_details: [foreign, own] },
      { ...said, reasoning_content: 'mine' },
    ],
    [
      "other services' entries stay",
      { ...said, reasoning_details: [{ type: 'reasoning.text', text: 'a' }, foreign] },
      { ...said, reasoning_details: [{ type: 'reasoning.text', text: 'a' }] },
    ],
    ['a text that quotes an envelope stays', { role: 'assistant', content: foreign.data }, { role: 'assistant', content: foreign.data }],
  ])('%s', (_what, message, wanted) => {
    const other = { role: 'user', content: 'q' };
    const { text } = adapt(JSON.stringify({ model: 'new', messages: [other, message, other] }));
    expect(text).toBe(JSON.stringify({ model: 'new', messages: [other, wanted, other] }));
  });

  test('what was sealed in an answer comes back as it was in a decoded request', () => {
    const decoded = openaiChat.decodeRequest(
      {
        model: 'm',
        messages: [{ role: 'assistant', content: 'x', reasoning_content: 'think', reasoning_details: [foreign] }],
      },
      '/v1/chat/completions',
    );
    expect(decoded.ok && decoded.value.messages[0]!.parts[0]).toEqual({
      type: 'reasoning',
      text: 'think',
      signature: 'sig',
      producer: { dialect: 'anthropic-messages', vendor: 'anthropic' },
    });
  });
});

describe('inspect', () => {
  function inspect(body: string): unknown {
    const result = openaiChat.inspect(Buffer.from(body), '/v1/chat/completions');
    return result.ok ? result.value : result.error;
  }

  test('reads what planning needs', () => {
    const body = JSON.stringify({
      model: 'm',
      messages: [{ role: 'assistant', content: 'x', reasoning_details: [foreign] }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 10,
      n: 2,
      reasoning_effort: 'none',
      tools: [{}],
      response_format: { type: 'json_object' },
    });
    expect(inspect(body)).toEqual({
      model: 'm',
      stream: true,
      size: body.length,
      maxOutputTokens: 10,
      reasoning: false,
      effort: 'none',
      hasTools: true,
      structured: true,
      foreignParts: true,
      candidates: 2,
      includeUsage: true,
      layout: { of: expect.anything() as unknown, members: expect.any(Map) as unknown },
    });
  });

  test.each([
    ['', '{"model":"m",', 'line 1, column'],
    ['', '[]', 'JSON object'],
    ['model', '{"messages":[{}]}', 'model'],
    ['model', '{"model":3,"messages":[{}]}', 'a string'],
    ['messages', '{"model":"m"}', 'messages'],
    ['messages', '{"model":"m","messages":[ ]}', 'at least one'],
    ['messages', '{"model":"m","messages":{}}', 'list'],
    ['stream', '{"model":"m","messages":[{}],"stream":"yes"}', 'true or false'],
    ['n', '{"model":"m","messages":[{}],"n":0}', 'above 0'],
    ['max_tokens', '{"model":"m","messages":[{}],"max_tokens":1.5}', 'whole number'],
  ])('%s in %s', (field, body, message) => {
    expect(inspect(body)).toMatchObject({ field, message: expect.stringContaining(message) });
  });
});
