import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { type JsonObject, parseObject } from '../../src/exchange/json.ts';
import type { Content } from '../../src/sim/faults/fault.ts';

/**
 * What is asked for. `tool` and `parallel` say a sentence before they call, `bare-tool` does not; `pondered` is reasoning that leads to calls;
 * `structured` demands JSON by a schema.
 */
export type Asking = Content | 'long' | 'bare-tool' | 'pondered' | 'structured';

export const PROMPTS: Record<Asking, string> = {
  text: 'How is the weather at sea? [sim words=60]',
  long: 'Tell me all about the weather at sea. [sim words=400 script=mixed]',
  tool: 'Look it up. [sim tools=1]',
  'bare-tool': 'Look it up. [sim tools=1 silent]',
  parallel: 'Look both up. [sim tools=2]',
  pondered: 'Think, then look both up. [sim thinking tools=2]',
  thinking: 'Think about the sea. [sim thinking words=60]',
  structured: 'Describe the sea as data.',
};

/** What the simulated answer consists of, for the faults that need to know. */
export function contentOf(asking: Asking): Content {
  switch (asking) {
    case 'long':
    case 'structured':
      return 'text';
    case 'bare-tool':
      return 'tool';
    case 'pondered':
      return 'parallel';
    default:
      return asking;
  }
}

/** Tools are offered. */
export function callsTools(asking: Asking): boolean {
  return asking === 'tool' || asking === 'bare-tool' || asking === 'parallel' || asking === 'pondered';
}

/** Reasoning is asked for. */
export function thinks(asking: Asking): boolean {
  return asking === 'thinking' || asking === 'pondered';
}

/** Of an answer that has to be JSON. */
export const ANSWER_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    depths: { type: 'array', items: { type: 'integer' }, minItems: 12 },
    shores: {
      type: 'array',
      minItems: 6,
      items: {
        type: 'object',
        properties: { country: { type: 'string' }, sandy: { type: 'boolean' } },
        required: ['country', 'sandy'],
        additionalProperties: false,
      },
    },
  },
  required: ['name', 'depths', 'shores'],
  additionalProperties: false,
};

const SCHEMA: JsonObject = { type: 'object', properties: { topic: { type: 'string' }, depth: { type: 'integer' } }, required: ['topic'] };
export const TOOLS = ['look_up', 'search'];

export interface RawQuestion {
  path: string;
  headers: [string, string][];
  body: Buffer;
}

/** The same question in every dialect. The credential is a canary: it must be found nowhere but at its own provider. */
export function questionOf(dialect: ClientDialect, stream: boolean, content: Asking, model: string): RawQuestion {
  const names = callsTools(content) ? TOOLS : [];
  const { path, headers, body } = WRITERS[dialect]({
    stream,
    model,
    names,
    prompt: PROMPTS[content],
    thinks: thinks(content),
    ...(content === 'structured' && { schema: ANSWER_SCHEMA }),
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
  /** The answer is to be JSON of this schema. */
  schema?: JsonObject;
}

interface Wire {
  path: string;
  headers: [string, string][];
  body: JsonObject;
}

const WRITERS: Record<ClientDialect, (asked: Asked) => Wire> = {
  'anthropic-messages': ({ stream, model, names, prompt, thinks, schema }) => ({
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
      ...(schema && { output_config: { format: { type: 'json_schema', schema } } }),
    },
  }),
  'openai-chat': ({ stream, model, names, prompt, thinks, schema }) => ({
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
      ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'sea', schema, strict: true } } }),
    },
  }),
  'openai-responses': ({ stream, model, names, prompt, thinks, schema }) => ({
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
      ...(schema && { text: { format: { type: 'json_schema', name: 'sea', schema, strict: true } } }),
    },
  }),
  gemini: ({ stream, model, names, prompt, thinks, schema }) => ({
    path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: [['x-goog-api-key', CLIENT_KEY]],
    body: {
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(names.length > 0 && {
        tools: [{ functionDeclarations: names.map((name) => ({ name, description: `Tool ${name}`, parametersJsonSchema: SCHEMA })) }],
      }),
      ...(thinks && { generationConfig: { thinkingConfig: { includeThoughts: true } } }),
      ...(schema && { generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } }),
    },
  }),
};

export const CLIENT_KEY = 'sk-client-canary-4f1d';
export const LEAD_KEY = 'sk-lead-canary-77b2';
export const BACKUP_KEY = 'sk-backup-canary-c09e';
