import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { GEMINI_25, CLAUDE, PATH, EMPTY, LS, said, call, result, user, model, PICTURE, INLINE, encode, decode, ask } from './asking.ts';
import { gemini } from './dialect.ts';

describe('tools', () => {
  test('cases 16, 17: results come in one turn, first, whatever stood between them', () => {
    const { contents, lost } = encode({
      messages: [
        user(said('go')),
        model(call('a'), call('b')),
        user(result('a', { type: 'text', text: '1' })),
        user(PICTURE, said('a picture between')),
        user(result('b', { type: 'text', text: '2' })),
      ],
    });
    expect(contents).toHaveLength(3);
    expect(contents[2]).toEqual({
      role: 'user',
      parts: [
        { functionResponse: { id: 'a', name: 'ls', response: { output: '1' } } },
        { functionResponse: { id: 'b', name: 'ls', response: { output: '2' } } },
        INLINE,
        { text: 'a picture between' },
      ],
    });
    expect(lost).toEqual([]);
  });

  test('a call without a result gets one, a result without a call becomes text', () => {
    const { contents, lost } = encode({
      messages: [user(said('go')), model(call('a')), user(result('z', { type: 'text', text: 'late' }))],
    });
    expect(contents[2]!.parts).toEqual([
      { functionResponse: { id: 'a', name: 'ls', response: { error: 'No result of this call was recorded.' } } },
      { text: 'Result of an earlier tool call (z):' },
      { text: 'late' },
    ]);
    expect(lost).toEqual(['messages[2].parts[0]', 'result of a']);
  });

  test('case 18: images in results go inside for Gemini 3, behind the results for those before', () => {
    const messages = [
      user(said('go')),
      model(call('a'), call('b')),
      user(result('a', { type: 'text', text: 'see' }, PICTURE), result('b')),
    ];
    const now = encode({ messages });
    expect(now.contents[2]!.parts[0]).toEqual({ functionResponse: { id: 'a', name: 'ls', response: { output: 'see' }, parts: [INLINE] } });
    expect(now.lost).toEqual([]);
    const before = encode({ messages }, GEMINI_25);
    expect(before.contents[2]!.parts.map((part) => Object.keys(part)[0])).toEqual([
      'functionResponse',
      'functionResponse',
      'text',
      'inlineData',
    ]);
    expect(before.lost).toEqual(['messages[2].parts[0].content[1]']);
  });

  test('case 20: calls that are no functions go as functions, and come back by the map', () => {
    const { body, calls } = encode({
      messages: [user(said('go'))],
      tools: [
        { type: 'custom', name: 'apply_patch', description: 'Edits.' },
        { ...LS, namespace: 'mcp__files' },
      ],
      toolChoice: { type: 'tool', name: 'ls', namespace: 'mcp__files' },
    });
    const [{ functionDeclarations }] = body.tools as [{ functionDeclarations: JsonObject[] }];
    expect(functionDeclarations.map(({ name }) => name)).toEqual(['apply_patch', 'mcp__files__ls']);
    expect(body.toolConfig).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['mcp__files__ls'] } });
    expect(calls?.get('apply_patch')).toEqual({ name: 'apply_patch', kind: 'custom' });
    expect(calls?.get('mcp__files__ls')).toEqual({ name: 'ls', namespace: 'mcp__files' });
  });

  test('case 21: tools that a provider runs are kept for Google, and said to be lost elsewhere and from elsewhere', () => {
    const body = { ...ask(), tools: [{ google_search: {}, functionDeclarations: [{ name: 'ls' }] }, { codeExecution: {} }] };
    const request = decode(body);
    expect(encode(request).body.tools).toEqual([
      { functionDeclarations: [{ name: 'ls', parametersJsonSchema: { type: 'object', properties: {} } }] },
      { googleSearch: {} },
      { codeExecution: {} },
    ]);
    expect(encode(request, GEMINI_25).lost).toEqual(['tools[1]', 'tools[2]']);
    expect(anthropicMessages.encodeRequest(request, CLAUDE).losses.map(({ what }) => what)).toEqual(['tools[1]', 'tools[2]']);
    const foreign = anthropicMessages.decodeRequest(
      {
        model: 'c',
        max_tokens: 9,
        messages: [{ role: 'user', content: 'q' }],
        tools: [{ type: 'web_search_20250305', name: 'web_search' }],
      },
      '/v1/messages',
    );
    if (!foreign.ok) throw new Error(foreign.error.message);
    const there = encode(foreign.value);
    expect(there.body.tools).toBeUndefined();
    expect(there.lost).toEqual(['tools[0]']);
  });

  test('case 22: names that Gemini refuses are renamed, the same everywhere, and come back', () => {
    const long = `mcp__${'x'.repeat(90)}`;
    const { body, contents, calls } = encode({
      messages: [
        user(said('go')),
        model(call('a', { name: long })),
        user(result('a')),
        model(call('b', { name: '9 lives' })),
        user(result('b')),
      ],
      tools: [{ ...LS, name: long }, { ...LS, name: '9 lives' }, LS],
    });
    const [{ functionDeclarations }] = body.tools as [{ functionDeclarations: { name: string }[] }];
    const [first, second, third] = functionDeclarations.map(({ name }) => name) as [string, string, string];
    for (const name of [first, second, third]) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/);
    expect([calls?.get(first), calls?.get(second), calls?.get(third)]).toEqual([{ name: long }, { name: '9 lives' }, undefined]);
    expect(contents[1]!.parts[0]!.functionCall).toMatchObject({ name: first });
    expect(contents[2]!.parts[0]!.functionResponse).toMatchObject({ name: first });
    expect(contents[4]!.parts[0]!.functionResponse).toMatchObject({ name: second });
  });

  test('case 23: a schema that says more than Gemini can is told as lost, once a tool', () => {
    const { body, lost } = encode({
      messages: [user(said('go'))],
      tools: [
        { ...LS, parameters: { $schema: 's', type: 'object', properties: { a: { type: 'string', pattern: '^a' } }, minProperties: 1 } },
      ],
    });
    const [{ functionDeclarations }] = body.tools as [{ functionDeclarations: JsonObject[] }];
    expect(functionDeclarations[0]!.parametersJsonSchema).toEqual({
      type: 'object',
      properties: { a: { type: 'string', description: '(pattern: ^a)' } },
      description: '(minProperties: 1)',
    });
    expect(lost).toEqual(['tools[0].parameters']);
  });

  test('case 23b: a result that holds `$ref` goes as text, others as the objects that they are', () => {
    const schema = '{"properties":{"a":{"$ref":"#/$defs/A"}}}';
    const { contents } = encode({
      messages: [
        user(said('go')),
        model(call('a'), call('b'), call('c'), call('d')),
        user(
          result('a', { type: 'text', text: schema }),
          result('b', { type: 'text', text: '{"ok":true}' }),
          result('c', { type: 'text', text: '{"output":1}' }),
          { ...result('d', { type: 'text', text: 'no' }), isError: true },
        ),
      ],
    });
    const responses = contents[2]!.parts.map(({ functionResponse }) => (functionResponse as JsonObject).response);
    expect(responses).toEqual([{ output: schema }, { ok: true }, { output: '{"output":1}' }, { error: 'no' }]);
  });

  test('case 24: a forced tool goes with thinking; VALIDATED and several allowed names stay where only Gemini knows them', () => {
    const forced = encode({ messages: [user(said('go'))], tools: [LS], toolChoice: { type: 'required' }, reasoning: { effort: 'high' } });
    expect(forced.body.toolConfig).toEqual({ functionCallingConfig: { mode: 'ANY' } });
    expect(forced.body.generationConfig).toEqual({ thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true } });
    const toolConfig = {
      functionCallingConfig: { mode: 'VALIDATED', allowedFunctionNames: ['ls', 'cat'] },
      includeServerSideToolInvocations: true,
    };
    const request = decode({ ...ask(), tools: [{ functionDeclarations: [{ name: 'ls' }, { name: 'cat' }] }], tool_config: toolConfig });
    expect(request.toolChoice).toEqual({ type: 'auto' });
    expect(encode(request).body.toolConfig).toEqual(toolConfig);
    expect(anthropicMessages.encodeRequest(request, CLAUDE).losses.map(({ what }) => what)).toEqual(['toolConfig']);
  });
});

describe('content', () => {
  test('case 27: images of any kind reach Gemini', () => {
    const url = { type: 'image' as const, source: { type: 'url' as const, url: 'https://example.com/a.webp?size=2' } };
    const data = { type: 'image' as const, source: { type: 'url' as const, url: 'data:image/png;base64,aGk=' } };
    const elsewhere = {
      type: 'image' as const,
      source: { type: 'file' as const, id: 'file-1', producer: { dialect: 'openai-chat' as const } },
    };
    const { contents, lost } = encode({ messages: [user(PICTURE, url, data, elsewhere)] });
    expect(contents[0]!.parts).toEqual([
      INLINE,
      { fileData: { fileUri: 'https://example.com/a.webp?size=2', mimeType: 'image/webp' } },
      INLINE,
      { text: '[image omitted: it could not be shown to this model]' },
    ]);
    expect(lost).toEqual(['messages[0].parts[3]']);
  });

  test('case 28: PDFs, inline, by address and by file, and text documents', () => {
    const body = {
      contents: [
        {
          parts: [
            { inlineData: { mimeType: 'application/pdf', data: 'JVBERg==', displayName: 'a.pdf' } },
            { file_data: { file_uri: 'https://example.com/b.pdf', mime_type: 'application/pdf' } },
            { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/x', mimeType: 'application/pdf' } },
            { inlineData: { mimeType: 'text/plain', data: Buffer.from('words').toString('base64') } },
            { fileData: { fileUri: 'https://youtu.be/x' } },
          ],
        },
      ],
    };
    const request = decode(body);
    expect(request.messages[0]!.parts.map((part) => [part.type, 'source' in part ? part.source.type : undefined])).toEqual([
      ['document', 'base64'],
      ['document', 'url'],
      ['document', 'file'],
      ['document', 'text'],
      ['opaque', undefined],
    ]);
    const { contents, lost } = encode(request);
    expect(contents[0]!.parts).toEqual([
      body.contents[0]!.parts[0],
      { fileData: { fileUri: 'https://example.com/b.pdf', mimeType: 'application/pdf' } },
      ...body.contents[0]!.parts.slice(2),
    ]);
    expect(lost).toEqual([]);
    const there = anthropicMessages.encodeRequest(request, CLAUDE);
    const [message] = there.body.messages as [{ content: JsonObject[] }];
    expect(message.content.slice(0, 2).map(({ type }) => type)).toEqual(['document', 'document']);
    expect(there.losses.map(({ what }) => what)).toContain('messages[0].parts[2]');
  });

  test('case 30: an instruction between turns is said in the user’s name, after results', () => {
    const { contents, lost } = encode({
      messages: [user(said('go')), model(call('a')), { role: 'system', parts: [said('hurry')] }, user(result('a'))],
    });
    expect(contents[2]!.parts).toEqual([
      { functionResponse: { id: 'a', name: 'ls', response: {} } },
      { text: '<system>\nhurry\n</system>' },
    ]);
    expect(lost).toEqual(['messages[2]']);
  });

  test('case 37: a model’s turn at the end is carried on only where the target does so', () => {
    const messages = [user(said('go')), model(said('once upon'))];
    expect(encode({ messages }).contents.at(-1)!.role).toBe('user');
    expect(encode({ messages }, { ...GEMINI_25, prefill: true }).contents.at(-1)).toEqual({
      role: 'model',
      parts: [{ text: 'once upon' }],
    });
  });
});

describe('what the API takes as well', () => {
  test('names in snake_case, a content alone, strings, null, numbers as strings', () => {
    const request = decode({
      contents: { parts: { text: 'q' } },
      system_instruction: { parts: { text: 's' } },
      generation_config: {
        max_output_tokens: '10',
        top_k: 3,
        stop_sequences: null,
        thinking_config: { thinking_level: 'low', include_thoughts: true },
      },
      tools: null,
    });
    expect(request).toEqual({
      ...EMPTY,
      model: 'gemini-3.6-flash',
      system: [{ type: 'text', text: 's' }],
      messages: [user(said('q'))],
      sampling: { topK: 3 },
      reasoning: { effort: 'low' },
      maxOutputTokens: 10,
    });
    expect(decode({ contents: 'q', systemInstruction: 's' })).toMatchObject({
      system: [{ text: 's' }],
      messages: [{ parts: [{ text: 'q' }] }],
    });
  });

  test('calls and results without ids find each other by name and order', () => {
    const request = decode({
      contents: [
        { role: 'user', parts: [{ text: 'q' }] },
        { role: 'model', parts: ['ls', 'cat', 'ls'].map((name) => ({ functionCall: { name, args: {} } })) },
        { role: 'function', parts: ['ls', 'ls', 'cat'].map((name) => ({ functionResponse: { name, response: { output: name } } })) },
      ],
    });
    const ids = request.messages[1]!.parts.map((part) => part.type === 'tool-call' && part.id);
    expect(ids).toEqual(['call_1_0', 'call_1_1', 'call_1_2']);
    expect(request.messages[2]!.parts.map((part) => part.type === 'tool-result' && part.callId)).toEqual([ids[0], ids[2], ids[1]]);
    expect(encode(request).lost).toEqual([]);
  });

  test('what has no neutral word comes back as it was', () => {
    const parts = [
      { text: 'q', partMetadata: { a: 1 } },
      { executableCode: { language: 'PYTHON', code: '1' }, thoughtSignature: 'x' },
      { codeExecutionResult: { outcome: 'OUTCOME_OK' } },
      { inlineData: { mimeType: 'video/mp4', data: 'aGk=' }, videoMetadata: { fps: 1 } },
      { toolCall: { id: '1' } },
    ];
    expect(encode(decode({ contents: [{ role: 'user', parts }] })).contents[0]!.parts).toEqual(parts);
  });

  test.each<[string, JsonObject, string]>([
    ['no contents', {}, 'contents'],
    ['an unknown role', { contents: [{ role: 'system', parts: [] }] }, 'contents[0].role'],
    ['a function without a name', { contents: [], tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    ['a temperature in words', { contents: [], generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature'],
  ])('%s is refused by name', (_name, body, field) => {
    expect(gemini.decodeRequest(body, PATH)).toMatchObject({ ok: false, error: { field } });
  });
});
