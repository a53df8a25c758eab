import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import { openaiChat } from './dialect.ts';
import { readWithOpenai } from './openai-client.ts';
import { RECORDINGS, recordedStreams } from './recordings.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1 };

function wholeBodies(): { name: string; body: JsonObject }[] {
  if (!existsSync(RECORDINGS)) return [];
  return readdirSync(RECORDINGS, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const body = parseObject(readFileSync(join(RECORDINGS, name), 'utf8'));
      const first = Array.isArray(body?.choices) ? body.choices[0] : undefined;
      return body && isObject(first) && isObject(first.message) ? [{ name, body }] : [];
    });
}

function decode(bytes: Buffer): Frame[] {
  const decoder = openaiChat.decoder();
  return [...decoder.push(bytes), ...decoder.end()];
}

function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

/** What a person or a program would call the answer. */
function message({ choices, model }: ChatCompletion): unknown {
  const choice = choices[0]!;
  return {
    model,
    finish: choice.finish_reason,
    content: choice.message.content || null,
    refusal: choice.message.refusal,
    calls: choice.message.tool_calls?.map((call) => (call.type === 'function' ? [call.id, call.function] : call)),
  };
}

/** The same, of what our decoder made of the bytes. */
function saidBy(events: readonly AnswerEvent[]): unknown {
  const { start, parts, finish } = assemble(events);
  const text = (type: string): string | null => parts.map((part) => (part.head.type === type ? part.text : '')).join('') || null;
  const calls = parts.flatMap(({ head, arguments: args }) =>
    head.type === 'tool-call' ? [[head.id, { name: head.name, arguments: args }]] : [],
  );
  return {
    model: start?.model,
    finish: finish?.reason.replace('-', '_'),
    content: text('text'),
    refusal: text('refusal'),
    calls: calls.length > 0 ? calls : undefined,
  };
}

/** What the answer has to be: as the official client reads the recording, where it can. */
async function wantedFrom(name: string, stream: Buffer, frames: readonly Frame[]): Promise<unknown> {
  return MISREAD.has(name) ? saidBy(eventsOf(frames)) : message(await readWithOpenai(stream));
}

/** Recordings that the official client itself refuses or misreads: here our own reading is the measure, and it must be better. */
const MISREAD = new Set([
  'openai-compatible/anthropic-fallback-tool-call.sse',
  'mistral/mistral-incremental-tool-call.chunks.txt',
  'mistral/mistral-reasoning.chunks.txt',
  'mistral/mistral-tool-call.chunks.txt',
]);

const streams = recordedStreams();

describe.skipIf(streams.length === 0)('recorded streams', () => {
  test('are there', () => expect(streams.length).toBeGreaterThan(20));

  describe.each(streams.map(({ name, stream }) => [name, stream] as const))('%s', (name, stream) => {
    const frames = decode(stream);

    test('every byte is in a frame, the answer is whole', () => {
      // One recording stops without the last blank line, which is added to the terminator.
      expect(
        Buffer.concat(frames.map(({ raw }) => raw))
          .toString()
          .trimEnd(),
      ).toBe(stream.toString().trimEnd());
      expect(frames.at(-1)!.type).toBe('end');
      expect(frames.filter((frame) => frame.type === 'malformed' || frame.type === 'error')).toEqual([]);
      const answer = assemble(eventsOf(frames));
      expect(answer.finish).toBeDefined();
      expect(answer.parts.every((part) => part.closed)).toBe(true);
      expect(answer.parts.length).toBeGreaterThan(0);
      // The recording with event stream framing was made without usage.
      expect((answer.usage.output ?? 0) > 0).toBe(!name.endsWith('.sse'));
      expect('clean' in frames[0]! && frames.every((frame) => 'clean' in frame && frame.clean)).toBe(!MISREAD.has(name));
    });

    test('written anew, the official client reads the same message', async () => {
      const encoder = openaiChat.encoder(CONTEXT);
      const again = await readWithOpenai(encoder.encode(eventsOf(frames)) + encoder.end(false));
      expect(message(again)).toEqual(await wantedFrom(name, stream, frames));
    });

    test('passed on as far as any frame and written from there, it is still the same message', async () => {
      // A long answer's tokens are all alike: its beginning, its end and some between.
      const last = frames.length - 1;
      const cuts =
        frames.length < 40
          ? frames.map((_, index) => index)
          : [0, 1, 2, 3, 50, 51, Math.floor(last / 2), last - 4, last - 3, last - 2, last - 1, last];
      const wanted = await wantedFrom(name, stream, frames);
      for (const cut of cuts) {
        const seen = frames.slice(0, cut);
        const encoder = openaiChat.encoder(CONTEXT);
        let bytes = '';
        let rewriting = false;
        for (const frame of seen) {
          // As the path does it: clean frames pass as they are until one has to be written anew; from there on all are.
          rewriting ||= !('clean' in frame && frame.clean);
          if (rewriting) bytes += encoder.encode(eventsOf([frame]));
          else {
            encoder.observe(eventsOf([frame]));
            bytes += frame.raw.toString();
          }
        }
        bytes += encoder.encode(eventsOf(frames.slice(cut))) + encoder.end(false);
        const got = message(await readWithOpenai(bytes));
        expect(got, `cut at frame ${cut}`).toEqual(wanted);
      }
    });
  });
});

const bodies = wholeBodies();

describe.skipIf(bodies.length === 0)('recorded whole answers', () => {
  test('are there', () => expect(bodies.length).toBeGreaterThan(20));

  test.each(bodies.map(({ name, body }) => [name, body] as const))('%s', (_name, body) => {
    const decoded = openaiChat.decodeAnswer(body);
    expect(decoded.ok).toBe(true);
    const events = decoded.ok ? decoded.value : [];
    expect(assemble(events).parts.every((part) => part.closed)).toBe(true);
    const again = openaiChat.encodeAnswer(events, CONTEXT) as unknown as ChatCompletion;
    const original = body as unknown as ChatCompletion;
    expect(again.choices[0]!.finish_reason).toBe(original.choices[0]!.finish_reason);
    expect([again.id, again.model, again.created]).toEqual([original.id, original.model, original.created]);
    const said = original.choices[0]!.message;
    const content: unknown = said.content;
    // Mistral's list of thoughts and texts becomes chat's two fields.
    const text = Array.isArray(content)
      ? content.map((part) => (isObject(part) && part.type === 'text' ? part.text : '')).join('')
      : content;
    expect(again.choices[0]!.message.content ?? '').toBe(text ?? '');
    expect(again.choices[0]!.message.tool_calls?.map((call) => call.type === 'function' && call.function)).toEqual(
      said.tool_calls?.map((call) => ('function' in call ? call.function : undefined)),
    );
    expect(again.usage?.prompt_tokens).toBe(original.usage?.prompt_tokens);
  });
});
