import { readByBetaClient } from '../../src/dialects/anthropic-messages/official-client.ts';
import { historyByGoogle } from '../../src/dialects/gemini/official-client.ts';
import { readWithOpenai } from '../../src/dialects/openai-responses/openai-client.ts';
import type { ClientDialect } from '../../src/drill/wire-reader.ts';
import { isObject, type Json, type JsonObject, parseObject } from '../../src/exchange/json.ts';
import type { RawQuestion } from '../matrix/question.ts';

/** A client of each dialect that has a conversation: what it sends, and what it keeps of what it gets. */
export interface Speaker {
  /** A person speaks; `images` are PNGs in base64. */
  user(text: string, images?: readonly string[]): JsonObject[];
  /** An answer from before, as a client writes it that had it from elsewhere. */
  said(text: string, calls?: readonly Call[]): JsonObject[];
  /** All results of one answer's calls. */
  results(results: readonly Result[]): JsonObject[];
  question(history: readonly JsonObject[], options: Options): RawQuestion;
  /** What the client keeps of a whole answer, word for word. */
  keeps(answer: JsonObject): JsonObject[];
  /** The calls in what it keeps. */
  calls(kept: readonly JsonObject[]): Call[];
}

export interface Call {
  id: string;
  name: string;
  /** JSON; of a custom tool its free text. */
  arguments: string;
  custom?: boolean;
}

export interface Result {
  call: Call;
  text: string;
  image?: string;
  isError?: boolean;
}

export interface Options {
  model: string;
  stream: boolean;
  /** Names; each takes an object with a topic. */
  tools?: readonly string[];
  /** Tools for free text, where the dialect has them. */
  custom?: readonly string[];
  thinks?: boolean;
  /** Further fields, or others than usual. */
  more?: JsonObject;
}

const SCHEMA: JsonObject = { type: 'object', properties: { topic: { type: 'string' } }, required: ['topic'] };

const MESSAGES: Speaker = {
  user: (text, images = []) => [
    {
      role: 'user',
      content: [
        ...images.map((data) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } })),
        { type: 'text', text },
      ],
    },
  ],
  said: (text, calls = []) => [
    {
      role: 'assistant',
      content: [
        ...(text === '' ? [] : [{ type: 'text', text }]),
        ...calls.map(({ id, name, arguments: json }) => ({ type: 'tool_use', id, name, input: parseObject(json) ?? {} })),
      ],
    },
  ],
  results: (results) => [
    {
      role: 'user',
      content: results.map(({ call, text, image, isError }) => ({
        type: 'tool_result',
        tool_use_id: call.id,
        content: [
          { type: 'text', text },
          ...(image === undefined ? [] : [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }]),
        ],
        ...(isError === true && { is_error: true }),
      })),
    },
  ],
  question: (messages, { model, stream, tools = [], custom = [], thinks = false, more }) =>
    raw('/v1/messages', [['anthropic-version', '2023-06-01']], {
      model,
      stream,
      max_tokens: 16_000,
      messages: [...messages],
      ...named([...tools, ...custom], (name) => ({ name, description: `Tool ${name}`, input_schema: SCHEMA })),
      ...(thinks && { thinking: /sonnet-4/.test(model) ? { type: 'enabled', budget_tokens: 4000 } : { type: 'adaptive' } }),
      ...more,
    }),
  keeps: ({ content }) => [{ role: 'assistant', content: content ?? [] }],
  calls: (kept) =>
    kept.flatMap(({ content }) =>
      objects(content).flatMap((block) =>
        block.type === 'tool_use' ? [{ id: String(block.id), name: String(block.name), arguments: JSON.stringify(block.input) }] : [],
      ),
    ),
};

const CHAT: Speaker = {
  user: (text, images = []) => [
    {
      role: 'user',
      content: [
        ...images.map((data) => ({ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } })),
        { type: 'text', text },
      ],
    },
  ],
  said: (text, calls = []) => [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      ...(calls.length > 0 && {
        tool_calls: calls.map(({ id, name, arguments: json }) => ({ id, type: 'function', function: { name, arguments: json } })),
      }),
    },
  ],
  // Chat has results of text alone: an image follows in a message of the user's, as its clients do it.
  results: (results) => [
    ...results.map(({ call, text }) => ({ role: 'tool', tool_call_id: call.id, content: text })),
    ...results.flatMap(({ image }) =>
      image === undefined ? [] : CHAT.user('<system-reminder>The image that the tool gave.</system-reminder>', [image]),
    ),
  ],
  question: (messages, { model, stream, tools = [], custom = [], thinks = false, more }) =>
    raw('/v1/chat/completions', [], {
      model,
      stream,
      messages: [...messages],
      ...named([...tools, ...custom], (name) =>
        custom.includes(name)
          ? { type: 'custom', custom: { name, description: `Tool ${name}` } }
          : { type: 'function', function: { name, description: `Tool ${name}`, parameters: SCHEMA } },
      ),
      ...(thinks && { reasoning_effort: 'medium' }),
      ...more,
    }),
  keeps: ({ choices }) =>
    objects(choices)
      .slice(0, 1)
      .map(({ message }) => objectOf(message)),
  calls: (kept) =>
    kept.flatMap(({ tool_calls: calls }) =>
      objects(calls).map((call): Call => {
        const tool = objectOf(call.function);
        const free = objectOf(call.custom);
        if (call.type === 'custom') return { id: String(call.id), name: String(free.name), arguments: String(free.input), custom: true };
        return { id: String(call.id), name: String(tool.name), arguments: String(tool.arguments) };
      }),
    ),
};

const RESPONSES: Speaker = {
  user: (text, images = []) => [
    {
      type: 'message',
      role: 'user',
      content: [
        ...images.map((data) => ({ type: 'input_image', image_url: `data:image/png;base64,${data}`, detail: 'auto' })),
        { type: 'input_text', text },
      ],
    },
  ],
  said: (text, calls = []) => [
    ...(text === '' ? [] : [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }]),
    ...calls.map(({ id, name, arguments: json }) => ({ type: 'function_call', call_id: id, name, arguments: json })),
  ],
  results: (results) =>
    results.map(({ call, text, image }) => ({
      type: call.custom === true ? 'custom_tool_call_output' : 'function_call_output',
      call_id: call.id,
      output:
        image === undefined
          ? text
          : [
              { type: 'input_text', text },
              { type: 'input_image', image_url: `data:image/png;base64,${image}`, detail: 'auto' },
            ],
    })),
  question: (input, { model, stream, tools = [], custom = [], thinks = false, more }) =>
    raw('/v1/responses', [], {
      model,
      stream,
      store: false,
      input: [...input],
      ...named([...tools, ...custom], (name) =>
        custom.includes(name)
          ? { type: 'custom', name, description: `Tool ${name}` }
          : { type: 'function', name, description: `Tool ${name}`, parameters: SCHEMA, strict: false },
      ),
      ...(thinks && { reasoning: { effort: 'medium', summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
      ...more,
    }),
  keeps: ({ output }) => objects(output),
  calls: (kept) =>
    kept.flatMap((item): Call[] => {
      const { type, call_id: id, name } = item;
      if (type === 'function_call') return [{ id: String(id), name: String(name), arguments: String(item.arguments) }];
      return type === 'custom_tool_call' ? [{ id: String(id), name: String(name), arguments: String(item.input), custom: true }] : [];
    }),
};

const GEMINI: Speaker = {
  user: (text, images = []) => [
    { role: 'user', parts: [...images.map((data) => ({ inlineData: { mimeType: 'image/png', data } })), { text }] },
  ],
  said: (text, calls = []) => [
    {
      role: 'model',
      parts: [
        ...(text === '' ? [] : [{ text }]),
        ...calls.map(({ id, name, arguments: json }) => ({ functionCall: { id, name, args: parseObject(json) ?? {} } })),
      ],
    },
  ],
  results: (results) => [
    {
      role: 'user',
      parts: results.map(({ call, text, image, isError }) => ({
        functionResponse: {
          ...(call.id !== '' && { id: call.id }),
          name: call.name,
          response: isError === true ? { error: text } : { output: text },
          ...(image !== undefined && { parts: [{ inlineData: { mimeType: 'image/png', data: image } }] }),
        },
      })),
    },
  ],
  question: (contents, { model, stream, tools = [], custom = [], thinks = false, more }) =>
    raw(`/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, [], {
      contents: [...contents],
      ...(tools.length + custom.length > 0 && {
        tools: [
          {
            functionDeclarations: [...tools, ...custom].map((name) => ({
              name,
              description: `Tool ${name}`,
              parametersJsonSchema: SCHEMA,
            })),
          },
        ],
      }),
      ...(thinks && { generationConfig: { thinkingConfig: { includeThoughts: true } } }),
      ...more,
    }),
  keeps: ({ candidates }) =>
    objects(candidates)
      .slice(0, 1)
      .map(({ content }) => objectOf(content)),
  calls: (kept) =>
    kept.flatMap(({ parts }) =>
      objects(parts).flatMap(({ functionCall: call }) =>
        isObject(call)
          ? [{ id: typeof call.id === 'string' ? call.id : '', name: String(call.name), arguments: JSON.stringify(call.args ?? {}) }]
          : [],
      ),
    ),
};

export const SPEAKERS: Record<ClientDialect, Speaker> = {
  'anthropic-messages': MESSAGES,
  'openai-chat': CHAT,
  'openai-responses': RESPONSES,
  gemini: GEMINI,
};

/** What a client makes of a stream: by its vendor's own SDK, but for chat, whose SDK keeps no reasoning and whose agents put deltas together themselves. */
export async function wholeOf(client: ClientDialect, stream: boolean, wire: string): Promise<JsonObject> {
  if (!stream) return parseObject(wire) ?? {};
  switch (client) {
    case 'anthropic-messages':
      return readByBetaClient(wire);
    case 'openai-responses':
      return readWithOpenai(wire);
    case 'gemini':
      return { candidates: [{ content: { role: 'model', parts: await historyByGoogle(wire) } }] };
    case 'openai-chat':
      return { choices: [{ message: chatMessage(wire) }] };
  }
}

function chatMessage(wire: string): JsonObject {
  const message: JsonObject = { role: 'assistant', content: null };
  const calls: JsonObject[] = [];
  for (const line of wire.split('\n')) {
    const [choice] = objects(parseObject(line.startsWith('data: ') ? line.slice(6) : '')?.choices);
    for (const [name, value] of Object.entries(objectOf(choice?.delta))) {
      if (name === 'tool_calls') for (const part of objects(value)) addCall(calls, part);
      else if (typeof value === 'string' && name !== 'role') message[name] = (message[name] ?? '') + value;
      else if (Array.isArray(value)) message[name] = [...((message[name] as Json[] | undefined) ?? []), ...value];
    }
  }
  return calls.length === 0 ? message : { ...message, tool_calls: calls };
}

function addCall(calls: JsonObject[], delta: JsonObject): void {
  const { index, ...part } = delta;
  const call = (calls[Number(index)] ??= {});
  for (const [name, value] of Object.entries(part)) {
    if (!isObject(value)) call[name] = value;
    else {
      const before = objectOf(call[name]);
      for (const [inner, more] of Object.entries(value))
        before[inner] = inner === 'name' ? more : String(before[inner] ?? '') + String(more);
      call[name] = before;
    }
  }
}

function raw(path: string, headers: [string, string][], body: JsonObject): RawQuestion {
  return { path, headers: [['content-type', 'application/json'], ...headers], body: Buffer.from(JSON.stringify(body)) };
}

function named(names: readonly string[], write: (name: string) => JsonObject): JsonObject {
  return names.length === 0 ? {} : { tools: names.map(write) };
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
