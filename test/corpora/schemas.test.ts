/** What we write, every body and every event of it, by schemas that others have published. */
import { describe, expect, test } from 'vitest';
import type { DialectName } from '../../src/exchange/dialect-name.ts';
import type { AnswerEvent } from '../../src/exchange/event.ts';
import { isObject, parseObject, type Json, type JsonObject } from '../../src/exchange/json.ts';
import { decode, DIALECTS, eventsOf, written } from './pair.ts';
import { corpora, type Recording } from './recordings.ts';
import { checkerOf, type Checker, type Spec } from './schemas.ts';

/** Where a schema is stricter than its own vendor's answers, or older than them: what is put in the place of such a value before it is checked. */
interface Leniency {
  spec: Spec;
  field: string;
  applies(value: Json): boolean;
  becomes?: Json;
  why: string;
}

function hasCustom(calls: Json): boolean {
  return Array.isArray(calls) && calls.some((call) => isObject(call) && call.custom !== undefined);
}

const LENIENT: Leniency[] = [
  { spec: 'OpenAI', field: 'user', applies: (value) => value === null, why: 'OpenAI answers `user: null`' },
  { spec: 'OpenAI', field: 'usage', applies: (value) => value === null, why: 'OpenAI answers `usage: null` until the end' },
  { spec: 'OpenAI', field: 'service_tier', applies: (value) => value === 'on_demand', why: "Groq's own tier, kept in its own dialect" },
  {
    spec: 'OpenAI',
    field: 'tool_calls',
    applies: hasCustom,
    why: 'custom tool calls in chunks: OpenAI streams them, its schema of chunks has none',
  },
  { spec: 'llmprobe: chat', field: 'tool_calls', applies: hasCustom, why: 'custom tool calls are newer than this document' },
  {
    spec: 'llmprobe: Anthropic',
    field: 'delta',
    applies: (value) => isObject(value) && value.type === 'signature_delta',
    becomes: { type: 'text_delta', text: '' },
    why: 'signatures of thinking are newer than this document',
  },
];

interface Judge {
  spec: Spec;
  dialect: DialectName;
  body: string;
  /** Of an event without a type; otherwise the event's own. */
  chunk?: string;
  /** What the document has words for at all. */
  knows?: (recording: Recording) => boolean;
}

const JUDGES: Judge[] = [
  { spec: 'OpenAI', dialect: 'openai-chat', body: 'CreateChatCompletionResponse', chunk: 'CreateChatCompletionStreamResponse' },
  { spec: 'llmprobe: chat', dialect: 'openai-chat', body: 'ChatCompletion', chunk: 'ChatCompletionChunk' },
  // Items of one's own are given back as they came: they are the vendor's, not ours.
  { spec: 'OpenAI', dialect: 'openai-responses', body: 'Response', knows: ({ dialect }) => dialect !== 'openai-responses' },
  { spec: 'Open Responses', dialect: 'openai-responses', body: 'ResponseResource', knows: ({ dialect }) => dialect !== 'openai-responses' },
  { spec: 'llmprobe: Anthropic', dialect: 'anthropic-messages', body: 'Message', knows: ({ dialect }) => dialect !== 'anthropic-messages' },
];

const { recordings } = corpora();
const answers = recordings.map((recording) => ({ recording, events: eventsIn(recording) }));

function eventsIn({ dialect, said }: Recording): AnswerEvent[] {
  if (said.type === 'stream') return eventsOf(decode(DIALECTS[dialect], said.bytes));
  const decoded = DIALECTS[dialect].decodeAnswer(said.body);
  return decoded.ok ? decoded.value : [];
}

function payloads(stream: string): JsonObject[] {
  return Array.from(stream.matchAll(/^data: (.*)$/gm), ([, data]) => parseObject(data!)).filter((data) => data !== undefined);
}

/** With what is known to be stricter taken out of the way. */
function lenient(spec: Spec, payload: JsonObject, met: Set<Leniency>): JsonObject {
  return JSON.parse(JSON.stringify(payload), (field, value: Json) => {
    const known = LENIENT.find((each) => each.spec === spec && each.field === field && each.applies(value));
    if (known) met.add(known);
    return known ? known.becomes : value;
  }) as JsonObject;
}

function found({ spec, dialect, body, chunk }: Judge, checker: Checker, events: readonly AnswerEvent[], met: Set<Leniency>): string[] {
  const out = written(DIALECTS[dialect], events);
  return [
    ...checker.check(body, lenient(spec, out.body, met)),
    ...payloads(out.stream).flatMap((payload) => {
      const schema = chunk ?? checker.ofEvent(String(payload.type));
      if (schema === undefined) return [`there is no schema of ${String(payload.type)}`];
      return checker.check(schema, lenient(spec, payload, met)).map((problem) => `${schema}${problem}`);
    }),
  ];
}

describe.skipIf(recordings.length === 0)('outside schemas', () => {
  const met = new Set<Leniency>();

  test.each(JUDGES.map((judge) => [`${judge.spec}, ${judge.dialect}`, judge] as const))('%s: takes what is written', (_name, judge) => {
    const checker = checkerOf(judge.spec)!;
    const problems: string[] = [];
    for (const { recording, events } of answers) {
      if (judge.knows?.(recording) === false) continue;
      problems.push(...found(judge, checker, events, met).map((problem) => `${recording.source}/${recording.name}: ${problem}`));
    }
    expect([...new Set(problems.map((problem) => problem.slice(0, 200)))].slice(0, 20)).toEqual([]);
  });

  test('every leniency is needed', () => expect(LENIENT.filter((each) => !met.has(each))).toEqual([]));

  test('the check finds what is wrong', () => {
    const { id: _, ...body } = written(DIALECTS['openai-chat'], answers[0]!.events).body;
    expect(checkerOf('OpenAI')!.check('CreateChatCompletionResponse', body)).toEqual([expect.stringContaining("required property 'id'")]);
    expect(checkerOf('Open Responses')!.check('ResponseResource', { object: 'response' })).not.toEqual([]);
  });
});
