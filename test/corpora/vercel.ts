/** The AI SDK's providers, which are not of our making, as readers of the same bytes. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { stopClass, type StopClass } from '../../src/dialects/said.ts';
import { assemble } from '../../src/dialects/assemble.ts';
import type { AnswerEvent } from '../../src/exchange/event.ts';
import { parseObject, type Json } from '../../src/exchange/json.ts';
import type { Recording } from './recordings.ts';

export type Reader = 'anthropic' | 'openai chat' | 'openai-compatible' | 'openai responses' | 'google';

export const READERS: Record<Recording['dialect'], Reader[]> = {
  'anthropic-messages': ['anthropic'],
  'openai-chat': ['openai chat', 'openai-compatible'],
  'openai-responses': ['openai responses'],
  gemini: ['google'],
};

/** What both sides can say of an answer. */
export interface Message {
  text: string;
  /** Without blank lines: pieces of a summary are parts of their own to them. */
  thoughts: string;
  calls: { name: string; arguments: Json }[];
  stop: StopClass;
  input: number;
  output: number;
}

type Model = ReturnType<ReturnType<typeof createOpenAI>['chat']>;
type Part = Awaited<ReturnType<Model['doGenerate']>>['content'][number];
type Finish = Pick<Awaited<ReturnType<Model['doGenerate']>>, 'finishReason' | 'usage'>;

function modelOver(reader: Reader, said: Recording['said']): Model {
  const [bytes, type] =
    said.type === 'stream' ? [said.bytes, 'text/event-stream'] : [Buffer.from(JSON.stringify(said.body)), 'application/json'];
  const settings = {
    apiKey: 'test',
    fetch: () => Promise.resolve(new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })),
  };
  switch (reader) {
    case 'anthropic':
      return createAnthropic(settings)('claude-opus-4-8');
    case 'openai chat':
      return createOpenAI(settings).chat('gpt-4.1');
    case 'openai responses':
      return createOpenAI(settings).responses('gpt-5.4');
    case 'openai-compatible':
      return createOpenAICompatible({ ...settings, name: 'any', baseURL: 'http://127.0.0.1:1/v1' })('any');
    case 'google':
      return createGoogle(settings)('gemini-3-pro');
  }
}

/** Throws what the provider throws; an error part is thrown too. */
export async function readByVercel(reader: Reader, said: Recording['said']): Promise<Message> {
  const model = modelOver(reader, said);
  const options = { prompt: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'any' }] }] };
  if (said.type === 'body') {
    const { content, ...finish } = await model.doGenerate(options);
    return message(content, finish);
  }
  const { stream } = await model.doStream(options);
  const content: Part[] = [];
  let finish: Finish | undefined;
  for await (const part of stream) {
    if (part.type === 'text-delta') content.push({ type: 'text', text: part.delta });
    else if (part.type === 'reasoning-delta') content.push({ type: 'reasoning', text: part.delta });
    else if (part.type === 'tool-call') content.push(part);
    else if (part.type === 'finish') finish = part;
    else if (part.type === 'error') throw part.error;
  }
  if (!finish) throw new Error('the stream has no finish');
  return message(content, finish);
}

function message(content: readonly Part[], { finishReason, usage }: Finish): Message {
  const calls = content.flatMap((part) =>
    part.type === 'tool-call' && part.providerExecuted !== true
      ? [{ name: part.toolName, arguments: freed(parseObject(part.input) ?? (part.input === '' ? {} : parsed(part.input))) }]
      : [],
  );
  return {
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    thoughts: content
      .map((part) => (part.type === 'reasoning' ? part.text : ''))
      .join('')
      .replaceAll('\n\n', ''),
    calls,
    stop: stopClass(finishReason.unified === 'other' ? finishReason.raw : finishReason.unified, calls.length > 0),
    input: usage.inputTokens.total ?? 0,
    output: usage.outputTokens.total ?? 0,
  };
}

/** A custom tool's free text is a JSON string there and `{"input": …}` here. */
function parsed(input: string): Json {
  try {
    return { input: JSON.parse(input) as Json };
  } catch {
    return { input };
  }
}

/** The AI SDK puts OpenAI's actions and operations into an object of their own. */
function freed(value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { action, operation, callId: _callId } = value;
  return action ?? operation ?? value;
}

/** The same of what our decoder made of it. */
export function readByUs(events: readonly AnswerEvent[]): Message {
  const { parts, finish, usage } = assemble(events);
  const words = (...types: string[]): string => parts.map((part) => (types.includes(part.head.type) ? part.text : '')).join('');
  const calls = parts.flatMap(({ head, arguments: json }) =>
    head.type === 'tool-call' ? [{ name: head.name, arguments: parseObject(json === '' ? '{}' : json) ?? json }] : [],
  );
  return {
    text: words('text'),
    thoughts: words('reasoning').replaceAll('\n\n', ''),
    calls,
    stop: stopClass(finish?.reason, calls.length > 0),
    input: usage.input ?? 0,
    output: usage.output ?? 0,
  };
}
