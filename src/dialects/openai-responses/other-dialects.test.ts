/** Requests that came in another dialect, for a Responses target; and laws over both. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { OutputFormat, Request } from '../../exchange/request.ts';
import { strictResponses } from '../../sim/strict/responses.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { argumentsText, functionTool, image, pdf, requests, schema, textPart } from '../arbitraries.ts';
import type { Dialect } from '../dialect.ts';
import { wrap } from '../envelope.ts';
import { gemini } from '../gemini/dialect.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openaiResponses } from './dialect.ts';

const BASE = { model: 'm', prefill: false, fixedSampling: false } as const;
const PLAIN: TargetFacts = {
  ...BASE,
  vendor: 'openai',
  reasoning: 'none',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
};
const GPT: TargetFacts = { ...PLAIN, model: 'gpt-5.6', reasoning: 'effort', fixedSampling: true };
const CLAUDE: TargetFacts = {
  ...BASE,
  vendor: 'anthropic',
  reasoning: 'adaptive',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  systemInside: true,
};

/** What all of them can say. */
const request = requests({
  attachment: fc.oneof(image, pdf),
  resultContent: textPart,
  resultErrors: true,
  callArguments: argumentsText.map((json) => JSON.stringify(JSON.parse(json))),
  tool: functionTool.map(({ strict: _strict, ...tool }) => tool),
  output: fc.oneof(
    fc.constant<OutputFormat>({ type: 'text' }),
    schema.map((value): OutputFormat => ({ type: 'json-schema', name: 'answer', schema: value })),
  ),
  sampling: fc.constantFrom({}, { temperature: 0 }, { temperature: 0.5 }),
  maxOutputTokens: fc.integer({ min: 16, max: 9000 }),
  systemInside: true,
}).map((value): Request => ({ ...value, model: 'm', stop: [] }));

function through(dialect: Dialect, facts: TargetFacts, neutral: Request): Request {
  const { body, losses } = dialect.encodeRequest(neutral, facts);
  expect(losses).toEqual([]);
  const path = dialect.endpoint(neutral.model, neutral.stream);
  const decoded = dialect.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, path);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

describe('law: through both wires, in either order, nothing is lost', () => {
  test.each([
    ['Anthropic', anthropicMessages, CLAUDE],
    ['chat', openaiChat, PLAIN],
  ])('Responses and %s', (_name, dialect, facts) => {
    fc.assert(
      fc.property(request, (neutral) => {
        expect(through(openaiResponses, PLAIN, through(dialect, facts, neutral))).toEqual(neutral);
        expect(through(dialect, facts, through(openaiResponses, PLAIN, neutral))).toEqual(neutral);
      }),
      { numRuns: 100 },
    );
  });
});

/** Without what Gemini has no word for. */
const geminiRequest = requests({
  resultContent: textPart,
  resultErrors: true,
  callArguments: argumentsText.map((json) => JSON.stringify(JSON.parse(json))),
  tool: functionTool.map(({ strict: _strict, ...tool }) => tool),
  output: fc.constant<OutputFormat>({ type: 'text' }),
  sampling: fc.constantFrom({}, { temperature: 0 }, { temperature: 0.5 }),
  maxOutputTokens: fc.integer({ min: 16, max: 9000 }),
  systemInside: false,
}).map(({ user: _user, parallelToolCalls: _parallel, ...value }): Request => ({ ...value, model: 'm', stop: [] }));

test('law: through the wires of Responses and Gemini, in either order, nothing is lost', () => {
  const facts: TargetFacts = { ...PLAIN, vendor: 'google' };
  fc.assert(
    fc.property(geminiRequest, (neutral) => {
      expect(through(openaiResponses, PLAIN, through(gemini, facts, neutral))).toEqual(neutral);
      expect(through(gemini, facts, through(openaiResponses, PLAIN, neutral))).toEqual(neutral);
    }),
    { numRuns: 100 },
  );
});

function translated(dialect: Dialect, body: JsonObject, facts = GPT): ReturnType<Dialect['encodeRequest']> {
  const decoded = dialect.decodeRequest(body, '/');
  if (!decoded.ok) throw new Error(decoded.error.message);
  const encoded = openaiResponses.encodeRequest(decoded.value, facts);
  expect(strictResponses(JSON.parse(JSON.stringify(encoded.body)) as JsonObject)).toBeUndefined();
  return encoded;
}

describe('for OpenAI', () => {
  test('cases 30, 31, 36 and 40: Claude Code in the middle of its work', () => {
    const mark = { cache_control: { type: 'ephemeral' } };
    const { body, losses } = translated(anthropicMessages, {
      model: 'claude-opus-5',
      max_tokens: 128_000,
      stream: true,
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2' },
        { type: 'text', text: 'You are Claude Code.', ...mark },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'look' }] },
        { role: 'system', content: 'A reminder.' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
            { type: 'text', text: 'Looking.' },
            { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: 'a.png' } },
            { type: 'tool_use', id: 'toolu_2', name: 'Bash', input: { command: 'ls' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }],
            },
            { type: 'tool_result', tool_use_id: 'toolu_2', content: 'no', is_error: true, ...mark },
            { type: 'text', text: 'and?' },
          ],
        },
      ],
      tools: [
        { name: 'Read', input_schema: { type: 'object', properties: {} } },
        { name: 'Bash', input_schema: { type: 'object', properties: {} }, defer_loading: true },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      thinking: { type: 'adaptive', display: 'omitted' },
      output_config: { effort: 'high' },
      context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
      metadata: { user_id: `user_${'a'.repeat(150)}` },
    });
    expect(body).toMatchObject({
      model: 'gpt-5.6',
      instructions: 'x-anthropic-billing-header: cc_version=2',
      reasoning: { effort: 'high' },
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 128_000,
    });
    expect(body.input).toEqual([
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'You are Claude Code.' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'look' }] },
      { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'A reminder.' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Looking.' }] },
      { type: 'function_call', call_id: 'toolu_1', name: 'Read', arguments: '{"file_path":"a.png"}' },
      { type: 'function_call', call_id: 'toolu_2', name: 'Bash', arguments: '{"command":"ls"}' },
      {
        type: 'function_call_output',
        call_id: 'toolu_1',
        output: [{ type: 'input_image', detail: 'auto', image_url: 'data:image/png;base64,AA' }],
      },
      { type: 'function_call_output', call_id: 'toolu_2', output: 'The tool failed:\nno' },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'and?' }] },
    ]);
    expect(losses.map(({ what }) => what).toSorted()).toEqual([
      'cache_control',
      'context_management',
      'messages[2].parts[0]',
      'reasoning.display',
      'tools[1].defer_loading',
      'tools[2]',
      'user',
    ]);
  });

  test('case 20: a chat client with a custom tool', () => {
    const { body } = translated(openaiChat, {
      model: 'gpt',
      messages: [
        { role: 'user', content: 'patch' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'patch', input: '*** Begin' } }] },
        { role: 'tool', tool_call_id: 'a', content: 'done' },
      ],
      tools: [{ type: 'custom', custom: { name: 'patch', format: { type: 'grammar', grammar: { syntax: 'regex', definition: 'a+' } } } }],
      tool_choice: { type: 'custom', custom: { name: 'patch' } },
      stop: 'END',
      response_format: { type: 'json_object' },
    });
    expect(body.tools).toEqual([{ type: 'custom', name: 'patch', format: { type: 'grammar', syntax: 'regex', definition: 'a+' } }]);
    expect(body.tool_choice).toEqual({ type: 'custom', name: 'patch' });
    expect((body.input as JsonObject[]).slice(2)).toEqual([
      { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: '*** Begin' },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'done' },
    ]);
  });

  test("case 34: OpenAI's reasoning that an Anthropic client kept in an envelope goes back bare", () => {
    const producer = { dialect: 'openai-responses' as const, vendor: 'openai', model: 'gpt-5.6' };
    const extras = { dialect: 'openai-responses', fields: { id: 'rs_1' } };
    const decoded = anthropicMessages.decodeRequest(
      {
        model: 'm',
        max_tokens: 100,
        messages: [
          { role: 'user', content: 'q' },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'hm', signature: wrap(producer, { signature: 'gAAA', extras }) },
              { type: 'text', text: 'so' },
            ],
          },
          { role: 'user', content: 'r' },
        ],
      },
      '/',
    );
    if (!decoded.ok) throw new Error(decoded.error.message);
    const { body } = openaiResponses.encodeRequest(decoded.value, GPT);
    expect((body.input as JsonObject[])[1]).toEqual({
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: 'hm' }],
      encrypted_content: 'gAAA',
    });
  });

  test('case 37: an answer that was cut off stays the last turn: OpenAI carries nothing on, and refuses nothing', () => {
    const { body } = translated(anthropicMessages, {
      model: 'm',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'q' },
        { role: 'assistant', content: 'It is' },
      ],
    });
    const last = (body.input as JsonObject[]).at(-1);
    expect(isObject(last) && last.role).toBe('assistant');
  });
});

describe('counting', () => {
  test('case 41: the body is a question’s, the answer is read and an estimate says that it is one', () => {
    const { counting } = openaiResponses;
    const body = { model: 'm', input: 'x' };
    expect(counting?.endpoint('m')).toBe('/responses/input_tokens');
    expect(counting?.request(body)).toBe(body);
    expect(counting?.read({ object: 'response.input_tokens', input_tokens: 7 })).toBe(7);
    expect(counting?.read({ error: {} })).toBeUndefined();
    expect(counting?.read(counting.estimate(9))).toBe(9);
    expect(counting?.estimate(9).understudy_estimate).toBe(true);
  });
});
