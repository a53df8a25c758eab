import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { asEvents, historyByGoogle, readBodyByGoogle, readByGoogle, recordings, type ReadAnswer } from './official-client.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1 };

function decode(bytes: string): Frame[] {
  const reader = decoder();
  return [...reader.push(Buffer.from(bytes)), ...reader.end()];
}

function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' ? frame.events : []));
}

/** Arguments that were sent piece by piece: Google's client leaves them so, and our decoder has put them together. */
function joined(answer: ReadAnswer, events: readonly AnswerEvent[]): ReadAnswer {
  const calls = assemble(events).parts.flatMap(({ head, arguments: json }) =>
    head.type === 'tool-call' ? [{ name: head.name, args: parseObject(json) ?? null }] : [],
  );
  return answer.calls.some(({ name }) => name === 'undefined') ? { ...answer, calls } : answer;
}

const all = recordings();

describe.skipIf(all.length === 0)('recorded streams', () => {
  const streams = all.filter(({ stream }) => stream);

  test('are there', () => expect(streams.length).toBeGreaterThan(8));

  describe.each(streams.map(({ name, chunks }) => [name, chunks] as const))('%s', (_name, chunks) => {
    const bytes = asEvents(chunks);
    const frames = decode(bytes);
    const events = eventsOf(frames);

    test('every byte is in a clean frame, the answer is whole', () => {
      expect(Buffer.concat(frames.map(({ raw }) => raw)).toString()).toBe(bytes);
      expect(frames.every((frame) => frame.type === 'events' && frame.clean)).toBe(true);
      const answer = assemble(events);
      expect(answer.finish).toBeDefined();
      expect(answer.parts.length).toBeGreaterThan(0);
      expect(answer.parts.every((part) => part.closed)).toBe(true);
      expect(answer.usage.input).toBeGreaterThan(0);
      const calls = answer.parts.filter(({ head }) => head.type === 'tool-call');
      expect(calls.map(({ arguments: json }) => parseObject(json))).not.toContain(undefined);
    });

    test('no text, thought, signature, call or other part of the wire is missing from the events', async () => {
      const wire = joined(await readByGoogle(bytes), events);
      const { parts } = assemble(events);
      const text = (type: string): string => parts.map((part) => (part.head.type === type ? part.text : '')).join('');
      expect(text('text')).toBe(wire.text);
      expect(text('reasoning')).toBe(wire.thoughts);
      const bare = parts.flatMap(({ opaque }) =>
        opaque.flatMap((value) => (isObject(value) && isObject(value.bare) ? [value.bare.thoughtSignature] : [])),
      );
      expect([...parts.flatMap(({ signature }) => signature ?? []), ...bare]).toEqual(wire.signatures);
      expect(parts.filter(({ head }) => head.type === 'tool-call')).toHaveLength(wire.calls.length);
      expect(parts.filter(({ head }) => head.type === 'opaque')).toHaveLength(wire.others.length);
    });

    test("written anew, Google's client reads the same message and keeps it", async () => {
      const writer = encoder(CONTEXT);
      const again = writer.encode(events) + writer.end(false);
      expect(await readByGoogle(again, 50)).toEqual(joined(await readByGoogle(bytes), events));
      expect((await historyByGoogle(again)).length).toBeGreaterThan(0);
    });

    test('passed on as far as any frame and written from there, it is still the same message', async () => {
      const wanted = joined(await readByGoogle(bytes), events);
      for (const cut of frames.keys()) {
        // A call that comes in pieces is held back until it is whole: there is no cut inside.
        if (assemble(eventsOf(frames.slice(0, cut))).parts.some(({ head, closed }) => head.type === 'tool-call' && !closed)) continue;
        const writer = encoder(CONTEXT);
        writer.observe(eventsOf(frames.slice(0, cut)));
        const rest = writer.encode(eventsOf(frames.slice(cut))) + writer.end(false);
        const seen = Buffer.concat(frames.slice(0, cut).map(({ raw }) => raw)).toString();
        const got = joined(await readByGoogle(seen + rest), eventsOf(decode(seen + rest)));
        expect(got, `cut at frame ${cut}`).toEqual(wanted);
      }
    });
  });
});

describe.skipIf(all.length === 0)('recorded whole answers', () => {
  const bodies = all.flatMap(({ name, chunks, stream }) => (stream ? [] : [[name, parseObject(chunks[0]!)!] as const]));

  test('are there', () => expect(bodies.length).toBeGreaterThan(4));

  test.each(bodies)('%s', async (_name, body) => {
    const decoded = decodeAnswer(body);
    const events = decoded.ok ? decoded.value : [];
    expect(assemble(events).parts.every((part) => part.closed)).toBe(true);
    const again = JSON.parse(JSON.stringify(encodeAnswer(events, CONTEXT))) as JsonObject;
    expect(again).toEqual(body);
    expect(await readBodyByGoogle(again)).toEqual(await readBodyByGoogle(body));
  });
});
