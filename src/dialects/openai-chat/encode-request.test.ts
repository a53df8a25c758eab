import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openaiChat } from './dialect.ts';
import { wireName } from '../openai-names.ts';

const FACTS: TargetFacts = {
  vendor: 'openai',
  model: 'gpt',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  fixedSampling: false,
};

function neutral(more: Partial<Request>): Request {
  return {
    model: 'claude',
    stream: false,
    system: [],
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi' }] }],
    tools: [],
    output: { type: 'text' },
    sampling: {},
    stop: [],
    ...more,
  };
}

describe('encodeRequest', () => {
  const call = (id: string, name = 'f') => ({ type: 'tool-call' as const, id, name, arguments: '{}' });
  const result = (callId: string, text: string, isError = false) => ({
    type: 'tool-result' as const,
    callId,
    content: [{ type: 'text' as const, text }],
    isError,
  });

  test('results follow their calls, missing ones are filled in, stray ones are told', () => {
    const { body, losses } = openaiChat.encodeRequest(
      neutral({
        messages: [
          { role: 'assistant', parts: [{ type: 'text', text: 'x' }, call('a'), call('b')] },
          { role: 'user', parts: [{ type: 'text', text: 'by the way' }, result('b', '2', true), result('stray', '3')] },
          { role: 'assistant', parts: [call('c')] },
        ],
      }),
      FACTS,
    );
    expect(body.messages).toMatchObject([
      { role: 'assistant', content: 'x', tool_calls: [{ id: 'a' }, { id: 'b' }] },
      { role: 'tool', tool_call_id: 'b', content: 'The tool failed:\n2' },
      { role: 'tool', tool_call_id: 'a', content: 'Interrupted, the result is unknown.' },
      { role: 'user', content: [{ text: 'by the way' }, { text: 'Result of an earlier tool call (stray):' }, { text: '3' }] },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c' }] },
      { role: 'tool', tool_call_id: 'c' },
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['messages[1].parts[2]']);
  });

  test('images in results go into one user message after all results', () => {
    const image = { type: 'image' as const, source: { type: 'base64' as const, mediaType: 'image/png', data: 'AA' } };
    const { body } = openaiChat.encodeRequest(
      neutral({
        messages: [
          { role: 'assistant', parts: [call('a'), call('b')] },
          {
            role: 'user',
            parts: [
              { ...result('a', 'shot'), content: [{ type: 'text', text: 'shot' }, image] },
              { ...result('b', ''), content: [image] },
            ],
          },
        ],
      }),
      FACTS,
    );
    const list = body.messages as JsonObject[];
    expect(list.map(({ role }) => role)).toEqual(['assistant', 'tool', 'tool', 'user']);
    expect(list[3]!.content).toMatchObject([
      { text: 'From the result of tool call a:' },
      { type: 'image_url' },
      { text: 'From the result of tool call b:' },
      { type: 'image_url' },
    ]);
  });

  test('a model without tools is told in words', () => {
    const { body, losses } = openaiChat.encodeRequest(
      neutral({
        tools: [{ type: 'function', name: 'f', parameters: {} }],
        messages: [
          { role: 'assistant', parts: [call('a')] },
          { role: 'user', parts: [result('a', '1')] },
        ],
      }),
      { ...FACTS, tools: false },
    );
    expect(body).not.toHaveProperty('tools');
    expect(body.messages).toEqual([
      { role: 'assistant', content: '[Called the tool f with {}]' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '[Result of the tool f]' },
          { type: 'text', text: '1' },
        ],
      },
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['messages[0].parts[0]', 'messages[1].parts[0]', 'tools[0]']);
  });

  test('everything that chat cannot say is listed', () => {
    const marked = { dialect: 'anthropic-messages' as const, fields: { cache_control: { type: 'ephemeral' } } };
    const { body, losses } = openaiChat.encodeRequest(
      neutral({
        system: [{ type: 'text', text: 's', extras: marked }],
        messages: [
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'secret', signature: 'x', producer: { dialect: 'anthropic-messages', vendor: 'anthropic' } },
              { type: 'text', text: 'a' },
              { type: 'opaque', producer: { dialect: 'anthropic-messages' }, value: { type: 'server_tool_use' } },
              { type: 'text', text: 'b' },
            ],
          },
          {
            role: 'user',
            parts: [
              { type: 'document', source: { type: 'url', url: 'https://e.com/a.pdf' } },
              { type: 'text', text: 'q', extras: marked },
            ],
          },
        ],
        tools: [
          { type: 'server', name: 'web_search', definition: { type: 'opaque', producer: { dialect: 'anthropic-messages' }, value: {} } },
        ],
        toolChoice: { type: 'required' },
        sampling: { temperature: 1, topK: 5 },
        stop: ['1', '2', '3', '4', '5'],
        reasoning: { budget: 5000 },
        maxOutputTokens: 9000,
        extras: { dialect: 'anthropic-messages', fields: { context_management: {} } },
      }),
      { ...FACTS, vendor: 'groq', maxOutput: 8000 },
    );
    expect(losses.map(({ what }) => what).toSorted()).toEqual(
      [
        'cache_control',
        'context_management',
        'max_completion_tokens',
        'messages[0].parts[0]',
        'messages[0].parts[2]',
        'messages[1].parts[0]',
        'reasoning',
        'stop',
        'tool_choice',
        'tools[0]',
        'top_k',
      ].toSorted(),
    );
    expect(losses.find(({ what }) => what === 'cache_control')?.why).toContain('2 cache marks');
    expect(body).toMatchObject({ stop: ['1', '2', '3', '4'], reasoning_effort: 'medium', max_completion_tokens: 8000, temperature: 1 });
    expect(body.messages).toMatchObject([{ role: 'developer', content: 's' }, { content: 'a\n\nb' }, {}]);
    expect(JSON.stringify(body)).not.toContain('secret');
  });

  test('models that fix their sampling', () => {
    const { body, losses } = openaiChat.encodeRequest(neutral({ sampling: { temperature: 0.5, topP: 0.5, seed: 1 }, stop: ['x'] }), {
      ...FACTS,
      fixedSampling: true,
    });
    expect(losses.map(({ what }) => what)).toEqual(['temperature', 'top_p', 'stop']);
    expect(body).not.toHaveProperty('temperature');
    expect(body.seed).toBe(1);
  });

  test("an end user's id that is too long is hashed, always to the same", () => {
    const { body, losses } = openaiChat.encodeRequest(neutral({ user: 'u'.repeat(150) }), FACTS);
    expect(body.user).toMatch(/^[0-9a-f]{64}$/);
    expect(openaiChat.encodeRequest(neutral({ user: 'u'.repeat(150) }), FACTS).body.user).toBe(body.user);
    expect(losses.map(({ what }) => what)).toEqual(['user']);
    expect(openaiChat.encodeRequest(neutral({ user: 'ann' }), FACTS).body.user).toBe('ann');
  });

  test('usage is always asked for when streaming', () => {
    expect(openaiChat.encodeRequest(neutral({ stream: true }), FACTS).body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(openaiChat.encodeRequest(neutral({}), FACTS).body).not.toHaveProperty('stream_options');
  });

  test('JSON: the word is said, a schema that cannot be held to is told, strictness only where it is bearable', () => {
    expect(openaiChat.encodeRequest(neutral({ output: { type: 'json' } }), FACTS).body.messages).toMatchObject([
      { role: 'developer', content: expect.stringMatching(/JSON/) },
      { role: 'user' },
    ]);
    const schema = { type: 'object', properties: { a: { type: 'string' } } };
    const told = openaiChat.encodeRequest(neutral({ output: { type: 'json-schema', name: 'n', schema } }), {
      ...FACTS,
      structuredOutput: false,
    });
    expect(told.body).toMatchObject({ response_format: { type: 'json_object' } });
    expect(JSON.stringify(told.body.messages)).toContain('properties');
    const strict = openaiChat.encodeRequest(neutral({ output: { type: 'json-schema', name: 'n', schema, strict: true } }), FACTS);
    expect(strict.body).toMatchObject({ response_format: { json_schema: { strict: false } } });
    expect(strict.losses).toHaveLength(1);
    const whole = { ...schema, required: ['a'], additionalProperties: false };
    expect(
      openaiChat.encodeRequest(neutral({ output: { type: 'json-schema', name: 'n', schema: whole, strict: true } }), FACTS).losses,
    ).toEqual([]);
  });

  test('names and ids that chat refuses', () => {
    const long = 'mcp__server__'.padEnd(90, 'x');
    const tools = [long, 'web.search'].map((name) => ({ type: 'function' as const, name, parameters: {} }));
    const id = 'toolu_'.padEnd(60, 'z');
    const { body, losses, calls } = openaiChat.encodeRequest(
      neutral({
        tools,
        toolChoice: { type: 'tool', name: long },
        messages: [
          { role: 'assistant', parts: [call(id, 'web.search')] },
          { role: 'user', parts: [result(id, '1')] },
        ],
      }),
      FACTS,
    );
    const sent = (body.tools as { function: { name: string } }[]).map((tool) => tool.function.name);
    expect(sent.every((name) => /^[A-Za-z0-9_-]{1,64}$/.test(name))).toBe(true);
    expect([...calls!]).toEqual([[sent[0], { name: long }]]);
    expect(body.tool_choice).toMatchObject({ function: { name: sent[0] } });
    expect(losses.map(({ what }) => what)).toEqual(['tools[0].name']);
    const [assistant, answer] = body.messages as JsonObject[];
    const wire = (assistant!.tool_calls as JsonObject[])[0]!;
    expect(wire.function).toMatchObject({ name: wireName('web.search') });
    expect(String(wire.id).length).toBeLessThanOrEqual(40);
    expect(answer!.tool_call_id).toBe(wire.id);
    const mistral = openaiChat.encodeRequest(neutral({ messages: [{ role: 'assistant', parts: [call(id)] }] }), {
      ...FACTS,
      vendor: 'mistral',
    });
    expect((mistral.body.messages as JsonObject[])[1]!.tool_call_id).toMatch(/^[A-Za-z0-9]{9}$/);
  });

  test("reasoning goes back to its own vendor, and chat's own to any but OpenAI", () => {
    const thought = (vendor?: string) =>
      neutral({
        messages: [
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'hm', producer: { dialect: 'openai-chat', ...(vendor && { vendor }) } },
              { type: 'text', text: 'x' },
            ],
          },
        ],
      });
    const sent = (vendor: string | undefined, to: string) =>
      JSON.stringify(openaiChat.encodeRequest(thought(vendor), { ...FACTS, vendor: to }).body).includes('reasoning_content');
    expect([sent('deepseek', 'deepseek'), sent(undefined, 'deepseek'), sent('deepseek', 'groq'), sent(undefined, 'openai')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('fields of chat itself are written back', () => {
    const body = {
      model: 'gpt',
      messages: [
        { role: 'developer', content: 'a', name: 'boss' },
        { role: 'user', content: [{ type: 'text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      ],
      tools: [
        { type: 'custom', custom: { name: 'patch' } },
        { type: 'function', function: { name: 'f', parameters: {} } },
      ],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
      logit_bias: { 5: 1 },
      prompt_cache_key: 'k',
    };
    const decoded = openaiChat.decodeRequest(body, '/v1/chat/completions');
    const facts = { ...FACTS, reasoning: 'effort' as const };
    const { body: again, losses } = openaiChat.encodeRequest(decoded.ok ? decoded.value : neutral({}), facts);
    expect(again).toEqual(body);
    expect(losses).toEqual([]);
  });
});
