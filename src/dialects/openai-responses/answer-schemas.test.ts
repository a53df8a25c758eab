import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { EncoderContext } from '../dialect.ts';
import { answer } from './answer-arbitraries.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { openaiSchemas, openResponses, type Check } from './schema-check.ts';

const REQUEST: JsonObject = {
  model: 'asked',
  instructions: 'Be brief.',
  max_output_tokens: 100,
  metadata: { a: 'b' },
  parallel_tool_calls: false,
  previous_response_id: 'resp_0',
  reasoning: { effort: 'low' },
  service_tier: 'auto',
  store: false,
  temperature: 0.5,
  text: { format: { type: 'json_schema', name: 'n', schema: { type: 'object' } }, verbosity: 'low' },
  tool_choice: { type: 'function', name: 'f' },
  tools: [{ type: 'function', name: 'f', parameters: { type: 'object' } }],
  top_p: 0.9,
  truncation: 'auto',
  user: 'u',
};

const BARE: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1_780_000_000 };
const ASKED: EncoderContext = { ...BARE, request: () => REQUEST };

/** Kinds of items that the Open Responses schema knows; OpenAI has many more. */
function isOpen(events: readonly AnswerEvent[]): boolean {
  return events.every((event) => event.type !== 'part-start' || (event.part.type !== 'opaque' && !('kind' in event.part)));
}

/** All that we write ourselves: items that only the provider runs are given back as they came. */
function isWritten(events: readonly AnswerEvent[]): boolean {
  return events.every((event) => event.type !== 'part-start' || event.part.type !== 'opaque');
}

function eventsIn(bytes: string): JsonObject[] {
  return Array.from(bytes.matchAll(/^data: (.*)$/gm), ([, data]) => JSON.parse(data!) as JsonObject);
}

/** `response.output_text.delta` -> `ResponseOutputTextDeltaStreamingEvent`; summaries are `ReasoningSummary`, without `Text`. */
function schemaName(type: string): string {
  const words = type
    .replace('reasoning_summary_text', 'reasoning_summary')
    .split(/[._]/)
    .map((word) => word[0]!.toUpperCase() + word.slice(1));
  return `${words.join('')}StreamingEvent`;
}

/**
 * Where a schema is stricter than what OpenAI sends: `user`, usage and a format's description are null when there is none; a format's schema, by
 * Open Responses, can only be null.
 */
const LENIENT = [
  /\.response\.usage: null is no object$/,
  /\.user: null is no string$/,
  /\.text\.format\.description: null is no string$/,
  /\.text\.format\.schema: .* is no null$/,
];

function problems(check: Check | undefined, name: string, value: JsonObject): string[] {
  return check!(name, value).filter((problem) => !LENIENT.some((pattern) => pattern.test(problem)));
}

const open = openResponses();

describe.skipIf(!open)('the Open Responses schema', () => {
  test.each([
    ['without a request', BARE],
    ['with all that it repeats of one', ASKED],
  ])('accepts what is written, %s', (_name, context) => {
    fc.assert(
      fc.property(answer.filter(isOpen), (events) => {
        expect(problems(open, 'ResponseResource', encodeAnswer(events, context))).toEqual([]);
        const writing = encoder(context);
        for (const event of eventsIn(writing.encode(events) + writing.end(false))) {
          expect(problems(open, schemaName(String(event.type)), event), `${String(event.type)}`).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('accepts a failure', () => {
    const writing = encoder(ASKED);
    const bytes =
      writing.encode([{ type: 'start', id: '', model: '' }]) + writing.error({ class: 'provider-fault', symptom: 'closed', message: 'm' });
    const events = eventsIn(bytes);
    expect(events.map(({ type }) => type)).toEqual(['response.created', 'response.in_progress', 'response.failed']);
    expect(problems(open, 'ResponseFailedStreamingEvent', events[2]!)).toEqual([]);
  });

  test('the check itself finds what is wrong', () => {
    const { id: _, ...body } = encodeAnswer([], BARE);
    expect(open!('ResponseResource', { ...body, output: [{ type: 'message' }], tools: 'none' })).toEqual(
      expect.arrayContaining(['ResponseResource.id is missing', 'ResponseResource.tools: "none" is no array']),
    );
  });
});

const openai = openaiSchemas();

describe.skipIf(!openai)("OpenAI's OpenAPI", () => {
  test('accepts what is written', () => {
    fc.assert(
      fc.property(answer.filter(isWritten), (events) => {
        for (const context of [BARE, ASKED]) expect(problems(openai, 'Response', encodeAnswer(events, context))).toEqual([]);
        const writing = encoder(BARE);
        for (const event of eventsIn(writing.encode(events) + writing.end(false))) {
          expect(problems(openai, 'ResponseStreamEvent', event), `${String(event.type)}`).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('an answer repeats what was asked', () => {
    const { tools, text, reasoning, service_tier: tier, ...rest } = encodeAnswer([], ASKED);
    const { tools: _t, text: _x, reasoning: _r, service_tier: _s, model: _m, ...asked } = REQUEST;
    expect(rest).toMatchObject(asked);
    expect(tools).toEqual([{ type: 'function', name: 'f', description: null, parameters: { type: 'object' }, strict: true }]);
    expect(isObject(text) && text.verbosity).toBe('low');
    expect(reasoning).toEqual({ effort: 'low', summary: null });
    expect(tier).toBe('default');
  });
});
