/** From one dialect into the other and back, with the official clients as judges. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../exchange/json.ts';
import type { OutputFormat, Request } from '../exchange/request.ts';
import { anthropicMessages } from './anthropic-messages/dialect.ts';
import { readByBetaClient, recordedStreams as recordedAnthropic } from './anthropic-messages/official-client.ts';
import {
  answers,
  argumentsText,
  functionTool,
  image,
  pdf,
  pieces,
  requests,
  schema,
  text,
  textPart,
  type ScriptedPart,
} from './arbitraries.ts';
import { assemble, type WholeAnswer } from './assemble.ts';
import type { Dialect, EncoderContext, Frame } from './dialect.ts';
import { openaiChat } from './openai-chat/dialect.ts';
import { readWithOpenai } from './openai-chat/openai-client.ts';
import { recordedStreams as recordedChat } from './openai-chat/recordings.ts';
import type { TargetFacts } from './target-facts.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 9 };

const BASE = { model: 'm', prefill: false, systemRole: 'system', fixedSampling: false } as const;
const CHAT: TargetFacts = { ...BASE, vendor: 'openai', reasoning: 'effort', maxTokensField: 'max_completion_tokens' };
const ANTHROPIC: TargetFacts = { ...BASE, vendor: 'anthropic', reasoning: 'adaptive', maxTokensField: 'max_tokens', systemInside: true };

/** What both dialects can say. */
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
  maxOutputTokens: fc.integer({ min: 1, max: 9000 }),
  systemInside: true,
}).map((value): Request => ({ ...value, model: 'm' }));

function through(dialect: Dialect, facts: TargetFacts, neutral: Request): Request {
  const { body, losses } = dialect.encodeRequest(neutral, facts);
  expect(losses).toEqual([]);
  const decoded = dialect.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, '/');
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

describe('requests', () => {
  test('law: through both wires, in either order, nothing is lost', () => {
    fc.assert(
      fc.property(request, (neutral) => {
        expect(through(openaiChat, CHAT, through(anthropicMessages, ANTHROPIC, neutral))).toEqual(neutral);
        expect(through(anthropicMessages, ANTHROPIC, through(openaiChat, CHAT, neutral))).toEqual(neutral);
      }),
      { numRuns: 100 },
    );
  });
});

function frames(dialect: Dialect, bytes: Buffer): Frame[] {
  const decoder = dialect.decoder();
  return [...decoder.push(bytes), ...decoder.end()];
}

function eventsOf(all: readonly Frame[]): AnswerEvent[] {
  return all.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

/** Event by event, as on the path. */
function written(dialect: Dialect, events: readonly AnswerEvent[]): string {
  const encoder = dialect.encoder(CONTEXT);
  return events.map((event) => encoder.encode([event])).join('') + encoder.end(false);
}

interface Said {
  model: string | undefined;
  text: string;
  calls: { name: string; arguments: unknown }[];
  stop: string;
  input: number;
  output: number;
}

/** Three ways to stop are told apart everywhere. */
function stopClass(word: string | null | undefined): string {
  if (word === 'tool_calls' || word === 'tool_use' || word === 'tool-calls') return 'calls';
  if (['length', 'max_tokens', 'pause_turn', 'pause', 'context-window', 'model_context_window_exceeded'].includes(word ?? ''))
    return 'unfinished';
  if (['content_filter', 'content-filter', 'refusal'].includes(word ?? '')) return 'refused';
  return 'stopped';
}

function saidBy({ start, parts, finish, usage }: WholeAnswer): Said {
  return {
    model: start?.model,
    text: parts.map((part) => (part.head.type === 'text' || part.head.type === 'refusal' ? part.text : '')).join(''),
    calls: parts.flatMap(({ head, arguments: json }) =>
      head.type === 'tool-call' ? [{ name: head.name, arguments: parseObject(json || '{}') }] : [],
    ),
    stop: stopClass(finish?.reason),
    input: usage.input ?? 0,
    output: usage.output ?? 0,
  };
}

async function readByOpenai(bytes: string): Promise<Said> {
  const { model, choices, usage } = await readWithOpenai(bytes);
  const { message, finish_reason: reason } = choices[0]!;
  return {
    model,
    text: (message.content ?? '') + (message.refusal ?? ''),
    calls: (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ name: call.function.name, arguments: parseObject(call.function.arguments) }] : [],
    ),
    stop: stopClass(reason),
    input: usage?.prompt_tokens ?? 0,
    output: usage?.completion_tokens ?? 0,
  };
}

async function readByAnthropic(bytes: string): Promise<Said> {
  const message = await readByBetaClient(bytes);
  const content = Array.isArray(message.content) ? message.content.filter(isObject) : [];
  const usage = isObject(message.usage) ? message.usage : {};
  return {
    model: String(message.model),
    text: content.map((block) => (block.type === 'text' ? String(block.text) : '')).join(''),
    calls: content.flatMap((block) => (block.type === 'tool_use' ? [{ name: String(block.name), arguments: block.input }] : [])),
    stop: stopClass(String(message.stop_reason)),
    input: Number(usage.input_tokens) + Number(usage.cache_read_input_tokens) + Number(usage.cache_creation_input_tokens),
    output: Number(usage.output_tokens),
  };
}

const anthropicStreams = recordedAnthropic();

describe.skipIf(anthropicStreams.length === 0)('recorded Anthropic streams', () => {
  test.each(anthropicStreams)("$name, for OpenAI's client", async ({ bytes }) => {
    const events = eventsOf(frames(anthropicMessages, bytes));
    expect(await readByOpenai(written(openaiChat, events))).toEqual(saidBy(assemble(events)));
  });
});

const chatStreams = recordedChat();

describe.skipIf(chatStreams.length === 0)('recorded chat streams', () => {
  test.each(chatStreams)("$name, for Anthropic's client", async ({ stream }) => {
    const events = eventsOf(frames(openaiChat, stream));
    expect(await readByAnthropic(written(anthropicMessages, events))).toEqual(saidBy(assemble(events)));
  });
});

const thought: fc.Arbitrary<ScriptedPart> = fc.tuple(text.chain(pieces), fc.constantFrom('anthropic', 'other')).map(([words, vendor]) => ({
  head: { type: 'reasoning', producer: { dialect: 'anthropic-messages', vendor } },
  deltas: [...words.map((word) => ({ type: 'text' as const, text: word })), { type: 'signature', signature: 'c2ln' }],
}));

const answer = answers({
  reasoning: thought,
  maxTexts: 2,
  callArguments: argumentsText,
  interleaved: true,
  finish: fc.constantFrom('stop', 'stop-sequence', 'length', 'pause', 'context-window', 'refusal', 'content-filter'),
  usage: fc.record({ input: fc.nat(1000), output: fc.nat(1000) }),
  id: fc.constant('id_1'),
});

describe('answers', () => {
  test('law: both clients read the same from the same events', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (events) => {
        const wanted = saidBy(assemble(events));
        expect(await readByOpenai(written(openaiChat, events))).toEqual(wanted);
        expect(await readByAnthropic(written(anthropicMessages, events))).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });

  test('law: signed thinking that a chat client sends back reaches Anthropic as it was', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const body = openaiChat.encodeAnswer(events, CONTEXT);
        const [choice] = body.choices as { message: JsonObject }[];
        const decoded = openaiChat.decodeRequest(
          {
            model: 'm',
            messages: [{ role: 'user', content: 'q' }, choice!.message, { role: 'user', content: 'r' }],
          },
          '/',
        );
        if (!decoded.ok) throw new Error(decoded.error.message);
        const encoded = anthropicMessages.encodeRequest(decoded.value, ANTHROPIC);
        const blocks = (encoded.body.messages as { content: JsonObject[] | string }[]).flatMap(({ content }) =>
          typeof content === 'string' ? [] : content,
        );
        const wanted = assemble(events).parts.flatMap(({ head, text: words, signature }) =>
          head.type === 'reasoning' && head.producer.vendor === 'anthropic' ? [{ type: 'thinking', thinking: words, signature }] : [],
        );
        expect(blocks.filter(({ type }) => type === 'thinking')).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });
});
