import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import type { Producer, ReasoningPart } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import { anthropicMessages } from '../anthropic-messages/dialect.ts';
import { argumentsText, base64, functionTool, image, pdf, requests, schema, text, textPart } from '../arbitraries.ts';
import type { Dialect } from '../dialect.ts';
import { openaiChat } from '../openai-chat/dialect.ts';
import { openaiResponses } from '../openai-responses/dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { gemini } from './dialect.ts';

const OWN: Producer = { dialect: 'gemini' };
const FACTS: TargetFacts = {
  vendor: 'google',
  model: 'gemini-3.6-flash',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_tokens',
  systemRole: 'system',
  fixedSampling: false,
};

/** As `JSON.stringify` would write it: the wire carries an object, not its text. */
const callArguments = argumentsText.map((json) => JSON.stringify(JSON.parse(json)));

const thought: fc.Arbitrary<ReasoningPart> = fc.oneof(
  text.map((value): ReasoningPart => ({ type: 'reasoning', text: value, producer: OWN })),
  fc.record({
    type: fc.constant('reasoning' as const),
    text: fc.oneof(text, fc.constant('')),
    signature: base64,
    producer: fc.constant(OWN),
  }),
  fc.record({
    type: fc.constant('reasoning' as const),
    text,
    signature: base64,
    producer: fc.constant(OWN),
    extras: fc.constant({ dialect: 'gemini' as const, fields: { on: 'thought' } }),
  }),
  base64.map((signature): ReasoningPart => ({
    type: 'reasoning',
    text: '',
    signature,
    producer: OWN,
    extras: { dialect: 'gemini', fields: { on: 'empty' } },
  })),
);

const words = {
  attachment: fc.oneof(
    image,
    pdf,
    text.map((value) => ({ type: 'document' as const, source: { type: 'text' as const, mediaType: 'text/csv', text: value } })),
    base64.map((data) => ({ type: 'audio' as const, source: { type: 'base64' as const, mediaType: 'audio/wav', data }, format: 'wav' })),
    fc.constant({ type: 'document' as const, source: { type: 'url' as const, url: 'https://example.com/a.pdf' } }),
    fc.constant({
      type: 'image' as const,
      source: { type: 'file' as const, id: 'https://generativelanguage.googleapis.com/v1beta/files/abc.png', producer: OWN },
    }),
  ),
  resultContent: fc.oneof(
    textPart,
    callArguments.filter((json) => json !== '{}').map((json) => ({ type: 'text' as const, text: json })),
  ),
  resultErrors: true,
  callArguments,
  reasoningPart: thought,
  tool: functionTool.map(({ strict: _strict, ...tool }) => tool),
  output: fc.oneof(
    fc.constant({ type: 'text' as const }),
    fc.constant({ type: 'json' as const }),
    schema.map((value) => ({ type: 'json-schema' as const, name: 'answer', schema: value })),
  ),
  sampling: fc.record(
    {
      temperature: fc.constantFrom(0, 0.5, 2),
      topP: fc.constantFrom(0.1, 1),
      topK: fc.nat(100),
      seed: fc.integer(),
      presencePenalty: fc.constantFrom(-1, 0.5),
      frequencyPenalty: fc.constantFrom(-1, 0.5),
    },
    { requiredKeys: [] },
  ),
  maxOutputTokens: fc.option(fc.integer({ min: 1, max: 9000 }), { nil: undefined }),
  systemInside: false,
};

/** Gemini has no word for the end user, nor for calling one tool at a time. */
function sayable({ user: _user, parallelToolCalls: _parallel, ...request }: Request): Request {
  return request;
}

function path(request: Pick<Request, 'model' | 'stream'>): string {
  return gemini.endpoint(request.model, request.stream);
}

function overTheWire(request: Request, facts: TargetFacts) {
  const { body, losses } = gemini.encodeRequest(request, { ...facts, model: request.model });
  return { losses, decoded: gemini.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, path(request)) };
}

describe('law: decode(encode(request)) = request, and nothing is lost', () => {
  test('to a model that takes a level of thinking', () => {
    const effort = fc.constantFrom('minimal' as const, 'low' as const, 'medium' as const, 'high' as const);
    const reasoning = fc.oneof(
      fc.constant({ adaptive: true }),
      effort.map((value) => ({ effort: value })),
      effort.map((value) => ({ effort: value, extras: { dialect: 'gemini' as const, fields: { includeThoughts: false } } })),
    );
    fc.assert(
      fc.property(requests({ ...words, reasoning }).map(sayable), (request) => {
        expect(overTheWire(request, FACTS)).toEqual({ losses: [], decoded: { ok: true, value: request } });
      }),
      { numRuns: 200 },
    );
  });

  test('to a model that takes a budget', () => {
    const reasoning = fc.oneof(
      fc.constant({ adaptive: true }),
      fc.constant({ effort: 'none' as const }),
      fc.record({ budget: fc.integer({ min: 1, max: 24_576 }) }),
    );
    fc.assert(
      fc.property(requests({ ...words, output: fc.constant({ type: 'text' as const }), reasoning }).map(sayable), (request) => {
        expect(overTheWire(request, { ...FACTS, reasoning: 'budget' })).toEqual({ losses: [], decoded: { ok: true, value: request } });
      }),
      { numRuns: 100 },
    );
  });

  test('media in results, to Gemini 3', () => {
    const media = requests({
      ...words,
      reasoningPart: thought,
      resultContent: fc.oneof(
        image.filter(({ source }) => source.type === 'base64'),
        pdf,
      ),
    });
    fc.assert(
      fc.property(media.map(sayable), (request) => {
        expect(overTheWire(request, FACTS)).toEqual({ losses: [], decoded: { ok: true, value: request } });
      }),
      { numRuns: 60 },
    );
  });

  test('what planning reads from path and bytes agrees with it', () => {
    fc.assert(
      fc.property(requests(words).map(sayable), (request) => {
        const { body } = gemini.encodeRequest(request, FACTS);
        const bytes = Buffer.from(JSON.stringify(body, undefined, 1));
        expect(gemini.inspect(bytes, path(request))).toEqual({
          ok: true,
          value: {
            model: request.model,
            stream: request.stream,
            size: bytes.length,
            ...(request.maxOutputTokens !== undefined && { maxOutputTokens: request.maxOutputTokens }),
            reasoning: false,
            hasTools: request.tools.length > 0,
            structured: request.output.type !== 'text',
            foreignParts: false,
            candidates: 1,
            includeUsage: true,
            layout: { of: bytes, members: expect.any(Map) as unknown },
          },
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('law: the order that Gemini demands', () => {
  test('user and model alternate, a user begins and ends, each call has its result right after it', () => {
    const signed: TargetFacts = { ...FACTS, signedCalls: true };
    fc.assert(
      fc.property(requests({ ...words, systemInside: true }), fc.array(fc.nat(), { maxLength: 3 }), (request, holes) => {
        // A history that was cut short: some messages are missing.
        const messages = request.messages.filter((_, index) => !holes.some((hole) => hole % (request.messages.length + 3) === index));
        const { body } = gemini.encodeRequest({ ...request, messages }, signed);
        const contents = body.contents as { role: string; parts: JsonObject[] }[];
        expect(contents.map(({ role }) => role)).toEqual(contents.map((_, index) => (index % 2 === 0 ? 'user' : 'model')));
        expect(contents.length % 2).toBe(1);
        let open: string[] = [];
        for (const { role, parts } of contents) {
          expect(parts.length).toBeGreaterThan(0);
          const results = parts.flatMap(({ functionResponse }) => (functionResponse ? [String((functionResponse as JsonObject).id)] : []));
          expect(results.toSorted()).toEqual(open.toSorted());
          expect(parts.findLastIndex((part) => part.functionResponse !== undefined)).toBe(results.length - 1);
          open =
            role === 'model' ? parts.flatMap(({ functionCall }) => (functionCall ? [String((functionCall as JsonObject).id)] : [])) : [];
        }
        const spoke = contents.findLastIndex(({ role, parts }) => role === 'user' && !parts.some((part) => part.functionResponse));
        for (const { parts } of contents.slice(spoke)) {
          const call = parts.find((part) => part.functionCall);
          expect(call === undefined || typeof call.thoughtSignature === 'string').toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});

const OTHERS: [string, Dialect, TargetFacts][] = [
  ['anthropic-messages', anthropicMessages, { ...FACTS, vendor: 'anthropic', model: 'claude', reasoning: 'adaptive', systemInside: true }],
  ['openai-responses', openaiResponses, { ...FACTS, vendor: 'openai', model: 'gpt' }],
  ['openai-chat', openaiChat, { ...FACTS, vendor: 'mistral-like', model: 'chat', maxTokensField: 'max_completion_tokens' }],
];

/** What all of the dialects can say. */
const common = requests({
  attachment: fc.oneof(image, pdf),
  resultContent: textPart,
  resultErrors: true,
  callArguments,
  tool: functionTool.map(({ strict: _strict, ...tool }) => tool),
  output: fc.constant({ type: 'text' as const }),
  sampling: fc.record({ temperature: fc.constantFrom(0, 0.5, 1) }, { requiredKeys: [] }),
  maxOutputTokens: fc.constant(1000),
  systemInside: false,
}).map(sayable);

describe('law: over two wires, in either order, nothing is lost', () => {
  function through(dialect: Dialect, facts: TargetFacts, request: Request): Request {
    const { body, losses } = dialect.encodeRequest(request, { ...facts, model: request.model });
    const decoded = dialect.decodeRequest(JSON.parse(JSON.stringify(body)) as JsonObject, path(request));
    if (!decoded.ok) throw new Error(`${decoded.error.field} ${decoded.error.message}`);
    expect(losses).toEqual([]);
    // Responses asks for encrypted reasoning whenever it is written anew.
    const { extras: _asked, ...rest } = decoded.value;
    return rest;
  }

  test.each(OTHERS)('gemini and %s', (name, other, facts) => {
    // Responses have no stop sequences.
    const sayable = name === 'openai-responses' ? common.map((request) => ({ ...request, stop: [] })) : common;
    fc.assert(
      fc.property(sayable, (request) => {
        expect(through(other, facts, through(gemini, FACTS, request))).toEqual(request);
        expect(through(gemini, FACTS, through(other, facts, request))).toEqual(request);
      }),
      { numRuns: 80 },
    );
  });
});
