import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent, FinishReason } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { answers, pieces, text, type ScriptedPart } from '../arbitraries.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { createArrayFraming } from './json-array.ts';
import { readByGoogle } from './official-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1_780_000_000 };

const argumentsText = fc
  .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
  .map((value) => JSON.stringify(value));

/** Signed on the thought itself, or not at all: what is signed on the next part needs one. */
const thought: fc.Arbitrary<ScriptedPart> = fc
  .tuple(text.chain(pieces), fc.option(fc.base64String({ minLength: 4, maxLength: 12 })))
  .map(([parts, signature]) => ({
    head: {
      type: 'reasoning',
      producer: { dialect: 'gemini' },
      ...(signature !== null && { extras: { dialect: 'gemini', fields: { on: 'thought' } } }),
    },
    deltas: [
      ...parts.map((piece) => ({ type: 'text' as const, text: piece })),
      ...(signature === null ? [] : [{ type: 'signature' as const, signature }]),
    ],
  }));

const answer = answers({
  reasoning: thought,
  maxTexts: 1,
  callArguments: argumentsText,
  interleaved: false,
  finish: fc.constantFrom<FinishReason>('stop', 'length', 'content-filter'),
  usage: fc.nat(1000).chain((reasoning) =>
    fc.record({
      input: fc.nat(),
      output: fc.nat(10_000).map((more) => reasoning + more),
      cacheRead: fc.nat(),
      reasoning: fc.constant(reasoning),
    }),
  ),
  id: fc.stringMatching(/^[a-zA-Z0-9_-]{8,24}$/),
});

/** Answers in which the first part after a thought bears its signature. */
const signed: fc.Arbitrary<AnswerEvent[]> = fc
  .tuple(answer, fc.base64String({ minLength: 4, maxLength: 12 }))
  .filter(([events]) => events.some((event) => event.type === 'part-start' && event.part.type !== 'reasoning'))
  .map(([events, signature]) => {
    const [start, ...rest] = events;
    const bare = rest.filter((event) => !('index' in event) || event.index !== 0 || !isReasoning(events));
    const shifted = bare.map((event) => ('index' in event && !isReasoning(events) ? { ...event, index: event.index + 1 } : event));
    return [
      start!,
      { type: 'part-start', index: 0, part: { type: 'reasoning', producer: { dialect: 'gemini' } } },
      { type: 'part-delta', index: 0, delta: { type: 'signature', signature } },
      { type: 'part-end', index: 0 },
      ...shifted,
    ];
  });

function isReasoning(events: readonly AnswerEvent[]): boolean {
  return events.some((event) => event.type === 'part-start' && event.part.type === 'reasoning');
}

function said(events: readonly AnswerEvent[]): unknown {
  const { start, parts, usage, finish } = assemble(events);
  return { start, parts, usage, finish };
}

function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' ? frame.events : []));
}

function decodeWhole(bytes: string | Buffer): Frame[] {
  const reader = decoder();
  return [...reader.push(Buffer.from(bytes)), ...reader.end()];
}

function stream(events: readonly AnswerEvent[]): string {
  const writer = encoder(CONTEXT);
  return writer.encode(events) + writer.end(false);
}

describe('law: decode(encode(answer)) = answer', () => {
  test('as a stream, every frame clean', () => {
    fc.assert(
      fc.property(fc.oneof(answer, signed), (events) => {
        const frames = decodeWhole(stream(events));
        expect(frames.every((frame) => frame.type === 'events' && (frame.clean || frame.raw.length === 0))).toBe(true);
        expect(said(eventsOf(frames))).toEqual(said(events));
      }),
      { numRuns: 300 },
    );
  });

  test('as a whole body', () => {
    fc.assert(
      fc.property(fc.oneof(answer, signed), (events) => {
        const body = JSON.parse(JSON.stringify(encodeAnswer(events, CONTEXT))) as JsonObject;
        const decoded = decodeAnswer(body);
        expect(decoded.ok && said(decoded.value)).toEqual(said(events));
      }),
      { numRuns: 200 },
    );
  });
});

describe('law: a stream decoded whole = decoded at any split of its bytes', () => {
  function splits(bytes: Buffer, cuts: number[]): Frame[] {
    const edges = [...new Set(cuts.map((cut) => cut % bytes.length))].toSorted((one, other) => one - other);
    const reader = decoder();
    const frames: Frame[] = [];
    let begin = 0;
    for (const edge of [...edges, bytes.length]) {
      frames.push(...reader.push(bytes.subarray(begin, edge)));
      begin = edge;
    }
    return [...frames, ...reader.end()];
  }

  test('as events', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat()), fc.boolean(), (events, cuts, crlf) => {
        const bytes = Buffer.from(crlf ? stream(events).replaceAll('\n', '\r\n') : stream(events));
        const frames = splits(bytes, cuts);
        expect(frames).toEqual(decodeWhole(bytes));
        expect(Buffer.concat(frames.map((frame) => frame.raw)).equals(bytes)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('as an array', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat()), (events, cuts) => {
        const framing = createArrayFraming();
        const array = Buffer.from(framing.push(stream(events)) + framing.end());
        const frames = splits(array, cuts);
        expect(said(eventsOf(frames))).toEqual(said(events));
        expect(Buffer.concat(frames.map((frame) => frame.raw)).equals(array)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('law: a primed encoder carries on where the bytes stopped', () => {
  test('after any event', () => {
    fc.assert(
      fc.property(fc.oneof(answer, signed), fc.nat(), (events, cut) => {
        const at = cut % (events.length + 1);
        const first = encoder(CONTEXT);
        const before = first.encode(events.slice(0, at));
        const second = encoder({ ...CONTEXT, exchange: 'x_2' });
        // The finish went out only if the first encoder was asked for its end.
        second.observe(events.slice(0, at).filter(({ type }) => type !== 'finish'));
        const rest = events.slice(at);
        const finish = events.find(({ type }) => type === 'finish')!;
        const after = second.encode(rest.includes(finish) ? rest : [finish, ...rest]) + second.end(false);
        expect(said(eventsOf(decodeWhole(before + after)))).toEqual(said(events));
      }),
      { numRuns: 200 },
    );
  });

  test('after a whole answer there is nothing to add', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const primed = encoder(CONTEXT);
        primed.observe(eventsOf(decodeWhole(stream(events))));
        expect(primed.end(false)).toBe('');
      }),
      { numRuns: 30 },
    );
  });
});

describe("law: Google's client reads what was said", () => {
  test('text, thoughts, calls, finish, usage', async () => {
    await fc.assert(
      fc.asyncProperty(answer, fc.integer({ min: 1, max: 300 }), async (events, cut) => {
        const { parts, usage, start } = assemble(events);
        const words = (type: string): string => parts.map((part) => (part.head.type === type ? part.text : '')).join('');
        const read = await readByGoogle(stream(events), cut);
        expect(read).toMatchObject({
          text: words('text'),
          thoughts: words('reasoning'),
          calls: parts.flatMap(({ head, arguments: json }) =>
            head.type === 'tool-call' ? [{ id: head.id, name: head.name, args: JSON.parse(json === '' ? '{}' : json) as unknown }] : [],
          ),
          signatures: parts.flatMap(({ signature }) => signature ?? []),
          model: start!.model,
          id: start!.id,
        });
        expect(read.finish).toMatch(/^(STOP|MAX_TOKENS|SAFETY)$/);
        expect(read.usage).toMatchObject({ promptTokenCount: usage.input, totalTokenCount: usage.input! + usage.output! });
      }),
      { numRuns: 60 },
    );
  });
});
