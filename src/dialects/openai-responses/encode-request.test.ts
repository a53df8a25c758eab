import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { TargetFacts } from '../target-facts.ts';
import { encodeRequest } from './encode-request.ts';
import { call, FACTS, input, neutral, result, said, thought } from './encode-request.fixtures.ts';
import type { Request } from '../../exchange/request.ts';

describe('conversations', () => {
  test('instructions: the first is `instructions`, further ones and later ones are messages', () => {
    const { body, losses } = encodeRequest(
      neutral({
        system: [said('one'), said('two')],
        messages: [
          { role: 'user', parts: [said('hi')] },
          { role: 'system', parts: [said('now')] },
        ],
      }),
      FACTS,
    );
    expect(losses).toEqual([]);
    expect(body).toMatchObject({ instructions: 'one', stream: true, store: false, include: ['reasoning.encrypted_content'] });
    expect(body.input).toEqual([
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'two' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'now' }] },
    ]);
  });

  test('case 16 and 17: outputs of parallel calls follow their calls, images and words between them come after', () => {
    const picture = { type: 'image' as const, source: { type: 'base64' as const, mediaType: 'image/png', data: 'AA' } };
    const items = input({
      messages: [
        { role: 'assistant', parts: [said('x'), call('a'), call('b'), call('c')] },
        { role: 'user', parts: [result('b', '2', { isError: true })] },
        { role: 'user', parts: [picture, said('by the way'), result('a', '1')] },
      ],
    });
    expect(items).toEqual([
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'x' }] },
      ...['a', 'b', 'c'].map((id) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' })),
      { type: 'function_call_output', call_id: 'b', output: 'The tool failed:\n2' },
      { type: 'function_call_output', call_id: 'a', output: '1' },
      { type: 'function_call_output', call_id: 'c', output: 'Interrupted, the result is unknown.' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,AA' },
          { type: 'input_text', text: 'by the way' },
        ],
      },
    ]);
  });

  test('case 18: images and files stay inside of the results', () => {
    const items = input({
      messages: [
        { role: 'assistant', parts: [call('a')] },
        {
          role: 'user',
          parts: [
            result('a', 'shot', {
              content: [
                said('shot'),
                { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, detail: 'high' },
                { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'AA' } },
              ],
            }),
          ],
        },
      ],
    });
    expect(items[1]).toEqual({
      type: 'function_call_output',
      call_id: 'a',
      output: [
        { type: 'input_text', text: 'shot' },
        { type: 'input_image', detail: 'high', image_url: 'https://example.com/a.png' },
        { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,AA' },
      ],
    });
  });

  test('case 28: documents by data, by address, as text, and by the id of a file that lies elsewhere', () => {
    const { body, losses } = encodeRequest(
      neutral({
        messages: [
          {
            role: 'user',
            parts: [
              { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'AA' }, title: 'a.pdf' },
              { type: 'document', source: { type: 'url', url: 'https://example.com/b.pdf' } },
              { type: 'document', source: { type: 'text', mediaType: 'text/plain', text: 'words' }, title: 'c.txt' },
              { type: 'document', source: { type: 'file', id: 'file_1', producer: { dialect: 'anthropic-messages' } } },
              { type: 'document', source: { type: 'file', id: 'file-2', producer: { dialect: 'openai-chat' } } },
              { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: 'AA' }, format: 'wav' },
            ],
          },
        ],
      }),
      FACTS,
    );
    expect((body.input as JsonObject[])[0]!.content).toEqual([
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA' },
      { type: 'input_file', file_url: 'https://example.com/b.pdf' },
      { type: 'input_text', text: 'c.txt\n\nwords' },
      { type: 'input_text', text: '[A document was here that cannot be shown to you.]' },
      { type: 'input_file', file_id: 'file-2' },
      { type: 'input_text', text: '[An audio clip was here that cannot be played to you.]' },
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['messages[0].parts[3]', 'messages[0].parts[5]']);
  });

  test('an id that comes twice becomes two, an illegal one is always mapped alike', () => {
    const ids = (request: Partial<Request>): unknown[] => input(request).map((item) => item.call_id);
    const turn = [
      { role: 'assistant' as const, parts: [call('call_0')] },
      { role: 'user' as const, parts: [result('call_0', '1')] },
    ];
    expect(ids({ messages: [...turn, ...turn] })).toEqual(['call_0', 'call_0', 'call_0_2', 'call_0_2']);
    const long = 'x'.repeat(65);
    const [one, other] = ids({
      messages: [
        { role: 'assistant', parts: [call(long)] },
        { role: 'user', parts: [result(long, '1')] },
      ],
    });
    expect(one).toBe(other);
    expect(String(one)).toMatch(/^call_[0-9a-f]{32}$/);
  });

  test('a model without tools is told in words', () => {
    const { body, losses } = encodeRequest(
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
    expect((body.input as JsonObject[]).map(({ type }) => type)).toEqual(['message', 'message']);
    expect(losses.map(({ what }) => what)).toEqual(['messages[0].parts[0]', 'messages[1].parts[0]', 'tools[0]']);
  });
});

describe('reasoning', () => {
  test('case 34: OpenAI gets its own back, right before what it led to, without ids; that of others is left out before it is refused', () => {
    const { body, losses } = encodeRequest(
      neutral({
        messages: [
          {
            role: 'assistant',
            parts: [
              thought('theirs', { producer: { dialect: 'anthropic-messages', vendor: 'anthropic' } }),
              thought('first\n\nsecond', {
                extras: {
                  dialect: 'openai-responses',
                  fields: {
                    id: 'rs_1',
                    summary: [
                      { type: 'summary_text', text: 'first' },
                      { type: 'summary_text', text: 'second' },
                    ],
                  },
                },
              }),
              call('a'),
            ],
          },
          { role: 'user', parts: [result('a', '1')] },
          { role: 'assistant', parts: [thought('elsewhere', { producer: { dialect: 'openai-responses', vendor: 'xai' } }), said('done')] },
        ],
      }),
      FACTS,
    );
    expect(body.input).toEqual([
      {
        type: 'reasoning',
        summary: [
          { type: 'summary_text', text: 'first' },
          { type: 'summary_text', text: 'second' },
        ],
        encrypted_content: 'c2VjcmV0',
      },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: '1' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] },
    ]);
    expect(losses).toMatchObject([
      { what: 'messages[0].parts[0]', foreignReasoning: true },
      { what: 'messages[2].parts[0]', foreignReasoning: true },
    ]);
  });

  test('case 31: bare reasoning is its own vendor’s where several vendors take turns', () => {
    const bare = thought('hm', { producer: { dialect: 'openai-responses' } });
    const types = (facts: Partial<TargetFacts>): unknown[] =>
      input({ messages: [{ role: 'assistant', parts: [bare, said('x')] }] }, { ...FACTS, ...facts }).map(({ type }) => type);
    expect(types({})).toEqual(['reasoning', 'message']);
    expect(types({ vendor: 'xai' })).toEqual(['reasoning', 'message']);
    expect(types({ mixedVendors: true })).toEqual(['reasoning', 'message']);
    expect(types({ vendor: 'xai', mixedVendors: true })).toEqual(['message']);
  });

  test('case 34: reasoning that nothing follows, or that cannot be read again, is left out', () => {
    const { body, losses } = encodeRequest(
      neutral({
        messages: [
          {
            role: 'assistant',
            parts: [{ type: 'reasoning', text: 'open', producer: { dialect: 'openai-responses' } }, said('x'), thought('cut off')],
          },
          { role: 'user', parts: [said('go on')] },
        ],
      }),
      FACTS,
    );
    expect((body.input as JsonObject[]).map(({ type, role }) => [type, role])).toEqual([
      ['message', 'assistant'],
      ['message', 'user'],
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['messages[0].parts[0]', 'messages[0].parts[2]']);
  });

  test.each([
    [{ budget: 10_000 }, 'openai', { effort: 'medium' }, ['reasoning']],
    [{ effort: 'max' as const }, 'openai', { effort: 'max' }, []],
    [{ effort: 'max' as const }, 'xai', { effort: 'high' }, ['reasoning']],
    [{ adaptive: true }, 'openai', undefined, []],
    [{ effort: 'none' as const }, 'openai', { effort: 'none' }, []],
  ])('effort of %j for %s', (reasoning, vendor, wanted, lost) => {
    const { body, losses } = encodeRequest(neutral({ reasoning }), { ...FACTS, vendor });
    expect(body.reasoning).toEqual(wanted);
    expect(losses.map(({ what }) => what)).toEqual(lost);
    expect(body.include !== undefined).toBe(wanted?.effort !== 'none');
  });
});

describe('parameters', () => {
  test('case 38: a JSON schema is asked for as such; a target that keeps to none is told', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const asked = neutral({ output: { type: 'json-schema', name: 'answer', schema, strict: true, description: 'd' } });
    expect(encodeRequest(asked, FACTS).body.text).toEqual({
      format: { type: 'json_schema', name: 'answer', schema, strict: true, description: 'd' },
    });
    const told = encodeRequest(asked, { ...FACTS, structuredOutput: false });
    expect(told.body.text).toEqual({ format: { type: 'json_object' } });
    expect(JSON.stringify((told.body.input as JsonObject[])[0])).toContain('JSON Schema');
    expect(told.losses.map(({ what }) => what)).toEqual(['text.format']);
  });

  test('case 38: JSON mode says the word that OpenAI demands, once', () => {
    const { body } = encodeRequest(neutral({ output: { type: 'json' } }), FACTS);
    expect((body.input as JsonObject[])[0]).toMatchObject({ role: 'developer', content: [{ text: 'Answer with a JSON object.' }] });
    const said = encodeRequest(
      neutral({ output: { type: 'json' }, messages: [{ role: 'user', parts: [{ type: 'text', text: 'json!' }] }] }),
      FACTS,
    );
    expect(said.body.input).toHaveLength(1);
  });

  test('case 42 and 44: limits fit the model, what has no word is listed', () => {
    const { body, losses } = encodeRequest(
      neutral({
        sampling: { temperature: 0.5, topP: 0.9, topK: 3, seed: 1, presencePenalty: 1, frequencyPenalty: 1 },
        stop: ['END'],
        maxOutputTokens: 1,
        user: 'u'.repeat(100),
      }),
      FACTS,
    );
    expect(body).toMatchObject({ max_output_tokens: 16, safety_identifier: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(losses.map(({ what }) => what)).toEqual([
      'max_output_tokens',
      'temperature',
      'top_p',
      'top_k',
      'seed',
      'presence_penalty',
      'frequency_penalty',
      'stop',
      'user',
    ]);
    expect(encodeRequest(neutral({ maxOutputTokens: 900 }), { ...FACTS, maxOutput: 500 }).body.max_output_tokens).toBe(500);
  });

  test('marks for caches are told once', () => {
    const marked = { dialect: 'anthropic-messages' as const, fields: { cache_control: { type: 'ephemeral' } } };
    const { losses } = encodeRequest(
      neutral({
        system: [{ type: 'text', text: 's', extras: marked }],
        messages: [{ role: 'user', parts: [{ type: 'text', text: 'hi', extras: marked }] }],
      }),
      FACTS,
    );
    expect(losses).toEqual([{ what: 'cache_control', why: '2 cache marks: OpenAI caches by itself' }]);
  });
});
