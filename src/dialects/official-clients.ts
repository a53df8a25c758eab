/** For tests: each dialect's official SDK as the reader of an answer, streamed or whole, all in the same words. Throws what the SDK throws. */
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import type { DialectName } from '../exchange/dialect-name.ts';
import { isObject, type Json, type JsonObject } from '../exchange/json.ts';
import { readByBetaClient } from './anthropic-messages/official-client.ts';
import { readBodyByGoogle, readByGoogle, type ReadAnswer } from './gemini/official-client.ts';
import { readWithOpenai as readChat } from './openai-chat/openai-client.ts';
import { bodyWithOpenai, readWithOpenai as readResponses } from './openai-responses/openai-client.ts';
import { argumentsOf, stopClass, type Said } from './said.ts';

export interface OfficialClient {
  stream(bytes: Buffer | string): Promise<Said>;
  body(body: JsonObject): Promise<Said>;
}

export const OFFICIAL_CLIENTS: Record<DialectName, OfficialClient> = {
  'anthropic-messages': {
    stream: async (bytes) => ofAnthropic(await readByBetaClient(bytes)),
    body: async (body) => ofAnthropic(await anthropicBody(body)),
  },
  'openai-chat': {
    stream: async (bytes) => ofChat(await readChat(bytes)),
    body: async (body) => ofChat(await chatBody(body)),
  },
  'openai-responses': {
    stream: async (bytes) => ofResponses(await readResponses(bytes)),
    body: async (body) => ofResponses(await bodyWithOpenai(body)),
  },
  gemini: {
    stream: async (bytes) => ofGemini(await readByGoogle(bytes)),
    body: async (body) => ofGemini(await readBodyByGoogle(body)),
  },
};

async function anthropicBody(body: JsonObject): Promise<JsonObject> {
  const client = new Anthropic({ apiKey: 'test', maxRetries: 0, logLevel: 'off', fetch: answering(body) });
  const message = await client.beta.messages.create({ model: 'any', max_tokens: 1, messages: [{ role: 'user', content: 'any' }] });
  return JSON.parse(JSON.stringify(message)) as JsonObject;
}

async function chatBody(body: JsonObject): Promise<ChatCompletion> {
  const client = new OpenAI({ apiKey: 'test', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, logLevel: 'off', fetch: answering(body) });
  return client.chat.completions.create({ model: 'any', messages: [{ role: 'user', content: 'any' }] });
}

function answering(body: JsonObject): () => Promise<Response> {
  return () => Promise.resolve(Response.json(body));
}

function ofAnthropic(message: JsonObject): Said {
  const content = list(message.content);
  const usage = object(message.usage);
  const calls = content.flatMap((block) =>
    block.type === 'tool_use' ? [{ name: String(block.name), arguments: block.input ?? null }] : [],
  );
  return {
    model: String(message.model),
    text: content.map((block) => (block.type === 'text' ? String(block.text) : '')).join(''),
    calls,
    stop: stopClass(String(message.stop_reason), calls.length > 0),
    input: count(usage.input_tokens) + count(usage.cache_read_input_tokens) + count(usage.cache_creation_input_tokens),
    output: count(usage.output_tokens),
  };
}

function ofChat({ model, choices, usage }: ChatCompletion): Said {
  const { message, finish_reason: reason } = choices[0]!;
  const calls = (message.tool_calls ?? []).flatMap((call) =>
    call.type === 'custom'
      ? [{ name: call.custom.name, arguments: { input: call.custom.input } }]
      : [{ name: call.function.name, arguments: argumentsOf(call.function.arguments) }],
  );
  return {
    model,
    text: (message.content ?? '') + (message.refusal ?? ''),
    calls,
    stop: stopClass(reason, calls.length > 0),
    input: usage?.prompt_tokens ?? 0,
    // xAI counts reasoning beside what it calls completion; its total has both.
    output: Math.max(usage?.completion_tokens ?? 0, (usage?.total_tokens ?? 0) - (usage?.prompt_tokens ?? 0)),
  };
}

/** Calls for the client that are items of their own kind: which tool, and what of the item says what to do. */
const CALLS: Record<string, (item: JsonObject) => { name: string; arguments: Json }> = {
  function_call: ({ name, arguments: json }) => ({ name: String(name), arguments: argumentsOf(String(json)) }),
  custom_tool_call: ({ name, input }) => ({ name: String(name), arguments: { input: input ?? null } }),
  local_shell_call: ({ action }) => ({ name: 'local_shell', arguments: action ?? null }),
  shell_call: ({ action }) => ({ name: 'shell', arguments: action ?? null }),
  apply_patch_call: ({ operation }) => ({ name: 'apply_patch', arguments: operation ?? null }),
};

/** Calls that are not for the client: the provider has run them in a container of its own, or they are xAI's searches. */
function isServed({ environment, call_id: id }: JsonObject): boolean {
  return object(environment).type === 'container_reference' || (typeof id === 'string' && id.startsWith('xs_call'));
}

function ofResponses(response: JsonObject): Said {
  const output = list(response.output);
  const content = output.flatMap((item) => (item.type === 'message' ? list(item.content) : []));
  const calls = output.flatMap((item) => (isServed(item) ? [] : (CALLS[String(item.type)]?.(item) ?? [])));
  const usage = object(response.usage);
  const reason = object(response.incomplete_details).reason;
  return {
    model: String(response.model),
    text: content
      .map((part) => (part.type === 'output_text' ? String(part.text) : part.type === 'refusal' ? String(part.refusal) : ''))
      .join(''),
    calls,
    stop: stopClass(typeof reason === 'string' ? reason : String(response.status), calls.length > 0),
    input: count(usage.input_tokens),
    output: count(usage.output_tokens),
  };
}

function ofGemini({ model, text, calls, finish, blocked, usage }: ReadAnswer): Said {
  return {
    model: model ?? '',
    text,
    calls: calls.map(({ name, args }) => ({ name, arguments: args })),
    stop: stopClass(blocked === undefined ? finish : 'SAFETY', calls.length > 0),
    input: count(usage?.promptTokenCount) + count(usage?.toolUsePromptTokenCount),
    output: count(usage?.candidatesTokenCount) + count(usage?.thoughtsTokenCount),
  };
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function count(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}
