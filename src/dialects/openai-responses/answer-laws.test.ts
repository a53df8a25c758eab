import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent, PartHead } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { answers, argumentsText } from '../arbitraries.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import { answer } from './answer-arbitraries.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { bodyWithOpenai, readWithOpenai } from './openai-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1_780_000_000 };

function frames(bytes: Buffer, cuts: readonly number[] = []): Frame[] {
  const reading = decoder();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other), bytes.length];
  return [...edges.slice(1).flatMap((edge, index) => reading.push(bytes.subarray(edges[index], edge))), ...reading.end()];
}

function eventsOf(all: readonly Frame[]): AnswerEvent[] {
  return all.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

function written(events: readonly AnswerEvent[]): string {
  const writing = encoder(CONTEXT);
  return writing.encode(events) + writing.end(false);
}

/** What an answer says, without how it was cut into pieces and without what only this dialect's wire has (ids of items, repeated settings). */
function said(events: readonly AnswerEvent[]) {
  const { rawUsage: _, start, finish, parts, ...rest } = assemble(events);
  return {
    ...rest,
    start: start && { ...start, extras: undefined },
    finish: finish && { ...finish, extras: undefined },
    parts: parts.map((part) => ({ ...part, head: bare(part.head) })),
  };
}

function bare(head: PartHead): PartHead {
  if (!('extras' in head)) return head;
  const { extras: _extras, ...rest } = head;
  return rest;
}

function sequence(bytes: string): number[] {
  return Array.from(bytes.matchAll(/"sequence_number":(\d+)/g), ([, number]) => Number(number));
}

describe('laws of answers', () => {
  test('decode(encode(events)) says the same, event by event encoded or all at once, at any cut of the bytes', () => {
    fc.assert(
      fc.property(answer, fc.array(fc.nat(9000), { maxLength: 6 }), (events, cuts) => {
        const bytes = Buffer.from(written(events));
        const whole = frames(bytes);
        expect(said(eventsOf(whole))).toEqual(said(events));
        expect(whole.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
        expect(Buffer.concat(whole.map(({ raw }) => raw))).toEqual(bytes);
        expect(frames(bytes, cuts)).toEqual(whole);
        const single = encoder(CONTEXT);
        expect(events.map((event) => single.encode([event])).join('') + single.end(false)).toBe(bytes.toString());
      }),
    );
  });

  test('a whole body says the same, and is what the end of the stream repeats', () => {
    fc.assert(
      fc.property(answer, (events) => {
        const body = JSON.parse(JSON.stringify(encodeAnswer(events, CONTEXT))) as JsonObject;
        const decoded = decodeAnswer(body);
        expect(decoded.ok).toBe(true);
        // Progress of what the provider runs belongs to a stream.
        expect(decoded.ok && texts(decoded.value)).toEqual(texts(events));
        const last = written(events).trimEnd().split('data: ').at(-1)!;
        expect((JSON.parse(last) as JsonObject).response).toEqual(body);
      }),
    );
  });

  test('the official client reads what was meant', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (events) => {
        const body = JSON.parse(JSON.stringify(encodeAnswer(events, CONTEXT))) as JsonObject;
        expect(await readWithOpenai(written(events))).toEqual(body);
        expect(await bodyWithOpenai(body)).toEqual(body);
      }),
      { numRuns: 40 },
    );
  });

  test('calls that take turns on the stream come out whole', async () => {
    const parallel = answers({
      maxTexts: 1,
      callArguments: argumentsText,
      interleaved: true,
      finish: fc.constant('stop'),
      usage: fc.record({ input: fc.nat(99), output: fc.nat(99), cacheRead: fc.nat(9), cacheWrite: fc.nat(9), reasoning: fc.nat(9) }),
      id: fc.constant('resp_1'),
    });
    await fc.assert(
      fc.asyncProperty(parallel, async (events) => {
        const bytes = written(events);
        expect(texts(eventsOf(frames(Buffer.from(bytes))))).toEqual(texts(events));
        expect((await readWithOpenai(bytes)).output).toEqual(encodeAnswer(events, CONTEXT).output);
      }),
      { numRuns: 30 },
    );
  });

  test('primed: whatever prefix went out raw, the rest makes the same message with numbers that go on', async () => {
    await fc.assert(
      fc.asyncProperty(answer, fc.nat(), async (events, place) => {
        const all = frames(Buffer.from(written(events)));
        const cut = place % (all.length + 1);
        const before = all.slice(0, cut);
        const raw = Buffer.concat(before.map((frame) => frame.raw));
        const primed = encoder(CONTEXT);
        primed.observe(eventsOf(before), raw);
        const rest = primed.encode(eventsOf(all.slice(cut))) + primed.end(cut === all.length);
        const whole = raw.toString() + rest;
        expect(await readWithOpenai(whole)).toEqual(encodeAnswer(events, CONTEXT));
        expect(sequence(whole)).toEqual(Array.from(sequence(whole), (_, index) => index));
      }),
      { numRuns: 100 },
    );
  });

  test('primed without the bytes at hand: the same message', async () => {
    await fc.assert(
      fc.asyncProperty(answer, fc.nat(), async (events, place) => {
        const all = frames(Buffer.from(written(events)));
        const cut = place % (all.length + 1);
        const primed = encoder(CONTEXT);
        for (const frame of all.slice(0, cut)) primed.observe(eventsOf([frame]));
        const raw = Buffer.concat(all.slice(0, cut).map((frame) => frame.raw)).toString();
        const rest = primed.encode(eventsOf(all.slice(cut))) + primed.end(cut === all.length);
        expect(await readWithOpenai(raw + rest)).toEqual(encodeAnswer(events, CONTEXT));
      }),
      { numRuns: 60 },
    );
  });
});

/** Parts without what was said on the way to them. */
function texts(events: readonly AnswerEvent[]) {
  const { parts, finish, usage } = said(events) as ReturnType<typeof said>;
  return {
    finish,
    usage,
    parts: parts.map(({ head, opaque, ...part }) => ({
      ...part,
      head: head.type === 'opaque' ? { ...head, value: Object.assign({}, head.value, ...opaque.map(itemOf)) as object } : head,
    })),
  };
}

function itemOf(value: unknown): object {
  return typeof value === 'object' && value !== null && 'item' in value ? (value.item as object) : {};
}
