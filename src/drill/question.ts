import type { JsonObject } from '../exchange/json.ts';
import { wholeText } from '../sim/assistant.ts';
import type { Traffic } from './script.ts';
import type { ClientDialect } from './wire-reader.ts';

/** One question of a drill, and the only answer to it that counts as whole. */
export interface Question {
  number: number;
  kind: Traffic;
  path: string;
  headers: Record<string, string>;
  body: string;
  expected: Expected;
}

export interface Expected {
  text: string;
  calls: { name: string; arguments: string }[];
}

const TOOL = {
  name: 'look_up',
  description: 'Looks something up.',
  schema: { type: 'object', properties: { topic: { type: 'string' } }, required: ['topic'] },
};
/** What the simulated assistants say before a tool call, and the arguments that they make from TOOL's schema. */
const BEFORE_TOOL = 'This is a simulated answer. I will use a tool first.';
const TOOL_ARGUMENTS = '{"topic":"simulated topic"}';

/** A credential that opens nothing; the simulated providers ask for one, as the real ones do. */
export const DRILL_KEY = 'drill-key';

/** The question with this number, the same wherever it is sent but for the name of the model. */
export function askQuestion(number: number, kind: Traffic, model: string, paceMs: number): Question {
  const prompt = `Drill question ${number}. [sim words=${kind.words} pace=${paceMs}ms${kind.tools ? ' tools=1' : ''}]`;
  return {
    number,
    kind,
    ...REQUESTS[kind.dialect](kind, model, prompt),
    expected: kind.tools
      ? { text: BEFORE_TOOL, calls: [{ name: TOOL.name, arguments: TOOL_ARGUMENTS }] }
      : { text: wholeText(prompt), calls: [] },
  };
}

type Wire = Pick<Question, 'path' | 'headers' | 'body'>;

function messagesRequest(kind: Traffic, model: string, prompt: string): Wire {
  const body: JsonObject = {
    model,
    max_tokens: 8192,
    stream: kind.stream,
    messages: [{ role: 'user', content: prompt }],
    ...(kind.tools && { tools: [{ name: TOOL.name, description: TOOL.description, input_schema: TOOL.schema }] }),
  };
  return {
    path: '/v1/messages',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': DRILL_KEY },
    body: JSON.stringify(body),
  };
}

function chatRequest(kind: Traffic, model: string, prompt: string): Wire {
  const body: JsonObject = {
    model,
    stream: kind.stream,
    messages: [{ role: 'user', content: prompt }],
    ...(kind.tools && {
      tools: [{ type: 'function', function: { name: TOOL.name, description: TOOL.description, parameters: TOOL.schema } }],
    }),
  };
  return {
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${DRILL_KEY}` },
    body: JSON.stringify(body),
  };
}

function responsesRequest(kind: Traffic, model: string, prompt: string): Wire {
  const body: JsonObject = {
    model,
    stream: kind.stream,
    store: false,
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: prompt }] }],
    ...(kind.tools && {
      tools: [{ type: 'function', name: TOOL.name, description: TOOL.description, parameters: TOOL.schema, strict: false }],
    }),
  };
  return {
    path: '/v1/responses',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${DRILL_KEY}` },
    body: JSON.stringify(body),
  };
}

function geminiRequest(kind: Traffic, model: string, prompt: string): Wire {
  const body: JsonObject = {
    contents: [{ role: 'user', parts: [{ text: prompt }] }],
    ...(kind.tools && {
      tools: [{ functionDeclarations: [{ name: TOOL.name, description: TOOL.description, parametersJsonSchema: TOOL.schema }] }],
    }),
  };
  return {
    path: `/v1beta/models/${encodeURIComponent(model)}:${kind.stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'content-type': 'application/json', 'x-goog-api-key': DRILL_KEY },
    body: JSON.stringify(body),
  };
}

const REQUESTS: Record<ClientDialect, typeof chatRequest> = {
  'anthropic-messages': messagesRequest,
  'openai-chat': chatRequest,
  'openai-responses': responsesRequest,
  gemini: geminiRequest,
};
