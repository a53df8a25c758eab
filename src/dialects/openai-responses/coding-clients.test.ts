/** Requests as coding clients really send them (research/dialects.md, 1d), to every other dialect and back. */
import { createOpenAI } from '@ai-sdk/openai';
import { generateText, tool } from 'ai';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { strictResponses } from '../../sim/strict/responses.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import type { EncodedRequest } from '../dialect.ts';
import { gemini } from '../gemini/dialect.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { wrap } from '../envelope.ts';
import { openaiResponses } from './dialect.ts';

const BASE = { model: 'm', prefill: false, systemRole: 'system', fixedSampling: false } as const;
const CLAUDE: TargetFacts = { ...BASE, vendor: 'anthropic', reasoning: 'adaptive', maxTokensField: 'max_tokens', systemInside: true };
const DEEPSEEK: TargetFacts = { ...BASE, vendor: 'deepseek', reasoning: 'effort', maxTokensField: 'max_tokens' };
const GEMINI: TargetFacts = { ...BASE, vendor: 'google', reasoning: 'effort', maxTokensField: 'max_tokens', signedCalls: true };
const OPENAI: TargetFacts = {
  ...BASE,
  vendor: 'openai',
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'developer',
  fixedSampling: true,
};

/** Codex 0.169 after a tool round, its texts shortened. */
function codex(): JsonObject {
  const schema = (name: string): JsonObject => ({
    type: 'object',
    properties: { [name]: { type: 'string' } },
    required: [name],
    additionalProperties: false,
  });
  return {
    model: 'gpt-5.1-codex',
    instructions: 'You are Codex.',
    input: [
      {
        type: 'message',
        role: 'developer',
        content: [
          { type: 'input_text', text: '<permissions instructions>' },
          { type: 'input_text', text: '<collaboration_mode>' },
        ],
      },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: '<environment_context>' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Say hello.' }] },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: '**Looking**' }],
        content: null,
        encrypted_content: 'gAAAAABsecret',
      },
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Let me look.' }],
        phase: 'commentary',
      },
      { type: 'function_call', id: 'fc_1', name: 'exec_command', arguments: '{"cmd":"ls"}', call_id: 'call_1' },
      {
        type: 'custom_tool_call',
        id: 'ctc_1',
        status: 'completed',
        call_id: 'call_2',
        name: 'apply_patch',
        input: '*** Begin Patch\n*** End Patch',
      },
      { type: 'function_call', id: 'fc_2', name: 'search', namespace: 'mcp__docs', arguments: '{"query":"x"}', call_id: 'call_3' },
      { type: 'function_call_output', call_id: 'call_1', output: 'a.txt' },
      { type: 'custom_tool_call_output', call_id: 'call_2', output: 'Success' },
      { type: 'function_call_output', call_id: 'call_3', output: [{ type: 'input_text', text: 'found' }] },
    ],
    tools: [
      { type: 'function', name: 'exec_command', description: 'Runs', strict: false, parameters: schema('cmd') },
      { type: 'custom', name: 'apply_patch', description: 'Edits', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
      {
        type: 'namespace',
        name: 'mcp__docs',
        description: 'Docs',
        tools: ['search', 'fetch', 'list', 'open', 'close'].map((name) => ({
          type: 'function',
          name,
          description: name,
          strict: false,
          parameters: schema('query'),
        })),
      },
      { type: 'web_search', external_web_access: false },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    reasoning: { effort: 'medium', summary: 'auto' },
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: '019a',
    text: { verbosity: 'low' },
    client_metadata: { 'x-codex-installation-id': '1' },
  };
}

function decode(body: JsonObject): Request {
  const decoded = openaiResponses.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, '/v1/responses');
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function whats({ losses }: EncodedRequest): string[] {
  return losses.map(({ what }) => what);
}

const TOOL_NAMES = [
  'exec_command',
  'apply_patch',
  'mcp__docs__search',
  'mcp__docs__fetch',
  'mcp__docs__list',
  'mcp__docs__open',
  'mcp__docs__close',
];
const LOST = [
  'text',
  'include',
  'prompt_cache_key',
  'client_metadata',
  'messages[2].parts[0]',
  'messages[2].parts[1].phase',
  'tools[2].namespace',
  'tools[7]',
  'reasoning.summary',
].toSorted();

describe('Codex', () => {
  test('planning reads what it needs', () => {
    const head = openaiResponses.inspect(Buffer.from(JSON.stringify(codex())), '/v1/responses');
    expect(head).toMatchObject({
      ok: true,
      value: { model: 'gpt-5.1-codex', stream: true, reasoning: true, effort: 'medium', hasTools: true, stored: false, structured: false },
    });
  });

  test('cases 20, 21, 30 and 31: to Anthropic', () => {
    const encoded = anthropicMessages.encodeRequest(decode(codex()), CLAUDE);
    const { body, calls } = encoded;
    expect(list(body.system).map(({ text }) => text)).toEqual(['You are Codex.', '<permissions instructions>', '<collaboration_mode>']);
    expect(list(body.tools).map(({ name }) => name)).toEqual(TOOL_NAMES);
    expect(list(body.messages).map(({ role, content }) => [role, list(content).map(({ type }) => type)])).toEqual([
      ['user', ['text', 'text']],
      ['assistant', ['text', 'tool_use', 'tool_use', 'tool_use']],
      ['user', ['tool_result', 'tool_result', 'tool_result']],
    ]);
    expect(list(list(body.messages)[1]!.content).slice(1)).toMatchObject([
      { id: 'call_1', name: 'exec_command', input: { cmd: 'ls' } },
      { id: 'call_2', name: 'apply_patch', input: { input: '*** Begin Patch\n*** End Patch' } },
      { id: 'call_3', name: 'mcp__docs__search', input: { query: 'x' } },
    ]);
    expect(calls?.get('apply_patch')).toEqual({ name: 'apply_patch', kind: 'custom' });
    expect(calls?.get('mcp__docs__search')).toEqual({ name: 'search', namespace: 'mcp__docs' });
    expect(whats(encoded).toSorted()).toEqual(LOST.map((what) => what.replace('reasoning.', 'thinking.')).toSorted());
  });

  test('cases 20, 21 and 31: to a chat service', () => {
    const encoded = openaiChat.encodeRequest(decode(codex()), DEEPSEEK);
    expect(list(encoded.body.tools).map(({ function: f }) => isObject(f) && f.name)).toEqual(TOOL_NAMES);
    expect(list(encoded.body.messages).map(({ role }) => role)).toEqual(['system', 'user', 'user', 'assistant', 'tool', 'tool', 'tool']);
    expect(whats(encoded).toSorted()).toEqual(LOST);
  });

  test('cases 20, 21, 23 and 33: to Gemini', () => {
    const encoded = gemini.encodeRequest(decode(codex()), GEMINI);
    const { contents, tools, systemInstruction } = encoded.body;
    expect(list(isObject(systemInstruction) ? systemInstruction.parts : [])).toHaveLength(3);
    const declared = list(tools).flatMap(({ functionDeclarations }) => list(functionDeclarations));
    expect(declared.map(({ name }) => name)).toEqual(TOOL_NAMES);
    const parts = list(contents).flatMap((content) => list(content.parts));
    expect(parts.flatMap(({ functionCall: call }) => (isObject(call) ? [[call.name, call.args]] : []))).toEqual([
      ['exec_command', { cmd: 'ls' }],
      ['apply_patch', { input: '*** Begin Patch\n*** End Patch' }],
      ['mcp__docs__search', { query: 'x' }],
    ]);
    expect(parts.flatMap(({ functionResponse: response }) => (isObject(response) ? [response.name] : []))).toEqual([
      'exec_command',
      'apply_patch',
      'mcp__docs__search',
    ]);
    expect(parts.filter(({ thoughtSignature }) => thoughtSignature !== undefined)).toMatchObject([
      { thoughtSignature: 'skip_thought_signature_validator', functionCall: { name: 'exec_command' } },
    ]);
    expect(encoded.calls?.get('mcp__docs__search')).toEqual({ name: 'search', namespace: 'mcp__docs' });
    expect(whats(encoded)).toEqual(expect.arrayContaining(['messages[2].parts[0]', 'tools[7]']));
  });

  test('to another host of the same dialect, and OpenAI takes what comes of it', () => {
    const { body, losses } = openaiResponses.encodeRequest(decode(codex()), { ...OPENAI, model: 'gpt-5.1-codex' });
    expect(losses).toEqual([]);
    const wanted = codex();
    // Ids name nothing where nothing is stored, and the second instruction stays a message.
    expect(list(body.tools)).toEqual(list(wanted.tools));
    expect(list(body.input)).toMatchObject(
      list(wanted.input).map(({ id: _id, status: _status, content, ...item }) => ({
        ...item,
        ...(Array.isArray(content) && { content }),
        ...(item.call_id === 'call_3' && item.type === 'function_call_output' && { output: 'found' }),
      })),
    );
    for (const field of ['instructions', 'reasoning', 'include', 'text', 'prompt_cache_key', 'client_metadata', 'store', 'tool_choice'])
      expect(body[field]).toEqual(wanted[field]);
    const bare = { ...body, input: list(body.input).filter(({ type }) => type !== 'reasoning') };
    expect(strictResponses(bare)).toBeUndefined();
  });
});

/** What the AI SDK, and opencode with it, sends: whatever it gives to `fetch`. */
async function captured(
  providerOptions: Record<string, string | boolean | string[]>,
  messages: Parameters<typeof generateText>[0]['messages'],
): Promise<JsonObject> {
  let body: JsonObject | undefined;
  const openai = createOpenAI({
    apiKey: 'test',
    fetch: async (_url, init) => {
      body = parseObject(String(init?.body));
      return new Response('{"error":{"message":"enough"}}', { status: 400 });
    },
  });
  await generateText({
    model: openai('gpt-5.6'),
    maxRetries: 0,
    instructions: 'Be brief.',
    messages: messages!,
    tools: { look: tool({ description: 'Looks', inputSchema: z.object({ where: z.string() }) }) },
    providerOptions: { openai: providerOptions },
  }).catch(() => undefined);
  if (!body) throw new Error('nothing was sent');
  return body;
}

describe('the AI SDK, as opencode uses it', () => {
  const history: Parameters<typeof captured>[1] = [
    { role: 'user', content: [{ type: 'text', text: 'look' }] },
    {
      role: 'assistant',
      content: [
        {
          type: 'reasoning',
          text: 'hm',
          providerOptions: {
            openai: {
              itemId: 'rs_x_1',
              reasoningEncryptedContent: wrap({ dialect: 'anthropic-messages', vendor: 'anthropic' }, { signature: 'c2ln' }),
            },
          },
        },
        { type: 'text', text: 'Looking.' },
        { type: 'tool-call', toolCallId: 'toolu_1', toolName: 'look', input: { where: 'here' } },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'toolu_1', toolName: 'look', output: { type: 'text', value: 'a cat' } }] },
  ];

  test('case 34: A -> B -> A: what Claude thought goes back to Claude, and not to OpenAI', async () => {
    const body = await captured({ store: false, include: ['reasoning.encrypted_content'] }, history);
    const request = decode(body);
    expect(list(body.input).some(({ type, id }) => type === 'function_call' && id === undefined)).toBe(true);
    const claude = anthropicMessages.encodeRequest(request, CLAUDE);
    expect(list(list(claude.body.messages)[1]!.content)).toMatchObject([
      { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
      { type: 'text', text: 'Looking.' },
      { type: 'tool_use', id: 'toolu_1', input: { where: 'here' } },
    ]);
    const written = openaiResponses.encodeRequest(request, { ...OPENAI, model: 'gpt-5.6' });
    expect(strictResponses(written.body)).toBeUndefined();
    const adapted = openaiResponses.adaptRequest(Buffer.from(JSON.stringify(body)), 'gpt-5.6', OPENAI);
    expect(adapted.edits.map(({ why }) => why)).toEqual(['only anthropic can read its own reasoning; cut out']);
    expect(strictResponses(parseObject(adapted.body.toString())!)).toBeUndefined();
  });

  test('case 45: with storing left on it refers to what its vendor keeps', async () => {
    const stored = history.map((message) =>
      message.role === 'assistant' && Array.isArray(message.content)
        ? {
            ...message,
            content: message.content.map((part) =>
              part.type === 'text' ? { ...part, providerOptions: { openai: { itemId: 'msg_1' } } } : part,
            ),
          }
        : message,
    );
    const body = await captured({}, stored);
    expect(list(body.input).filter(({ type }) => type === 'item_reference')).not.toEqual([]);
    expect(openaiResponses.inspect(Buffer.from(JSON.stringify(body)), '/v1/responses')).toMatchObject({
      ok: true,
      value: { dependsOn: expect.stringContaining('the stored item') },
    });
  });
});
