import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Part, ReasoningPart, ToolCallPart, ToolResultPart } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import { ownSignature } from '../../sim/signature.ts';
import { strictResponses } from '../../sim/strict/responses.ts';
import { argumentsText, functionTool, image, pdf, requests, text, textPart } from '../arbitraries.ts';
import type { TargetFacts } from '../target-facts.ts';
import { encodeRequest } from './encode-request.ts';

const FACTS: TargetFacts = {
  vendor: 'openai',
  model: 'gpt-5.6',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  fixedSampling: true,
};

function neutral(more: Partial<Request>): Request {
  return {
    model: 'claude',
    stream: true,
    system: [],
    messages: [{ role: 'user', parts: [said('hi')] }],
    tools: [],
    output: { type: 'text' },
    sampling: {},
    stop: [],
    ...more,
  };
}

function said(value: string): Part & { type: 'text' } {
  return { type: 'text', text: value };
}

function call(id: string, more: Partial<ToolCallPart> = {}): ToolCallPart {
  return { type: 'tool-call', id, name: 'f', arguments: '{}', ...more };
}

function result(callId: string, value: string, more: Partial<ToolResultPart> = {}): ToolResultPart {
  return { type: 'tool-result', callId, content: [said(value)], isError: false, ...more };
}

function thought(value: string, more: Partial<ReasoningPart> = {}): ReasoningPart {
  return { type: 'reasoning', text: value, signature: 'c2VjcmV0', producer: { dialect: 'openai-responses', vendor: 'openai' }, ...more };
}

function input(request: Partial<Request>, facts = FACTS): JsonObject[] {
  return encodeRequest(neutral(request), facts).body.input as JsonObject[];
}

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

describe('tools', () => {
  const custom = {
    type: 'custom' as const,
    name: 'apply_patch',
    description: 'd',
    grammar: { syntax: 'lark' as const, definition: 'start: "a"' },
  };
  const mixed: Partial<Request> = {
    tools: [
      custom,
      { type: 'function', name: 'search', namespace: 'mcp__docs', parameters: { type: 'object' } },
      {
        type: 'client',
        kind: 'local-shell',
        name: 'local_shell',
        definition: { type: 'opaque', producer: { dialect: 'openai-responses' }, value: { type: 'local_shell' } },
      },
      {
        type: 'server',
        name: 'web_search',
        definition: { type: 'opaque', producer: { dialect: 'openai-responses', vendor: 'openai' }, value: { type: 'web_search' } },
      },
    ],
    messages: [
      {
        role: 'assistant',
        parts: [
          call('a', { kind: 'custom', name: 'apply_patch', arguments: '{"input":"*** Begin"}' }),
          call('b', { namespace: 'mcp__docs', name: 'search' }),
          call('c', { kind: 'local-shell', name: 'local_shell', arguments: '{"type":"exec","command":["ls"],"env":{}}' }),
        ],
      },
      { role: 'user', parts: [result('a', 'ok', { kind: 'custom' }), result('b', 'found'), result('c', 'file')] },
    ],
  };

  test('case 20: OpenAI gets custom tools, namespaces and its own kinds as such', () => {
    const { body, losses, calls } = encodeRequest(neutral({ ...mixed, toolChoice: { type: 'tool', name: 'apply_patch' } }), FACTS);
    expect(losses).toEqual([]);
    expect(calls).toBeUndefined();
    expect(body.tools).toEqual([
      { type: 'custom', name: 'apply_patch', description: 'd', format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
      {
        type: 'namespace',
        name: 'mcp__docs',
        description: '',
        tools: [{ type: 'function', name: 'search', parameters: { type: 'object' }, strict: false }],
      },
      { type: 'local_shell' },
      { type: 'web_search' },
    ]);
    expect(body.tool_choice).toEqual({ type: 'custom', name: 'apply_patch' });
    expect(body.input).toEqual([
      { type: 'custom_tool_call', call_id: 'a', name: 'apply_patch', input: '*** Begin' },
      { type: 'function_call', call_id: 'b', name: 'search', namespace: 'mcp__docs', arguments: '{}' },
      { type: 'local_shell_call', call_id: 'c', status: 'completed', action: { type: 'exec', command: ['ls'], env: {} } },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'ok' },
      { type: 'function_call_output', call_id: 'b', output: 'found' },
      { type: 'local_shell_call_output', call_id: 'c', output: 'file' },
    ]);
  });

  test('case 20 and 21: others get plain functions, know the way back, and no web search', () => {
    const { body, losses, calls } = encodeRequest(neutral(mixed), { ...FACTS, vendor: 'groq' });
    expect((body.tools as JsonObject[]).map(({ type, name }) => [type, name])).toEqual([
      ['function', 'apply_patch'],
      ['function', 'mcp__docs__search'],
      ['function', 'local_shell'],
    ]);
    expect(losses.map(({ what }) => what)).toEqual(['tools[3]']);
    expect([...calls!]).toEqual([
      ['apply_patch', { name: 'apply_patch', kind: 'custom' }],
      ['mcp__docs__search', { name: 'search', namespace: 'mcp__docs' }],
      ['local_shell', { name: 'local_shell', kind: 'local-shell' }],
    ]);
    expect((body.input as JsonObject[]).map(({ type, name }) => [type, name])).toEqual([
      ['function_call', 'apply_patch'],
      ['function_call', 'mcp__docs__search'],
      ['function_call', 'local_shell'],
      ...Array.from({ length: 3 }, () => ['function_call_output', undefined]),
    ]);
  });

  test('a shell that ran commands and a patch that failed', () => {
    const printed = [{ stdout: 'a', stderr: '', outcome: { type: 'exit', exit_code: 0 } }];
    const items = input({
      messages: [
        {
          role: 'assistant',
          parts: [
            call('a', { kind: 'shell', name: 'shell', arguments: '{"commands":["ls"]}' }),
            call('b', { kind: 'shell', name: 'shell', arguments: '{"commands":["false"]}' }),
            call('c', { kind: 'apply-patch', name: 'apply_patch', arguments: '{"type":"delete_file","path":"x"}' }),
          ],
        },
        {
          role: 'user',
          parts: [
            result('a', JSON.stringify(printed), { kind: 'shell' }),
            result('b', 'no', { isError: true }),
            result('c', 'no such file', { kind: 'apply-patch', isError: true }),
          ],
        },
      ],
    });
    expect(items.slice(3)).toEqual([
      { type: 'shell_call_output', call_id: 'a', output: printed },
      { type: 'shell_call_output', call_id: 'b', output: [{ stdout: 'no', stderr: '', outcome: { type: 'exit', exit_code: 1 } }] },
      { type: 'apply_patch_call_output', call_id: 'c', status: 'failed', output: 'no such file' },
    ]);
  });

  test('case 22: names that are too long are cut, illegal ones renamed, both with a way back', () => {
    const long = 'n'.repeat(70);
    const { body, losses, calls } = encodeRequest(
      neutral({ tools: [long, 'web.search'].map((name) => ({ type: 'function', name, parameters: {} })) }),
      FACTS,
    );
    const [cut, renamed] = (body.tools as JsonObject[]).map(({ name }) => String(name));
    expect(cut).toHaveLength(64);
    expect(renamed).toBe('us-web-2e-search');
    expect([...calls!]).toEqual([[cut, { name: long }]]);
    expect(losses.map(({ what }) => what)).toEqual(['tools[0].name']);
  });

  test('strict only where the schema allows it, and never where nobody asked for it', () => {
    const open = { type: 'object', properties: { a: { type: 'string' } } };
    const closed = { ...open, required: ['a'], additionalProperties: false };
    const { body, losses } = encodeRequest(
      neutral({
        tools: [
          { type: 'function', name: 'a', parameters: closed, strict: true },
          { type: 'function', name: 'b', parameters: open, strict: true },
          { type: 'function', name: 'c', parameters: closed },
        ],
      }),
      FACTS,
    );
    expect((body.tools as JsonObject[]).map(({ strict }) => strict)).toEqual([true, false, false]);
    expect(losses.map(({ what }) => what)).toEqual(['tools[1].strict']);
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

describe('law: whatever is asked, OpenAI would take it', () => {
  const producer = fc.constantFrom(
    { dialect: 'openai-responses' as const },
    { dialect: 'openai-responses' as const, vendor: 'openai' },
    { dialect: 'openai-responses' as const, vendor: 'xai' },
    { dialect: 'anthropic-messages' as const, vendor: 'anthropic' },
    { dialect: 'gemini' as const },
  );
  const request = requests({
    attachment: fc.oneof(image, pdf),
    resultContent: fc.oneof(textPart, image),
    resultErrors: true,
    callArguments: argumentsText,
    reasoningPart: fc.tuple(text, producer).map(([words, by]): ReasoningPart => ({
      type: 'reasoning',
      text: words,
      signature: by.vendor === 'xai' || by.dialect !== 'openai-responses' ? 'Zm9yZWlnbg==' : ownSignature('openai-responses', words),
      producer: by,
    })),
    tool: functionTool,
    output: fc.constant({ type: 'text' as const }),
    sampling: fc.constantFrom({}, { temperature: 0.3, topP: 0.2 }),
    reasoning: fc.constantFrom({ effort: 'high' as const }, { budget: 5000 }, { adaptive: true }),
    maxOutputTokens: fc.option(fc.integer({ min: 1, max: 9000 }), { nil: undefined }),
    systemInside: true,
  });

  test('after anything has been torn out of the history', () => {
    fc.assert(
      fc.property(request, fc.infiniteStream(fc.nat(5)), fc.boolean(), (whole, chance, custom) => {
        const torn: Request = {
          ...whole,
          messages: whole.messages.map((message) => ({
            ...message,
            parts: message.parts
              .filter(() => chance.next().value !== 0)
              .map((part) => (custom && part.type === 'tool-call' ? { ...part, kind: 'custom' as const } : part)),
          })),
        };
        const { body } = encodeRequest(torn, FACTS);
        expect(strictResponses(JSON.parse(JSON.stringify(body)) as JsonObject)).toBeUndefined();
        expect(isObject(body)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
