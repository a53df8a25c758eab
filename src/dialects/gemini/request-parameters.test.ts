import { describe, expect, test } from 'vitest';
import type { Part } from '../../exchange/part.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { wrap } from '../envelope.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import { GEMINI_3, GEMINI_25, CLAUDE, PATH, LS, said, call, result, user, model, encode, decode, ask } from './asking.ts';
import { gemini } from './dialect.ts';

describe('reasoning', () => {
  const foreign: Part = {
    type: 'reasoning',
    text: 'hm',
    signature: 'c2ln',
    producer: { dialect: 'anthropic-messages', vendor: 'anthropic' },
  };

  test('case 31: foreign reasoning is dropped, and its call gets the word for having no signature (Gemini 3)', () => {
    const messages = [user(said('go')), model(foreign, call('a'), call('b')), user(result('a'), result('b'))];
    const { contents, lost } = encode({ messages });
    expect(contents[1]!.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual(['skip_thought_signature_validator', undefined]);
    expect(lost).toEqual(['messages[1].parts[0]']);
    expect(encode({ messages }, GEMINI_25).contents[1]!.parts.every((part) => part.thoughtSignature === undefined)).toBe(true);
    const earlier = encode({ messages: [...messages, model(said('done')), user(said('and now?'))] });
    expect(earlier.contents[1]!.parts[0]!.thoughtSignature).toBeUndefined();
  });

  test('case 33: signatures go back to the parts that bore them', () => {
    const contents = [
      { role: 'user', parts: [{ text: 'go' }] },
      {
        role: 'model',
        parts: [
          { text: 'let me see', thought: true },
          { functionCall: { id: '1', name: 'ls', args: {} }, thoughtSignature: 'one' },
          { functionCall: { id: '2', name: 'ls', args: {} } },
          { functionCall: { id: '3', name: 'ls', args: {} }, thought_signature: 'three' },
        ],
      },
      { role: 'user', parts: ['1', '2', '3'].map((id) => ({ functionResponse: { id, name: 'ls', response: {} } })) },
      {
        role: 'model',
        parts: [
          { text: 'a', thought: true, thoughtSignature: 'on it' },
          { text: 'said', thoughtSignature: 'text' },
          { text: '', thoughtSignature: 'bare' },
        ],
      },
      { role: 'user', parts: [{ text: 'more' }] },
    ];
    const written = encode(decode({ contents }));
    expect(written.contents).toEqual(JSON.parse(JSON.stringify(contents).replace('thought_signature', 'thoughtSignature')));
    expect(written.lost).toEqual([]);
  });

  test('case 33: foreign reasoning that a Gemini client sends back reaches its own vendor as it was', () => {
    const sealed = wrap({ dialect: 'anthropic-messages', vendor: 'anthropic' }, { text: 'hm', signature: 'c2ln' });
    const request = decode({
      contents: [
        { role: 'user', parts: [{ text: 'go' }] },
        { role: 'model', parts: [{ functionCall: { id: 'a', name: 'ls', args: {} }, thoughtSignature: sealed }] },
        { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'ls', response: { output: 'x' } } }] },
      ],
    });
    const { body } = anthropicMessages.encodeRequest(request, CLAUDE);
    expect((body.messages as { content: JsonObject[] }[])[1]!.content).toEqual([
      { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
      { type: 'tool_use', id: 'a', name: 'ls', input: {} },
    ]);
    expect(encode(request).contents[1]!.parts[0]!.thoughtSignature).toBe('skip_thought_signature_validator');
  });

  test('case 33: beside other vendors, a bare signature is Google’s: Vertex gets only what it made itself', () => {
    const sealed = wrap({ dialect: 'gemini', vendor: 'vertex' }, { text: '', signature: 'of vertex' });
    const parts = [
      { text: 'a', thoughtSignature: 'of google' },
      { text: 'b', thoughtSignature: sealed },
      { executableCode: { code: '1' }, thoughtSignature: sealed },
      { executableCode: { code: '2' }, thoughtSignature: 'of google' },
    ];
    const request = decode({
      contents: [
        { role: 'user', parts: [{ text: 'go' }] },
        { role: 'model', parts },
        { role: 'user', parts: [{ text: 'on' }] },
      ],
    });
    const vertex = encode(request, { ...GEMINI_3, vendor: 'vertex', mixedVendors: true });
    // What is opaque has no vendor of its own: it is Google's format, which Vertex speaks.
    expect(vertex.contents[1]!.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([
      undefined,
      'of vertex',
      'of vertex',
      undefined,
    ]);
    expect(vertex.lost).toEqual(['messages[1].parts[0]']);
    const google = encode(request, { ...GEMINI_3, mixedVendors: true });
    expect(google.contents[1]!.parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([
      'of google',
      undefined,
      undefined,
      'of google',
    ]);
  });

  test('Google’s own word for having no signature is no reasoning of anybody’s', () => {
    const parts = [{ functionCall: { id: 'a', name: 'ls', args: {} }, thoughtSignature: 'skip_thought_signature_validator' }];
    expect(decode({ contents: [{ role: 'model', parts }] }).messages[0]!.parts.map(({ type }) => type)).toEqual(['tool-call']);
  });

  test.each<[string, TargetFacts, Request['reasoning'], JsonObject | undefined, string[]]>([
    ['an effort is a level', GEMINI_3, { effort: 'low' }, { thinkingLevel: 'LOW', includeThoughts: true }, []],
    ['xhigh is high', GEMINI_3, { effort: 'xhigh' }, { thinkingLevel: 'HIGH', includeThoughts: true }, ['effort']],
    ['none is the least there is', GEMINI_3, { effort: 'none' }, { thinkingLevel: 'MINIMAL' }, ['effort']],
    [
      'pro begins at low',
      { ...GEMINI_3, model: 'gemini-3.1-pro' },
      { effort: 'minimal' },
      { thinkingLevel: 'LOW', includeThoughts: true },
      ['effort'],
    ],
    [
      'a budget is the level next to it',
      GEMINI_3,
      { budget: 30_000 },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      ['thinking.budget_tokens'],
    ],
    ['a budget is a budget', GEMINI_25, { budget: 5000 }, { thinkingBudget: 5000, includeThoughts: true }, []],
    ['a budget has an end', GEMINI_25, { budget: 99_999 }, { thinkingBudget: 24_576, includeThoughts: true }, ['thinking.budget_tokens']],
    ['an effort is a budget', GEMINI_25, { effort: 'medium' }, { thinkingBudget: 8192, includeThoughts: true }, ['effort']],
    ['off', GEMINI_25, { effort: 'none' }, { thinkingBudget: 0 }, []],
    ['pro cannot stop', { ...GEMINI_25, model: 'gemini-2.5-pro' }, { effort: 'none' }, { thinkingBudget: 128 }, ['thinking']],
    ['the model decides', GEMINI_25, { adaptive: true }, { thinkingBudget: -1, includeThoughts: true }, []],
    ['a model that does not think', { ...GEMINI_25, reasoning: 'none' }, { effort: 'high' }, undefined, ['thinking']],
  ])('case 36: %s', (_name, facts, reasoning, wanted, losses) => {
    const { body, lost } = encode({ messages: [user(said('go'))], ...(reasoning && { reasoning }) }, facts);
    expect((body.generationConfig as JsonObject | undefined)?.thinkingConfig).toEqual(wanted);
    expect(lost).toEqual(losses);
  });
});

describe('parameters', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };

  test('case 38: a schema for the answer, from every dialect, and beside tools', () => {
    const output = { type: 'json-schema' as const, name: 'answer', schema };
    const messages = [user(said('go'))];
    const config = { responseMimeType: 'application/json', responseJsonSchema: schema };
    expect(encode({ messages, output })).toMatchObject({ body: { generationConfig: config }, lost: [] });
    expect(encode({ messages, output, tools: [LS] })).toMatchObject({ body: { generationConfig: config }, lost: [] });
    const older = encode({ messages, output, tools: [LS] }, GEMINI_25);
    expect(older.body.generationConfig).toBeUndefined();
    expect(JSON.stringify(older.body.systemInstruction)).toContain('JSON Schema');
    expect(older.lost).toEqual(['output']);
    const told = encode({ messages, output }, { ...GEMINI_3, structuredOutput: false });
    expect(told.body.generationConfig).toEqual({ responseMimeType: 'application/json' });
    expect(told.lost).toEqual(['output']);
    const request = decode({
      ...ask(),
      generationConfig: {
        response_mime_type: 'application/json',
        responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] },
      },
    });
    expect(request.output).toEqual(output);
    const chat = openaiChat.encodeRequest(request, { ...GEMINI_3, vendor: 'openai', signedCalls: false });
    expect(chat.body.response_format).toEqual({ type: 'json_schema', json_schema: { name: 'answer', schema } });
    expect(anthropicMessages.encodeRequest(request, CLAUDE).body.output_config).toEqual({ format: { type: 'json_schema', schema } });
  });

  test('case 42: the bound of the answer is cut to what the model can write; stop sequences to five', () => {
    const { body, lost } = encode(
      { messages: [user(said('go'))], maxOutputTokens: 99_999, stop: ['1', '2', '3', '4', '5', '6'] },
      { ...GEMINI_3, maxOutput: 65_536 },
    );
    expect(body.generationConfig).toEqual({ maxOutputTokens: 65_536, stopSequences: ['1', '2', '3', '4', '5'] });
    expect(lost).toEqual(['max_tokens', 'stop']);
  });

  test('case 44: seed, penalties and candidates are said, not dropped', () => {
    const config = { seed: 7, presencePenalty: 0.5, candidateCount: 3, responseModalities: ['TEXT'], speech_config: { voice: 'x' } };
    const body = {
      ...ask(),
      generationConfig: config,
      safetySettings: [{ category: 'X' }],
      cachedContent: 'cachedContents/1',
      labels: { a: 'b' },
    };
    const request = decode(body);
    expect(request.sampling).toEqual({ seed: 7, presencePenalty: 0.5 });
    const { speech_config: speech, ...rest } = config;
    expect(encode(request).body).toMatchObject({ ...body, generationConfig: { ...rest, speechConfig: speech } });
    const lost = anthropicMessages.encodeRequest(request, CLAUDE).losses.map(({ what }) => what);
    expect(lost).toEqual(
      expect.arrayContaining(['seed', 'presence_penalty', 'generationConfig', 'safetySettings', 'cachedContent', 'labels']),
    );
    const head = gemini.inspect(Buffer.from(JSON.stringify(body)), PATH);
    expect(head).toMatchObject({ ok: true, value: { candidates: 3, dependsOn: 'cachedContents/1' } });
  });
});
