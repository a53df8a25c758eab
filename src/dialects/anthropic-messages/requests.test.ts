import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { Message, Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { anthropicMessages as dialect } from './dialect.ts';

const FACTS: TargetFacts = {
  vendor: 'anthropic',
  model: 'claude-new',
  prefill: false,
  systemInside: true,
  reasoning: 'adaptive',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};
const OLD: TargetFacts = { ...FACTS, model: 'claude-old', prefill: true, systemInside: false, reasoning: 'budget', maxOutput: 8192 };
const ASKED: Request = {
  model: 'm',
  stream: true,
  system: [],
  messages: [user('hi')],
  tools: [],
  output: { type: 'text' },
  sampling: {},
  stop: [],
};

function user(text: string): Message {
  return { role: 'user', parts: [{ type: 'text', text }] };
}

function encode(request: Partial<Request>, facts: TargetFacts = FACTS) {
  const { body, losses, headers } = dialect.encodeRequest({ ...ASKED, ...request }, facts);
  return { body, headers, lost: losses.map(({ what }) => what) };
}

function problem(body: JsonObject): string {
  const decoded = dialect.decodeRequest({ model: 'm', max_tokens: 1, messages: [], ...body }, '/v1/messages');
  return decoded.ok ? 'none' : `${decoded.error.field}: ${decoded.error.message}`;
}

/** What Claude Code 2.1 sends, cut short: see research/dialects.md, 1d. */
const CLAUDE_CODE: JsonObject = {
  model: 'claude-new',
  max_tokens: 128000,
  stream: true,
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: v=1' },
    { type: 'text', text: 'You are Claude Code.', cache_control: { type: 'ephemeral', ttl: '1h' } },
  ],
  messages: [
    { role: 'user', content: [{ type: 'text', text: 'list' }] },
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
        { type: 'redacted_thinking', data: 'ZGF0YQ==' },
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
        { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{ type: 'web_search_result', url: 'u' }] },
        { type: 'text', text: 'so', citations: [{ type: 'char_location' }] },
        { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' }, caller: { type: 'direct' } },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool_result',
          tool_use_id: 'toolu_1',
          content: [
            { type: 'text', text: 'out' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
            { type: 'tool_reference', tool_name: 'Read' },
          ],
          is_error: true,
          cache_control: { type: 'ephemeral' },
        },
        { type: 'document', source: { type: 'content', content: 'text' }, title: 'whole' },
        { type: 'document', source: { type: 'file', file_id: 'file_1' }, title: 'T', context: 'C', citations: { enabled: true } },
        { type: 'search_result', source: 's', title: 't', content: [] },
      ],
    },
  ],
  tools: [
    { name: 'Bash', description: 'runs', input_schema: { type: 'object' }, defer_loading: true, strict: true },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
  ],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  thinking: { type: 'adaptive', display: 'omitted' },
  output_config: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } }, brand_new: 1 },
  context_management: { edits: [{ type: 'clear_thinking_20251015' }] },
  metadata: { user_id: '{"device":"d"}', other: 1 },
  stop_sequences: ['END'],
  service_tier: 'auto',
  brand_new: [1],
};

describe('the same dialect', () => {
  test('what Claude Code says comes out as it went in, block by block and field by field', () => {
    const decoded = dialect.decodeRequest(CLAUDE_CODE, '/v1/messages');
    if (!decoded.ok) throw new Error(decoded.error.message);
    const encoded = dialect.encodeRequest(decoded.value, FACTS);
    expect(encoded.losses).toEqual([]);
    expect(JSON.parse(JSON.stringify(encoded.body))).toEqual(CLAUDE_CODE);
  });

  test('to another vendor of the dialect every secret of the first one is lost by name', () => {
    const decoded = dialect.decodeRequest(CLAUDE_CODE, '/v1/messages');
    if (!decoded.ok) throw new Error(decoded.error.message);
    const marked = decoded.value.messages.map((message) => ({
      ...message,
      parts: message.parts.map((part) => ('producer' in part ? { ...part, producer: { ...part.producer, vendor: 'anthropic' } } : part)),
    }));
    const { lost } = encode({ ...decoded.value, messages: marked }, { ...FACTS, vendor: 'other' });
    expect(lost).toContain('messages[2].parts[0]');
    expect(lost).toContain('messages[2].parts[1]');
    expect(lost).toContain('messages[2].parts[2]');
  });
});

describe('problems name the field', () => {
  test.each<[string, JsonObject]>([
    ['messages[0].role: must be "user", "assistant" or "system"', { messages: [{ role: 'tool', content: '' }] }],
    ['messages[0]: must be an object, not a string', { messages: ['hi'] }],
    ['messages[0].content: is missing; it must be a string or an array of blocks', { messages: [{ role: 'user' }] }],
    ['messages[0].content[1].type: is missing; it must be a string', { messages: [{ role: 'user', content: [{ type: 'x' }, {}] }] }],
    ['messages[0].content[0].text: must be a string, not 5', { messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] }],
    [
      'messages[0].content[0].input: is missing; it must be an object',
      { messages: [{ role: 'user', content: [{ type: 'tool_use', id: 'a', name: 'b' }] }] },
    ],
    [
      'messages[0].content[0].source.data: is missing; it must be a string',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'm' } }] }] },
    ],
    ['tools[0].input_schema: is missing; it must be an object', { tools: [{ name: 'a' }] }],
    ['model: must be a string, not null', { model: null }],
    ['stream: must be true or false, not a string', { stream: 'yes' }],
    ['max_tokens: must be a whole number, not 1.5', { max_tokens: 1.5 }],
    ['stop_sequences[0]: must be a string, not true', { stop_sequences: [true] }],
    ['thinking.budget_tokens: is missing; it must be a whole number', { thinking: { type: 'enabled' } }],
  ])('%s', (wanted, body) => expect(problem(body)).toBe(wanted));
});

describe('what the API demands', () => {
  test('max_tokens, version and model', () => {
    expect(encode({})).toMatchObject({
      headers: { 'anthropic-version': '2023-06-01' },
      body: { max_tokens: 8192, model: 'claude-new', stream: true },
    });
    expect(encode({ maxOutputTokens: 9000 }, OLD)).toMatchObject({ body: { max_tokens: 8192 }, lost: ['max_tokens'] });
  });

  test('roles alternate, a user begins, results come first, missing and orphaned results are mended', () => {
    const { body, lost } = encode({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'text', text: 'hello' },
            { type: 'tool-call', id: 'a.1', name: 'f', arguments: '{}' },
            { type: 'tool-call', id: 'b', name: 'f', arguments: '' },
          ],
        },
        user('first'),
        {
          role: 'user',
          parts: [
            { type: 'tool-result', callId: 'a.1', content: [], isError: false },
            { type: 'tool-result', callId: 'z', content: [{ type: 'text', text: 'old' }], isError: false },
          ],
        },
        user(' '),
      ],
    });
    expect(body.messages).toEqual([
      { role: 'user', content: [{ type: 'text', text: '(continued)' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'hello' },
          { type: 'tool_use', id: 'us-a-2e-1', name: 'f', input: {} },
          { type: 'tool_use', id: 'b', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'us-a-2e-1' },
          { type: 'tool_result', tool_use_id: 'b', content: 'No result of this call was recorded.', is_error: true },
          { type: 'text', text: 'first' },
          { type: 'text', text: 'Result of tool call z: [{"type":"text","text":"old"}]' },
        ],
      },
    ]);
    expect(lost.toSorted()).toEqual(['messages[0]', 'messages[3].parts[0]', 'result of b', 'result of z']);
  });

  test('a request of instructions alone, which chat takes, has a user all the same', () => {
    expect(encode({ system: [{ type: 'text', text: 'Write a haiku.' }], messages: [] })).toMatchObject({
      body: { messages: [{ role: 'user' }] },
      lost: ['messages[0]'],
    });
  });

  test('an assistant turn at the end: literally where the target can, asked for elsewhere', () => {
    const messages: Message[] = [user('count'), { role: 'assistant', parts: [{ type: 'text', text: '1, 2 ' }] }];
    expect(encode({ messages }, OLD)).toMatchObject({ body: { messages: [{}, { content: [{ text: '1, 2' }] }] }, lost: ['messages'] });
    const asked = encode({ messages });
    expect(asked.lost).toEqual(['messages']);
    expect(asked.body.messages).toHaveLength(3);
  });

  test('instructions between turns', () => {
    const messages: Message[] = [user('a'), { role: 'system', parts: [{ type: 'text', text: 'brief' }] }, user('b')];
    expect(encode({ messages }).body.messages).toHaveLength(3);
    expect(encode({ messages }, OLD)).toMatchObject({
      body: { messages: [{ role: 'user', content: [{ text: 'a' }, { text: '<system>\nbrief\n</system>' }, { text: 'b' }] }] },
      lost: ['messages[1]'],
    });
  });

  test('a budget leaves room for the answer, and thinking excludes what the API refuses with it', () => {
    expect(encode({ reasoning: { budget: 9999 }, maxOutputTokens: 4000 }, OLD)).toMatchObject({
      body: { thinking: { type: 'enabled', budget_tokens: 3999 } },
      lost: ['thinking.budget_tokens'],
    });
    expect(encode({ reasoning: { budget: 2000 }, maxOutputTokens: 1000 }, OLD)).toMatchObject({ lost: ['thinking'] });
    expect(encode({ reasoning: { effort: 'medium' } }, { ...OLD, maxOutput: 64000, model: 'b' }).body).toMatchObject({
      thinking: { budget_tokens: 8192 - 0 },
    });
    expect(encode({ reasoning: { effort: 'high' } }).body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
    const clashing = encode({ reasoning: { effort: 'high' }, sampling: { temperature: 0.2, topP: 0.99, topK: 3 } });
    expect(clashing).toMatchObject({ body: { top_p: 0.99 }, lost: ['temperature', 'top_k'] });
    expect(
      encode({ reasoning: { effort: 'low' }, tools: [{ type: 'function', name: 'f', parameters: {} }], toolChoice: { type: 'required' } }),
    ).toMatchObject({
      body: { tool_choice: { type: 'any' }, tools: [{ input_schema: { type: 'object' } }] },
      lost: ['thinking'],
    });
  });

  test('a tool turn that somebody else wrote can not be followed with a budget for thinking', () => {
    const messages: Message[] = [
      user('a'),
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{}' }] },
      { role: 'user', parts: [{ type: 'tool-result', callId: 'a', content: [], isError: false }] },
    ];
    const { body, lost } = encode({ messages, reasoning: { budget: 2000 } }, OLD);
    expect(body.thinking).toBeUndefined();
    expect(lost).toEqual(['thinking']);
  });
});

describe('losses are complete', () => {
  test('of OpenAI words', () => {
    const { body, lost } = encode({
      sampling: { temperature: 1.5, topP: 0.5, seed: 1, presencePenalty: 1, frequencyPenalty: 1 },
      output: { type: 'json-schema', name: 'n', description: 'd', strict: false, schema: { type: 'object' } },
      extras: { dialect: 'openai-chat', fields: { logprobs: true, store: false } },
      messages: [
        {
          role: 'user',
          name: 'bob',
          parts: [
            { type: 'image', source: { type: 'url', url: 'u' }, detail: 'high' },
            { type: 'audio', source: { type: 'base64', mediaType: 'audio/wav', data: '' } },
            { type: 'document', source: { type: 'base64', mediaType: 'application/zip', data: '' } },
            { type: 'document', source: { type: 'base64', mediaType: 'text/csv', data: Buffer.from('a,b').toString('base64') } },
            { type: 'text', text: 'x', extras: { dialect: 'openai-chat', fields: { annotations: [] } } },
            { type: 'image', source: { type: 'file', id: 'f', producer: { dialect: 'openai-chat' } } },
          ],
        },
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'r', producer: { dialect: 'openai-chat', vendor: 'deepseek' } },
            { type: 'opaque', producer: { dialect: 'openai-chat' }, value: 1 },
            { type: 'refusal', text: 'no' },
            { type: 'tool-call', id: 'c', name: 'f', arguments: 'not json' },
          ],
        },
        { role: 'user', parts: [{ type: 'tool-result', callId: 'c', content: [{ type: 'text', text: 'ok' }], isError: false }] },
      ],
      tools: [{ type: 'server', name: 'web_search', definition: { type: 'opaque', producer: { dialect: 'openai-responses' }, value: {} } }],
    });
    expect(lost).toEqual([
      'logprobs',
      'store',
      'messages[0].name',
      'messages[0].parts[0].detail',
      'messages[0].parts[1]',
      'messages[0].parts[2]',
      'messages[0].parts[4].annotations',
      'messages[0].parts[5]',
      'messages[1].parts[0]',
      'messages[1].parts[1]',
      'messages[1].parts[2]',
      'messages[1].parts[3].arguments',
      'output.description',
      'output.name',
      'output.strict',
      'tools[0]',
      'seed',
      'presence_penalty',
      'frequency_penalty',
      'temperature',
      'top_p',
    ]);
    expect(body).toMatchObject({ temperature: 1, output_config: { format: { type: 'json_schema' } } });
    expect(JSON.stringify(body)).toContain('"media_type":"text/plain","data":"a,b"');
  });

  test('of what the model can not take', () => {
    const bare: TargetFacts = {
      ...FACTS,
      images: false,
      documents: false,
      tools: false,
      structuredOutput: false,
      fixedSampling: true,
      reasoning: 'none',
    };
    const { body, lost } = encode(
      {
        messages: [
          {
            role: 'user',
            parts: [
              { type: 'image', source: { type: 'url', url: 'u' } },
              { type: 'document', source: { type: 'url', url: 'u' } },
            ],
          },
        ],
        tools: [{ type: 'function', name: 'f', parameters: {} }],
        output: { type: 'json-schema', name: 'answer', schema: { type: 'object', title: 'T' } },
        sampling: { temperature: 0.1 },
        reasoning: { effort: 'high' },
      },
      bare,
    );
    expect(lost).toEqual(['messages[0].parts[0]', 'messages[0].parts[1]', 'thinking', 'output', 'tools', 'temperature']);
    expect(JSON.stringify(body.system)).toContain('JSON Schema');
    expect(body).not.toHaveProperty('tools');
  });

  test('JSON without a schema, and a tool name of 150 characters', () => {
    const long = 'n'.repeat(150);
    const { body, lost } = encode({
      output: { type: 'json' },
      tools: [{ type: 'function', name: long, parameters: {} }],
      toolChoice: { type: 'tool', name: long },
    });
    expect(lost).toEqual(['output', 'tools[0].name']);
    const [tool] = body.tools as JsonObject[];
    expect(body.tool_choice).toEqual({ type: 'tool', name: tool?.name });
  });
});
