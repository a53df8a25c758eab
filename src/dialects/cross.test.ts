/** From each dialect into each of the four and back, with the official clients as judges. Recorded answers: test/corpora. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Json, JsonObject } from '../exchange/json.ts';
import type { OutputFormat, Request } from '../exchange/request.ts';
import { anthropicMessages } from './anthropic-messages/dialect.ts';
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
  type RequestWords,
  type ScriptedPart,
} from './arbitraries.ts';
import { assemble } from './assemble.ts';
import type { Dialect, EncoderContext, Frame } from './dialect.ts';
import { gemini } from './gemini/dialect.ts';
import { OFFICIAL_CLIENTS } from './official-clients.ts';
import { openaiChat } from './openai-chat/dialect.ts';
import { openaiResponses } from './openai-responses/dialect.ts';
import { saidBy, type Said } from './said.ts';
import type { TargetFacts } from './target-facts.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 9 };

const BASE = { model: 'm', prefill: false, systemRole: 'system', fixedSampling: false } as const;
const FACTS: Record<DialectName, TargetFacts> = {
  'anthropic-messages': { ...BASE, vendor: 'anthropic', reasoning: 'adaptive', maxTokensField: 'max_tokens', systemInside: true },
  'openai-chat': { ...BASE, vendor: 'openai', reasoning: 'effort', maxTokensField: 'max_completion_tokens' },
  'openai-responses': { ...BASE, vendor: 'openai', reasoning: 'none', maxTokensField: 'max_completion_tokens', systemRole: 'developer' },
  gemini: { ...BASE, vendor: 'google', reasoning: 'none', maxTokensField: 'max_tokens' },
};
const DIALECTS: Dialect[] = [anthropicMessages, openaiChat, openaiResponses, gemini];
const PAIRS = DIALECTS.flatMap((one) => DIALECTS.map((other) => [one.name, other.name, one, other] as const));

const WORDS: RequestWords = {
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
  // OpenAI wants at least 16.
  maxOutputTokens: fc.integer({ min: 16, max: 9000 }),
  systemInside: true,
};

/** Gemini has no word for an instruction between turns, the name of a schema or of a file, or a user's id. */
const { attachment: _attachment, ...PLAIN_WORDS }: RequestWords = { ...WORDS, output: fc.constant({ type: 'text' }), systemInside: false };

/** What both can say. */
function shared(names: readonly DialectName[]): fc.Arbitrary<Request> {
  return requests(names.includes('gemini') ? PLAIN_WORDS : WORDS).map(({ user, parallelToolCalls, ...request }) => ({
    ...request,
    model: 'm',
    // Responses have no stop sequences.
    stop: names.includes('openai-responses') ? [] : request.stop,
    ...(!names.includes('gemini') && {
      ...(user !== undefined && { user }),
      ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    }),
  }));
}

function through(dialect: Dialect, neutral: Request): Request {
  const { body, losses } = dialect.encodeRequest(neutral, FACTS[dialect.name]);
  expect(losses).toEqual([]);
  const decoded = dialect.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, dialect.endpoint(neutral.model, neutral.stream));
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

describe('law: a request goes through both wires and nothing is lost', () => {
  test.each(PAIRS)('%s, then %s', (_one, _other, one, other) => {
    fc.assert(
      fc.property(shared([one.name, other.name]), (neutral) => {
        expect(through(other, through(one, neutral))).toEqual(neutral);
      }),
      { numRuns: 50 },
    );
  });
});

function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

function decoded(dialect: Dialect, bytes: string): AnswerEvent[] {
  const decoder = dialect.decoder();
  return eventsOf([...decoder.push(Buffer.from(bytes)), ...decoder.end()]);
}

/** Event by event, as on the path. */
function written(dialect: Dialect, events: readonly AnswerEvent[]): string {
  const encoder = dialect.encoder(CONTEXT);
  return events.map((event) => encoder.encode([event])).join('') + encoder.end(false);
}

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

/** Gemini's calls go out when they are whole, so those that end first stand first: of parallel calls the order says nothing. */
function unordered({ calls, ...said }: Said): unknown {
  return { ...said, calls: calls.map((call) => JSON.stringify(call)).toSorted((one, other) => one.localeCompare(other)) };
}

describe('law: an answer from one wire, written for another, is the same to its client', () => {
  test.each(PAIRS)('%s to %s', async (_one, _other, one, other) => {
    await fc.assert(
      fc.asyncProperty(answer, async (events) => {
        const wanted = unordered(saidBy(events));
        const seen = decoded(one, written(one, events));
        expect(unordered(saidBy(seen))).toEqual(wanted);
        const client = OFFICIAL_CLIENTS[other.name];
        expect(unordered(await client.stream(written(other, seen)))).toEqual(wanted);
        const body = JSON.parse(JSON.stringify(other.encodeAnswer(seen, CONTEXT))) as JsonObject;
        expect(unordered(await client.body(body))).toEqual(wanted);
      }),
      { numRuns: 15 },
    );
  });
});

/** The next turn of a client that was shown this answer. */
const NEXT: Record<'openai-chat' | 'openai-responses' | 'gemini', (body: JsonObject) => JsonObject> = {
  'openai-chat': ({ choices }) => ({
    model: 'm',
    messages: [{ role: 'user', content: 'q' }, (choices as { message: JsonObject }[])[0]!.message, { role: 'user', content: 'r' }],
  }),
  'openai-responses': ({ output }) => ({
    model: 'm',
    input: [{ role: 'user', content: 'q' }, ...(output as Json[]), { role: 'user', content: 'r' }],
  }),
  gemini: ({ candidates }) => ({
    contents: [
      { role: 'user', parts: [{ text: 'q' }] },
      (candidates as { content: JsonObject }[])[0]!.content,
      { role: 'user', parts: [{ text: 'r' }] },
    ],
  }),
};

describe('law: signed thinking that a client of another dialect sends back reaches Anthropic as it was', () => {
  test.each([openaiChat, openaiResponses, gemini].map((dialect) => [dialect.name, dialect] as const))('%s', (name, dialect) => {
    fc.assert(
      fc.property(answer, (events) => {
        const next = NEXT[name as keyof typeof NEXT](dialect.encodeAnswer(events, CONTEXT));
        const request = dialect.decodeRequest(JSON.parse(JSON.stringify(next)) as JsonObject, dialect.endpoint('m', false));
        if (!request.ok) throw new Error(request.error.message);
        const { body } = anthropicMessages.encodeRequest(request.value, FACTS['anthropic-messages']);
        const blocks = (body.messages as { content: JsonObject[] | string }[]).flatMap(({ content }) =>
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
