import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent, FinishReason } from '../../exchange/event.ts';
import type { OutputFormat, Sampling } from '../../exchange/request.ts';
import type { JsonObject } from '../../exchange/json.ts';
import {
  answers,
  argumentsText,
  base64,
  functionTool,
  image,
  pdf,
  pieces,
  requests,
  schema,
  text,
  textPart,
  toolName,
  type ScriptedPart,
} from '../arbitraries.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { openaiChat } from './dialect.ts';

const FACTS: TargetFacts = {
  vendor: 'deepseek',
  model: 'replaced',
  prefill: false,
  reasoning: 'effort',
  maxTokensField: 'max_completion_tokens',
  systemRole: 'system',
  fixedSampling: false,
};

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1_780_000_000 };

const sampling: fc.Arbitrary<Sampling> = fc.record(
  {
    temperature: fc.double({ min: 0, max: 2, noNaN: true }).map((value) => value + 0),
    topP: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    seed: fc.integer(),
    presencePenalty: fc.integer({ min: -2, max: 2 }),
    frequencyPenalty: fc.integer({ min: -2, max: 2 }),
  },
  { requiredKeys: [] },
);

const output: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.constant({ type: 'text' as const }),
  fc.record(
    { type: fc.constant('json-schema' as const), name: toolName, schema, strict: fc.constant(false), description: text },
    { requiredKeys: ['type', 'name', 'schema'] },
  ),
);

const audio = base64.map((data) => ({
  type: 'audio' as const,
  source: { type: 'base64' as const, mediaType: 'audio/wav', data },
  format: 'wav',
}));

const request = requests({
  attachment: fc.oneof(image, pdf, audio),
  resultContent: textPart,
  resultErrors: true,
  callArguments: argumentsText,
  reasoningPart: text.map((value) => ({ type: 'reasoning' as const, text: value, producer: { dialect: 'openai-chat' as const } })),
  tool: functionTool.map(({ strict: _strict, ...tool }) => tool),
  output,
  sampling,
  reasoning: fc.constantFrom('none' as const, 'low' as const, 'medium' as const, 'high' as const).map((effort) => ({ effort })),
  maxOutputTokens: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: undefined }),
  systemInside: true,
});

describe('law: decode(encode(request)) = request', () => {
  test('with nothing lost', () => {
    fc.assert(
      fc.property(request, (neutral) => {
        const { body, losses } = openaiChat.encodeRequest(neutral, FACTS);
        expect(losses).toEqual([]);
        const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
        expect(openaiChat.decodeRequest(wire, '/v1/chat/completions')).toEqual({ ok: true, value: { ...neutral, model: FACTS.model } });
      }),
      { numRuns: 300 },
    );
  });

  test('what planning reads from the bytes agrees with it', () => {
    fc.assert(
      fc.property(request, (neutral) => {
        const { body } = openaiChat.encodeRequest(neutral, FACTS);
        const bytes = Buffer.from(JSON.stringify(body, undefined, 1));
        expect(openaiChat.inspect(bytes, '/v1/chat/completions')).toEqual({
          ok: true,
          value: {
            model: FACTS.model,
            stream: neutral.stream,
            size: bytes.length,
            ...(neutral.maxOutputTokens !== undefined && { maxOutputTokens: neutral.maxOutputTokens }),
            reasoning: neutral.reasoning !== undefined && neutral.reasoning.effort !== 'none',
            ...(neutral.reasoning?.effort && { effort: neutral.reasoning.effort }),
            hasTools: neutral.tools.length > 0,
            structured: neutral.output.type !== 'text',
            foreignParts: false,
            candidates: 1,
            includeUsage: neutral.stream,
            layout: { of: bytes, members: expect.any(Map) as unknown },
          },
        });
      }),
      { numRuns: 100 },
    );
  });
});

const thought: fc.Arbitrary<ScriptedPart> = text.chain(pieces).map((parts) => ({
  head: { type: 'reasoning', producer: { dialect: 'openai-chat' } },
  deltas: parts.map((piece) => ({ type: 'text', text: piece })),
}));

const answer = answers({
  reasoning: thought,
  maxTexts: 1,
  callArguments: argumentsText,
  interleaved: true,
  finish: fc.constantFrom<FinishReason>('stop', 'length', 'content-filter'),
  usage: fc.record({ input: fc.nat(), output: fc.nat(), cacheRead: fc.nat() }),
  id: fc.stringMatching(/^chatcmpl-[a-zA-Z0-9]{1,20}$/),
  created: fc.integer({ min: 1, max: 4_000_000_000 }),
});

/** What the wire keeps: chat's chunks name no producer and always carry a time. */
function said(events: readonly AnswerEvent[]): unknown {
  const { start, parts, usage, finish } = assemble(events);
  return {
    start: { ...start, created: start?.created ?? CONTEXT.created },
    parts: parts.map((part) => (part.head.type === 'reasoning' ? { ...part, head: { type: 'reasoning' } } : part)),
    usage,
    finish,
  };
}

function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

function decodeWhole(bytes: string): Frame[] {
  const decoder = openaiChat.decoder();
  return [...decoder.push(Buffer.from(bytes)), ...decoder.end()];
}

function stream(events: readonly AnswerEvent[]): string {
  const encoder = openaiChat.encoder(CONTEXT);
  return encoder.encode(events) + encoder.end(false);
}

describe('law: decode(encode(answer)) = answer', () => {
  test('as a stream, every frame clean, one terminator', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const frames = decodeWhole(stream(events));
        expect(frames.map((frame) => frame.type)).toEqual([...frames.slice(1).map(() => 'events'), 'end']);
        expect(frames.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
        expect(said(eventsOf(frames))).toEqual(said(events));
      }),
      { numRuns: 300 },
    );
  });

  test('as a whole body', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const body = JSON.parse(JSON.stringify(openaiChat.encodeAnswer(events, CONTEXT))) as JsonObject;
        const decoded = openaiChat.decodeAnswer(body);
        expect(decoded.ok && said(decoded.value)).toEqual(said(events));
      }),
      { numRuns: 200 },
    );
  });
});

describe('law: a stream decoded whole = decoded at any split of its bytes', () => {
  test('frames, raw bytes and events', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat()), (events, cuts) => {
        const bytes = Buffer.from(`: hello\n\n${stream(events)}`);
        const whole = decodeWhole(bytes.toString());
        const edges = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((one, other) => one - other);
        const decoder = openaiChat.decoder();
        const frames: Frame[] = [];
        let start = 0;
        for (const edge of [...edges, bytes.length]) {
          frames.push(...decoder.push(bytes.subarray(start, edge)));
          start = edge;
        }
        expect([...frames, ...decoder.end()]).toEqual(whole);
        expect(Buffer.concat(frames.map((frame) => frame.raw)).equals(bytes)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('byte by byte', () => {
    const bytes = Buffer.from(stream(fc.sample(answer, { seed: 7, numRuns: 1 })[0]!));
    const decoder = openaiChat.decoder();
    const frames = [...bytes].flatMap((byte) => decoder.push(Buffer.from([byte])));
    expect(frames).toEqual(decodeWhole(bytes.toString()));
  });
});

function openCalls(events: readonly AnswerEvent[]): number {
  const open = new Set<number>();
  for (const event of events) {
    if (event.type === 'part-start' && event.part.type === 'tool-call') open.add(event.index);
    if (event.type === 'part-end') open.delete(event.index);
  }
  return open.size;
}

describe('law: a primed encoder carries on where the bytes stopped', () => {
  test('after any event, except within calls, which are written when they are whole', () => {
    fc.assert(
      fc.property(answer, fc.nat(), (events, cut) => {
        let at = cut % (events.length + 1);
        while (openCalls(events.slice(0, at)) > 0) at--;
        const first = openaiChat.encoder(CONTEXT);
        const before = first.encode(events.slice(0, at));
        const second = openaiChat.encoder({ ...CONTEXT, created: 1, exchange: 'x_2' });
        second.observe(events.slice(0, at));
        const after = second.encode(events.slice(at)) + second.end(false);
        const frames = decodeWhole(before + after);
        // Only the time can differ, where nothing had been written yet.
        const joined = eventsOf(frames).map((event) =>
          event.type === 'start' ? { ...event, created: events[0]!.type === 'start' ? (events[0]!.created ?? CONTEXT.created) : 0 } : event,
        );
        const usageSeen = at === events.length;
        expect(said(joined)).toEqual(usageSeen ? { ...(said(events) as object), usage: {} } : said(events));
      }),
      { numRuns: 200 },
    );
  });
});
