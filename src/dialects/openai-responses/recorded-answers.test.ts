import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import type { EncoderContext, Frame } from '../dialect.ts';
import { decodeAnswer } from './decode-answer.ts';
import { decoder } from './decode-stream.ts';
import { encodeAnswer } from './encode-answer.ts';
import { encoder } from './encode-stream.ts';
import { readWithOpenai } from './openai-client.ts';
import { recordedBodies, recordedStreams } from './recordings.ts';

const CONTEXT: EncoderContext = { exchange: 'x_1', head: { model: 'asked', stream: true, includeUsage: true }, created: 1 };

/** Edited by hand: what is repeated at the end is not what came in pieces, which has to be refused. */
const TAMPERED = /openai-shell-container\.1/;
/** OpenAI's own `error` event before `response.failed`. */
const FAILED = /openai-error\.1/;

function read(bytes: Buffer, size = bytes.length): Frame[] {
  const reading = decoder();
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(...reading.push(bytes.subarray(at, at + size)));
  return [...frames, ...reading.end()];
}

function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

/** The response that a stream ends with. */
function lastResponse(bytes: Buffer): JsonObject {
  const last = JSON.parse(bytes.toString().trimEnd().split('data: ').at(-1)!) as JsonObject;
  return last.response as JsonObject;
}

/**
 * An item without what says nothing (a reasoning's empty list and settled status) and what OpenAI encrypts anew each time that it repeats it.
 */
function item(value: Json): JsonObject {
  const { content, status, encrypted_content: secret, fingerprint, ...rest } = value as JsonObject;
  const list = Array.isArray(content) && content.length === 0 ? undefined : content;
  const settled = rest.type === 'reasoning' && status === 'completed' ? undefined : status;
  const sealed = { secret: typeof secret, fingerprint: typeof fingerprint };
  return {
    ...rest,
    ...(list !== undefined && { content: list }),
    ...(settled !== undefined && { status: settled }),
    ...(secret && sealed),
  };
}

const streams = recordedStreams();
const whole = streams.filter(({ name }) => !TAMPERED.test(name) && !FAILED.test(name));

describe.skipIf(streams.length === 0)('recorded streams', () => {
  test('are there', () => expect(whole.length).toBeGreaterThan(50));

  test.each(whole.map(({ name, bytes }) => [name, bytes] as const))('%s: nothing is lost', (_name, bytes) => {
    const frames = read(bytes);
    expect(frames.at(-1)!.type).toBe('end');
    expect(Buffer.concat(frames.map(({ raw }) => raw)).equals(bytes)).toBe(true);
    expect(read(bytes, 997)).toEqual(frames);
    const events = eventsOf(frames);
    expect(assemble(events).parts.every(({ closed }) => closed)).toBe(true);
    const original = lastResponse(bytes);
    const again = encodeAnswer(events, { ...CONTEXT, request: () => asked(original) });
    // GitHub Copilot gives an item another id in each event; ours is the first.
    const rotates = JSON.stringify(original.output).includes('capture-id');
    const list = (value: Json | undefined) => (value as Json[]).map(item).map((entry) => (rotates ? { ...entry, id: 0 } : entry));
    expect(list(again.output)).toEqual(list(original.output));
    expect(again.usage).toMatchObject(withoutDetails(original.usage));
    const { output: _output, usage: _usage, ...settings } = original;
    expect(again).toMatchObject(rotates ? {} : settings);
  });

  test.each(whole.map(({ name, bytes }) => [name, bytes] as const))(
    '%s: written anew, the official client reads the same',
    async (_name, bytes) => {
      const events = eventsOf(read(bytes));
      const writing = encoder(CONTEXT);
      let out = '';
      for (const event of events) out += writing.encode([event]);
      out += writing.end(false);
      const body = JSON.parse(JSON.stringify(encodeAnswer(events, CONTEXT))) as JsonObject;
      expect((await readWithOpenai(out)).output).toEqual(body.output);
      const second = read(Buffer.from(out));
      expect(second.filter((frame) => !('clean' in frame) || !frame.clean)).toEqual([]);
      expect(assemble(eventsOf(second)).parts.map(summary)).toEqual(assemble(events).parts.map(summary));
    },
  );

  test('cut after any frame, the rest written anew makes the same answer', async () => {
    for (const { name, bytes } of whole.filter(({ bytes: { length } }) => length < 15_000)) {
      const frames = read(bytes);
      const body = encodeAnswer(eventsOf(frames), CONTEXT);
      for (let cut = 0; cut < frames.length; cut++) {
        const writing = encoder(CONTEXT);
        let out = '';
        for (const [place, frame] of frames.entries()) {
          // As the path does it: what is clean passes as it is until the cut, the rest is written.
          if (
            place < cut &&
            'clean' in frame &&
            frame.clean &&
            frames.slice(0, place).every((before) => 'clean' in before && before.clean)
          ) {
            writing.observe(eventsOf([frame]), frame.raw);
            out += frame.raw.toString();
          } else out += writing.encode(eventsOf([frame]));
        }
        out += writing.end(false);
        if (UNKNOWN.test(out)) continue;
        const { output } = await readWithOpenai(out);
        expect(output, `${name} cut at ${cut}`).toEqual(JSON.parse(JSON.stringify(body.output)));
      }
    }
  });

  test('one that was tampered with is refused', () => {
    const tampered = streams.find(({ name }) => TAMPERED.test(name))!;
    expect(read(tampered.bytes).at(-1)).toMatchObject({ type: 'malformed' });
  });

  test('one that failed says why', () => {
    const failed = streams.find(({ name }) => FAILED.test(name))!;
    expect(read(failed.bytes).at(-1)).toMatchObject({ type: 'error', error: { code: 'insufficient_quota', type: 'insufficient_quota' } });
  });
});

/** An event of OpenAI's that its own client does not know yet. */
const UNKNOWN = /response\.apply_patch_call_operation_diff/;

/** The request that a recorded response repeats. */
function asked(response: JsonObject): JsonObject {
  return { tools: response.tools, instructions: response.instructions };
}

function withoutDetails(usage: Json | undefined): JsonObject {
  const { input_tokens, output_tokens, total_tokens } = usage as JsonObject;
  return { input_tokens, output_tokens, total_tokens };
}

function summary({ head, text, arguments: json, signature }: ReturnType<typeof assemble>['parts'][number]) {
  return { type: head.type, text, json, signature, ...(head.type === 'tool-call' && { id: head.id, name: head.name, kind: head.kind }) };
}

const bodies = recordedBodies();

describe.skipIf(bodies.length === 0)('recorded bodies', () => {
  test('are there', () => expect(bodies.length).toBeGreaterThan(40));

  test.each(bodies.map(({ name, body }) => [name, body] as const))('%s: nothing is lost', (_name, body) => {
    const decoded = decodeAnswer(body);
    expect(decoded.ok).toBe(true);
    const events = decoded.ok ? decoded.value : [];
    const again = encodeAnswer(events, { ...CONTEXT, request: () => asked(body) });
    const { output, usage, ...settings } = body;
    expect((again.output as Json[]).map(item)).toEqual((output as Json[]).map(item));
    expect(again.usage).toMatchObject(withoutDetails(usage));
    expect(again).toMatchObject(settings);
  });
});
