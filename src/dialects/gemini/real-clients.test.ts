import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { GoogleGenAI, ThinkingLevel, Type } from '@google/genai';
import { generateText, jsonSchema, streamText, tool, type ToolSet } from 'ai';
import { describe, expect, test } from 'vitest';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { gemini } from './dialect.ts';

const FACTS: TargetFacts = {
  vendor: 'google',
  model: 'gemini-3.6-flash',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
  signedCalls: true,
};
const ANSWER = { candidates: [{ content: { role: 'model', parts: [{ text: 'ok' }] }, finishReason: 'STOP', index: 0 }], responseId: 'r' };

interface Sent {
  path: string;
  bytes: Buffer;
  body: JsonObject;
}

/** What a client sends to a server that says ok. */
async function sentBy(ask: (origin: string) => Promise<unknown>): Promise<Sent> {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      sent.push({ path: request.url!, bytes, body: parseObject(bytes.toString())! });
      const streamed = request.url!.includes('alt=sse');
      response.writeHead(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
      const answer = request.url!.includes(':countTokens') ? { totalTokens: 7 } : ANSWER;
      response.end(streamed ? `data: ${JSON.stringify(answer)}\n\n` : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  return sent.at(-1)!;
}

function decode({ body, path }: Sent): Request {
  const decoded = gemini.decodeRequest(body, path);
  if (!decoded.ok) throw new Error(`${decoded.error.field} ${decoded.error.message}`);
  return decoded.value;
}

/** The history that a tool round leaves with Google's client: ids and signatures as they came. */
const HISTORY = [
  { role: 'user', parts: [{ text: 'list' }] },
  {
    role: 'model',
    parts: [
      { functionCall: { id: 'c1', name: 'ls', args: { path: '/' } }, thoughtSignature: 'c2ln' },
      { functionCall: { id: 'c2', name: 'ls', args: {} } },
    ],
  },
  {
    role: 'user',
    parts: [
      { functionResponse: { id: 'c1', name: 'ls', response: { output: 'a b' } } },
      { functionResponse: { id: 'c2', name: 'ls', response: { error: 'no path' } } },
    ],
  },
];

describe("Google's client", () => {
  test('a streamed question with tools, thinking and instructions (case 43)', async () => {
    const sent = await sentBy(async (origin) => {
      const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: origin } });
      const stream = await client.models.generateContentStream({
        model: 'gemini-3.6-flash',
        contents: HISTORY,
        config: {
          systemInstruction: 'Be brief.',
          temperature: 0.5,
          maxOutputTokens: 100,
          stopSequences: ['END'],
          thinkingConfig: { thinkingLevel: ThinkingLevel.LOW, includeThoughts: true },
          tools: [
            {
              functionDeclarations: [
                {
                  name: 'ls',
                  description: 'Lists.',
                  parameters: { type: Type.OBJECT, properties: { path: { type: Type.STRING, nullable: true } } },
                },
              ],
            },
          ],
        },
      });
      for await (const _chunk of stream);
    });
    expect(sent.path).toBe('/v1/models/gemini-3.6-flash:streamGenerateContent?alt=sse');
    const request = decode(sent);
    expect(request).toMatchObject({
      model: 'gemini-3.6-flash',
      stream: true,
      system: [{ type: 'text', text: 'Be brief.' }],
      reasoning: { effort: 'low' },
      sampling: { temperature: 0.5 },
      stop: ['END'],
      tools: [{ name: 'ls', parameters: { type: 'object', properties: { path: { type: ['string', 'null'] } } } }],
    });
    const again = gemini.encodeRequest(request, FACTS);
    expect(again.losses).toEqual([]);
    expect(again.body.contents).toEqual(HISTORY);
    expect(gemini.inspect(sent.bytes, sent.path)).toMatchObject({
      ok: true,
      value: { stream: true, hasTools: true, effort: 'low', reasoning: true },
    });
    expect(gemini.adaptRequest(sent.bytes, 'gemini-3.6-flash', FACTS)).toEqual({ body: sent.bytes, edits: [] });
  });

  test('a schema for the answer (case 38)', async () => {
    const sent = await sentBy((origin) =>
      new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: origin, apiVersion: 'v1beta' } }).models.generateContent({
        model: 'gemini-3.6-flash',
        contents: 'hello',
        config: { responseMimeType: 'application/json', responseSchema: { type: Type.OBJECT, properties: { a: { type: Type.INTEGER } } } },
      }),
    );
    expect(sent.path).toBe('/v1beta/models/gemini-3.6-flash:generateContent');
    expect(decode(sent)).toMatchObject({
      stream: false,
      messages: [{ role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
      output: { type: 'json-schema', schema: { type: 'object', properties: { a: { type: 'integer' } } } },
    });
  });

  test('a count of tokens (case 41)', async () => {
    const sent = await sentBy((origin) =>
      new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: origin } }).models.countTokens({
        model: 'gemini-3.6-flash',
        contents: 'hello',
      }),
    );
    expect(sent.path).toBe('/v1/models/gemini-3.6-flash:countTokens');
    expect(gemini.inspect(Buffer.from(JSON.stringify(gemini.counting!.request(sent.body))), sent.path)).toMatchObject({ ok: true });
  });
});

describe('the AI SDK with its Google provider', () => {
  const tools: ToolSet = {
    ls: tool({
      description: 'Lists.',
      inputSchema: jsonSchema<{ path: string }>({ type: 'object', properties: { path: { type: 'string' } }, required: ['path'] }),
    }),
  };

  test('a question with tools, streamed and whole', async () => {
    const asked = {
      prompt: 'list',
      system: 'Be brief.',
      tools,
      toolChoice: 'auto' as const,
      maxOutputTokens: 50,
    };
    const streamed = await sentBy(async (origin) => {
      const google = createGoogleGenerativeAI({ apiKey: 'k', baseURL: `${origin}/v1beta` });
      await streamText({ model: google('gemini-3.6-flash'), ...asked }).consumeStream();
    });
    const whole = await sentBy((origin) =>
      generateText({ model: createGoogleGenerativeAI({ apiKey: 'k', baseURL: `${origin}/v1beta` })('gemini-3.6-flash'), ...asked }),
    );
    expect(decode(whole)).toEqual({ ...decode(streamed), stream: false });
    expect(decode(streamed)).toMatchObject({
      stream: true,
      toolChoice: { type: 'auto' },
      maxOutputTokens: 50,
      tools: [{ name: 'ls', parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] } }],
    });
  });
});

/** What Gemini CLI 0.61 sends in the second round of a tool call (shared/research/dialects.md, 1d), shortened. */
const GEMINI_CLI = {
  contents: [
    { role: 'user', parts: [{ text: 'This is the Gemini CLI.' }, { text: 'run echo hi' }] },
    {
      role: 'model',
      parts: [
        {
          functionCall: { name: 'run_shell_command', args: { command: 'echo hi' }, id: 'run_shell_command-1780380000000-0' },
          thoughtSignature: 'Q2lRQg==',
        },
      ],
    },
    {
      role: 'user',
      parts: [
        {
          functionResponse: {
            id: 'run_shell_command-1780380000000-0',
            name: 'run_shell_command',
            response: { output: 'Output: hi\nExit Code: 0' },
          },
        },
      ],
    },
  ],
  systemInstruction: { role: 'user', parts: [{ text: 'You are an interactive CLI agent.' }] },
  tools: [
    {
      functionDeclarations: [
        {
          name: 'run_shell_command',
          description: 'Runs a command.',
          parametersJsonSchema: {
            type: 'object',
            properties: { command: { type: 'string', description: 'Exact command.' }, is_background: { type: 'boolean' } },
            required: ['command'],
          },
        },
        {
          name: 'list_directory',
          description: 'Lists.',
          parametersJsonSchema: { type: 'object', properties: { ignore: { type: 'array', items: { type: 'string' } } } },
        },
      ],
    },
  ],
  generationConfig: { temperature: 1, topP: 0.95, topK: 64, thinkingConfig: { includeThoughts: true, thinkingBudget: 8192 } },
};

describe('Gemini CLI (case 43)', () => {
  const path = '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse';
  const facts: TargetFacts = { ...FACTS, model: 'gemini-2.5-flash', reasoning: 'budget', signedCalls: false };
  const request = decode({ body: GEMINI_CLI, path, bytes: Buffer.alloc(0) });

  test('its bytes go to Google as they came', () => {
    const bytes = Buffer.from(JSON.stringify(GEMINI_CLI));
    for (const target of [facts, FACTS]) expect(gemini.adaptRequest(bytes, target.model, target)).toEqual({ body: bytes, edits: [] });
  });

  test('written anew it says the same: signature, ids, schemas and thinking', () => {
    const { body, losses } = gemini.encodeRequest(request, facts);
    expect(losses).toEqual([]);
    expect(body).toEqual({ ...GEMINI_CLI, systemInstruction: { parts: GEMINI_CLI.systemInstruction.parts } });
  });

  test('every other dialect can say it; only the proof of its thoughts stays behind', () => {
    for (const [dialect, target] of [
      [anthropicMessages, { ...FACTS, vendor: 'anthropic', model: 'claude', reasoning: 'budget', signedCalls: false }],
      [openaiChat, { ...FACTS, vendor: 'openai', model: 'gpt', signedCalls: false }],
    ] as const) {
      const { body, losses } = dialect.encodeRequest(request, target);
      const texts = JSON.stringify(body.messages);
      for (const word of ['This is the Gemini CLI.', 'run_shell_command', 'echo hi', 'Exit Code: 0']) expect(texts).toContain(word);
      expect(texts).not.toContain('Q2lRQg==');
      expect(Array.isArray(body.tools) && body.tools.filter(isObject)).toHaveLength(2);
      expect(losses.map(({ what }) => what)).toContain('messages[1].parts[0]');
    }
  });
});

describe('a conversation from one vendor to another and back', () => {
  test('A -> B -> A: Claude’s thinking survives a turn that Gemini answered', () => {
    const facts = { ...FACTS, vendor: 'anthropic', model: 'claude', reasoning: 'adaptive' as const, signedCalls: false };
    const body = {
      model: 'claude',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'go' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 'c2ln' },
            { type: 'tool_use', id: 'toolu_1', name: 'ls', input: {} },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'a' }] },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'call_r_0', name: 'ls', input: { path: '/' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_r_0', content: 'b' }] },
      ],
    };
    const decoded = anthropicMessages.decodeRequest(body, '/v1/messages');
    if (!decoded.ok) throw new Error(decoded.error.message);
    const there = gemini.encodeRequest(decoded.value, FACTS).body.contents as { parts: JsonObject[] }[];
    expect(there.map(({ parts }) => parts.map((part) => part.thoughtSignature ?? Object.keys(part)[0]))).toEqual([
      ['text'],
      ['skip_thought_signature_validator'],
      ['functionResponse'],
      ['skip_thought_signature_validator'],
      ['functionResponse'],
    ]);
    const back = anthropicMessages.encodeRequest(decoded.value, facts).body.messages as { content: JsonObject[] }[];
    expect(back[1]!.content[0]).toEqual({ type: 'thinking', thinking: 'hm', signature: 'c2ln' });
  });
});
