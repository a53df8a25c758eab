import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { openaiChat } from './dialect.ts';

function decode(body: JsonObject): Request {
  const result = openaiChat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }, '/v1/chat/completions');
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function messages(list: JsonObject[]): Request['messages'] {
  return decode({ messages: list }).messages;
}

describe('decodeRequest', () => {
  test('instructions lead, or stand inside', () => {
    const request = decode({
      messages: [
        { role: 'developer', content: 'a' },
        { role: 'system', content: [{ type: 'text', text: 'b' }] },
        { role: 'user', content: 'hi' },
        { role: 'system', content: 'c' },
      ],
    });
    expect(request.system).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]);
    expect(request.messages.map(({ role }) => role)).toEqual(['user', 'system']);
  });

  test('every kind of content', () => {
    const content = [
      { type: 'text', text: 'look', prompt_cache_breakpoint: { mode: 'explicit' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://e.com/a.png' } },
      { type: 'input_audio', input_audio: { data: 'BBBB', format: 'mp3' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,CCCC' } },
      { type: 'file', file: { file_id: 'file-1' } },
      { type: 'video_url', video_url: { url: 'u' } },
    ];
    expect(messages([{ role: 'user', name: 'ann', content }])).toEqual([
      {
        role: 'user',
        name: 'ann',
        parts: [
          { type: 'text', text: 'look', extras: { dialect: 'openai-chat', fields: { prompt_cache_breakpoint: { mode: 'explicit' } } } },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AAAA' }, detail: 'low' },
          { type: 'image', source: { type: 'url', url: 'https://e.com/a.png' } },
          { type: 'audio', source: { type: 'base64', mediaType: 'audio/mpeg', data: 'BBBB' }, format: 'mp3' },
          { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'CCCC' }, title: 'a.pdf' },
          { type: 'document', source: { type: 'file', id: 'file-1', producer: { dialect: 'openai-chat' } } },
          { type: 'opaque', producer: { dialect: 'openai-chat' }, value: content[6] },
        ],
      },
    ]);
  });

  test('results of tools become one user message, with what the user says next', () => {
    const call = (id: string): JsonObject => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
    const [, assistant, results] = messages([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: [call('a'), call('b')] },
      { role: 'tool', tool_call_id: 'a', content: '1' },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: '2' }] },
      { role: 'user', content: 'go on' },
    ]);
    expect(assistant!.parts.map(({ type }) => type)).toEqual(['reasoning', 'tool-call', 'tool-call']);
    expect(results!.parts).toEqual([
      { type: 'tool-result', callId: 'a', content: [{ type: 'text', text: '1' }], isError: false },
      { type: 'tool-result', callId: 'b', content: [{ type: 'text', text: '2' }], isError: false },
      { type: 'text', text: 'go on' },
    ]);
  });

  test('the form before tools', () => {
    const request = decode({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
        { role: 'function', name: 'f', content: '1' },
      ],
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
    });
    const [, assistant, result] = request.messages;
    const call = assistant!.parts[0]!;
    expect(call).toMatchObject({ type: 'tool-call', name: 'f' });
    expect(result!.parts[0]).toMatchObject({ type: 'tool-result', callId: call.type === 'tool-call' ? call.id : '' });
    expect(request.tools).toMatchObject([{ type: 'function', name: 'f' }]);
    expect(request.toolChoice).toEqual({ type: 'tool', name: 'f' });
  });

  test('a custom tool call, a refusal, a name', () => {
    const custom = { id: 'a', type: 'custom', custom: { name: 'patch', input: 'x' } };
    expect(messages([{ role: 'assistant', name: 'bob', refusal: 'no', tool_calls: [custom] }])).toEqual([
      {
        role: 'assistant',
        name: 'bob',
        parts: [
          { type: 'refusal', text: 'no' },
          { type: 'tool-call', kind: 'custom', id: 'a', name: 'patch', arguments: '{"input":"x"}' },
        ],
      },
    ]);
  });

  test('fields without a neutral word are carried', () => {
    const fields = { n: 2, logprobs: true, logit_bias: { 5: 1 }, store: true, tool_choice: { type: 'allowed_tools', allowed_tools: {} } };
    expect(decode(fields).extras).toEqual({ dialect: 'openai-chat', fields });
    expect(decode({ n: 1, seed: null }).extras).toBeUndefined();
  });

  test.each<[string, JsonObject]>([
    ['model', { model: 3 }],
    ['messages', { messages: [] }],
    ['messages', { messages: 'hi' }],
    ['messages[0]', { messages: ['hi'] }],
    ['messages[0].role', { messages: [{ role: 'wizard', content: 'x' }] }],
    ['messages[0].content', { messages: [{ role: 'user' }] }],
    ['messages[0].content', { messages: [{ role: 'user', content: 3 }] }],
    ['messages[0].content[1].type', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, {}] }] }],
    ['messages[0].content[0].image_url.url', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }],
    ['messages[0].content[0].file', { messages: [{ role: 'user', content: [{ type: 'file', file: {} }] }] }],
    ['messages[0].tool_call_id', { messages: [{ role: 'tool', content: 'x' }] }],
    ['messages[0].tool_calls[0].id', { messages: [{ role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f' } }] }] }],
    ['tools[0].function.name', { tools: [{ type: 'function', function: {} }] }],
    ['tool_choice', { tool_choice: 'maybe' }],
    ['stop[1]', { stop: ['a', 3] }],
    ['temperature', { temperature: 'hot' }],
    ['response_format.json_schema.name', { response_format: { type: 'json_schema', json_schema: {} } }],
  ])('names %s', (field, body) => {
    const result = openaiChat.decodeRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }, '/v1/chat/completions');
    expect(result).toMatchObject({ ok: false, error: { field } });
    expect(!result.ok && result.error.message.startsWith(`${field}: `)).toBe(true);
  });
});
