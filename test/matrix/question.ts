import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { type JsonObject, parseObject } from '../../src/exchange/json.ts';
import type { Content } from '../../src/sim/faults/fault.ts';

/** `pondered`: reasoning that leads to calls. */
export type Asking = Content | 'pondered';

const PROMPTS: Record<Asking, string> = {
  text: 'How is the weather at sea? [sim words=60]',
  tool: 'Look it up. [sim tools=1]',
  parallel: 'Look both up. [sim tools=2]',
  pondered: 'Think, then look both up. [sim thinking tools=2]',
  thinking: 'Think about the sea. [sim thinking words=60]',
};

const SCHEMA: JsonObject = { type: 'object', properties: { topic: { type: 'string' }, depth: { type: 'integer' } }, required: ['topic'] };
const TOOLS = ['look_up', 'search'];

export interface RawQuestion {
  path: string;
  headers: [string, string][];
  body: Buffer;
}

/** The same question in every dialect. The credential is a canary: it must be found nowhere but at its own provider. */
export function questionOf(dialect: ClientDialect, stream: boolean, content: Asking, model: string): RawQuestion {
  const names = content === 'text' || content === 'thinking' ? [] : TOOLS;
  const { path, headers, body } = WRITERS[dialect]({
    stream,
    model,
    names,
    prompt: PROMPTS[content],
    thinks: content === 'thinking' || content === 'pondered',
  });
  return { path, headers: [['content-type', 'application/json'], ...headers], body: Buffer.from(JSON.stringify(body)) };
}

/** The same question with other fields. */
export function rewritten(question: RawQuestion, fields: JsonObject): RawQuestion {
  const body = parseObject(question.body.toString());
  if (!body) throw new Error('a question is a JSON object');
  return { ...question, body: Buffer.from(JSON.stringify({ ...body, ...fields })) };
}

interface Asked {
  stream: boolean;
  model: string;
  /** Tools that are offered. */
  names: string[];
  prompt: string;
  thinks: boolean;
}

interface Wire {
  path: string;
  headers: [string, string][];
  body: JsonObject;
}

const WRITERS: Record<ClientDialect, (asked: Asked) => Wire> = {
  'anthropic-messages': ({ stream, model, names, prompt, thinks }) => ({
    path: '/v1/messages',
    headers: [
      ['anthropic-version', '2023-06-01'],
      ['x-api-key', CLIENT_KEY],
    ],
    body: {
      model,
      max_tokens: 16_000,
      stream,
      messages: [{ role: 'user', content: prompt }],
      ...(names.length > 0 && { tools: names.map((name) => ({ name, description: `Tool ${name}`, input_schema: SCHEMA })) }),
      ...(thinks && { thinking: { type: 'enabled', budget_tokens: 4000 } }),
    },
  }),
  'openai-chat': ({ stream, model, names, prompt, thinks }) => ({
    path: '/v1/chat/completions',
    headers: [['authorization', `Bearer ${CLIENT_KEY}`]],
    body: {
      model,
      stream,
      messages: [{ role: 'user', content: prompt }],
      ...(names.length > 0 && {
        tools: names.map((name) => ({ type: 'function', function: { name, description: `Tool ${name}`, parameters: SCHEMA } })),
      }),
      ...(thinks && { reasoning_effort: 'medium' }),
    },
  }),
  'openai-responses': ({ stream, model, names, prompt, thinks }) => ({
    path: '/v1/responses',
    headers: [['authorization', `Bearer ${CLIENT_KEY}`]],
    body: {
      model,
      stream,
      store: false,
      input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] }],
      ...(names.length > 0 && {
        tools: names.map((name) => ({ type: 'function', name, description: `Tool ${name}`, parameters: SCHEMA, strict: false })),
      }),
      ...(thinks && { reasoning: { effort: 'medium', summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
    },
  }),
  gemini: ({ stream, model, names, prompt, thinks }) => ({
    path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: [['x-goog-api-key', CLIENT_KEY]],
    body: {
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(names.length > 0 && {
        tools: [{ functionDeclarations: names.map((name) => ({ name, description: `Tool ${name}`, parametersJsonSchema: SCHEMA })) }],
      }),
      ...(thinks && { generationConfig: { thinkingConfig: { includeThoughts: true } } }),
    },
  }),
};

export const CLIENT_KEY = 'sk-client-canary-4f1d';
export const LEAD_KEY = 'sk-lead-canary-77b2';
export const BACKUP_KEY = 'sk-backup-canary-c09e';
