import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { Json } from '../../exchange/json.ts';
import type { Frame } from '../dialect.ts';
import { decoder } from './decode-stream.ts';

const START = {
  type: 'message_start',
  message: { id: 'm', model: 'x', type: 'message', role: 'assistant', content: [], usage: { input_tokens: 5, output_tokens: 1 } },
};
const TEXT = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
const CALL = { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } };
const CLOSE = { type: 'content_block_stop', index: 0 };
const DELTA = { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 7 } };
const STOP = { type: 'message_stop' };

function says(text: string, index = 0) {
  return { type: 'content_block_delta', index, delta: { type: 'text_delta', text } };
}

function wire(event: { type: string } & Record<string, Json>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function decode(...parts: (string | ({ type: string } & Record<string, Json>))[]): Frame[] {
  const stream = decoder();
  const bytes = parts.map((part) => (typeof part === 'string' ? part : wire(part))).join('');
  return [...stream.push(Buffer.from(bytes)), ...stream.end()];
}

function eventsOf(frames: Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

function reasonOf(frames: Frame[]): string {
  const last = frames.at(-1);
  return last?.type === 'malformed' ? last.reason : `not malformed but ${last?.type}`;
}

describe('a proper stream', () => {
  test('text, with pings, comments and unknown events between', () => {
    const frames = decode(
      START,
      { type: 'ping' },
      TEXT,
      ': note\n\n',
      says('Hel'),
      { type: 'brand_new', x: 1 },
      says('lo'),
      CLOSE,
      DELTA,
      STOP,
      'data: junk\n\n',
    );
    expect(frames.map(({ type }) => type)).toEqual([...Array.from({ length: 9 }, () => 'events'), 'end']);
    expect(frames.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
    expect(eventsOf(frames)).toEqual([
      { type: 'start', id: 'm', model: 'x' },
      { type: 'usage', usage: { input: 5, output: 1 }, raw: { input_tokens: 5, output_tokens: 1 } },
      { type: 'part-start', index: 0, part: { type: 'text' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Hel' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'lo' } },
      { type: 'part-end', index: 0 },
      { type: 'finish', reason: 'stop' },
      { type: 'usage', usage: { output: 7 }, raw: { output_tokens: 7 } },
    ]);
  });

  test('usage: input is the sum with the cache, also when a later count leaves the cache out', () => {
    const usage = { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 20, output_tokens: 1 };
    const events = eventsOf(
      decode({ ...START, message: { ...START.message, usage } }, { ...DELTA, usage: { input_tokens: 6, output_tokens: 9 } }),
    );
    const counted = events.flatMap((event) => (event.type === 'usage' ? [event.usage] : []));
    expect(counted).toEqual([
      { input: 125, output: 1, cacheRead: 100, cacheWrite: 20 },
      { input: 126, output: 9 },
    ]);
  });

  test('a tool input at the start of its block counts when no deltas follow', () => {
    const whole = { ...CALL, content_block: { ...CALL.content_block, input: { a: 1 } } };
    const json = (frames: Frame[]) =>
      eventsOf(frames).flatMap((event) => (event.type === 'part-delta' && event.delta.type === 'arguments' ? [event.delta.json] : []));
    expect(json(decode(START, whole, CLOSE))).toEqual(['{"a":1}']);
    const delta = { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: '{"b":2}' } };
    expect(json(decode(START, whole, delta, CLOSE))).toEqual(['{"b":2}']);
  });

  test('server tools and unknown blocks and deltas are carried as they came', () => {
    const block = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} };
    const delta = { type: 'input_json_delta', partial_json: '{}' };
    const producer = { dialect: 'anthropic-messages' };
    const events = eventsOf(decode(START, { ...TEXT, content_block: block }, { type: 'content_block_delta', index: 0, delta }, CLOSE));
    expect(events.slice(2)).toEqual([
      { type: 'part-start', index: 0, part: { type: 'opaque', producer, value: block } },
      { type: 'part-delta', index: 0, delta: { type: 'opaque', producer, value: delta } },
      { type: 'part-end', index: 0 },
    ]);
    const strange = { type: 'content_block_delta', index: 0, delta: { type: 'hum_delta', hum: 'la' } };
    expect(eventsOf(decode(START, TEXT, strange)).at(-1)).toMatchObject({ delta: { type: 'opaque', value: { hum: 'la' } } });
  });

  test.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['stop_sequence', 'stop-sequence'],
    ['tool_use', 'tool-calls'],
    ['pause_turn', 'pause'],
    ['refusal', 'refusal'],
    ['model_context_window_exceeded', 'context-window'],
    ['brand_new', 'other'],
  ])('stop reason %s is %s', (word, reason) => {
    const finish = eventsOf(decode(START, { ...DELTA, delta: { stop_reason: word, stop_details: { category: 'cyber' } } })).find(
      ({ type }) => type === 'finish',
    );
    expect(finish).toMatchObject({ reason, extras: { fields: { stop_details: { category: 'cyber' } } } });
    expect(finish && 'raw' in finish ? finish.raw : 'none').toBe(reason === 'other' ? word : 'none');
  });
});

describe('what the official client would trip over is not clean', () => {
  const dirty = (frames: Frame[]) => frames.filter((frame) => 'clean' in frame && !frame.clean).length;

  test('a terminator that ends with a bare CR, which the AI SDK never hands on', () => {
    const text = [START, TEXT, says('a'), CLOSE, DELTA, STOP].map(wire).join('');
    const frames = decode(text.replaceAll('\n', '\r'));
    expect(frames.at(-1)).toMatchObject({ type: 'end', clean: false });
    expect(dirty(frames)).toBe(1);
    expect(dirty(decode(text.replaceAll('\n', '\r\n')))).toBe(0);
  });
  test('no event line', () =>
    expect(dirty(decode(START, `data: ${JSON.stringify(TEXT)}\n\n`, `data: ${JSON.stringify(STOP)}\n\n`))).toBe(2));
  test('another event name', () => expect(dirty(decode(START, `event: ping\ndata: ${JSON.stringify(TEXT)}\n\n`))).toBe(1));
  test('no usage', () => expect(dirty(decode(START, { type: 'message_delta', delta: { stop_reason: 'end_turn' } }))).toBe(1));
});

describe('an error in the stream', () => {
  test('is read, and nothing follows', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'req_1' };
    const frames = decode(START, error, TEXT);
    expect(frames.at(-1)).toMatchObject({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded', requestId: 'req_1' } });
    expect(frames).toHaveLength(2);
  });
  test('without any details', () => expect(decode(START, 'event: error\n\n').at(-1)?.type).toBe('error'));
  test('without a name, or in the form of another dialect', () => {
    expect(decode(START, 'data: {"error":{"message":"no","type":"server_error","code":500}}\n\n').at(-1)).toMatchObject({
      type: 'error',
      error: { message: 'no', code: '500' },
    });
  });
});

describe('where a hole could hide', () => {
  test.each<[string, () => Frame[]]>([
    ['a second message_start', () => decode(START, START)],
    ['content_block_start before message_start', () => decode(TEXT)],
    ['message_stop before message_start', () => decode(STOP)],
    ['message_delta before message_start', () => decode(DELTA)],
    ['message_start without a message', () => decode({ type: 'message_start' })],
    ['a delta for block 0, which is not open', () => decode(START, says('x'))],
    ['a delta for block 0, which is not open', () => decode(START, TEXT, CLOSE, says('x'))],
    ['a delta for block 1, which is not open', () => decode(START, TEXT, says('x', 1))],
    ['the end of block 0, which is not open', () => decode(START, TEXT, CLOSE, CLOSE)],
    ['block 0 begins where block 1 should', () => decode(START, TEXT, CLOSE, TEXT)],
    ['block 2 begins where block 0 should', () => decode(START, { ...TEXT, index: 2 })],
    ['a text_delta in a tool block', () => decode(START, CALL, says('x'))],
    [
      'a thinking_delta in a text block',
      () => decode(START, TEXT, { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'x' } }),
    ],
    ['a delta without its text', () => decode(START, TEXT, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta' } })],
    ['content_block_delta after the end of the message', () => decode(START, TEXT, DELTA, says('x'))],
    ['content_block_start after the end of the message', () => decode(START, DELTA, TEXT)],
    ['a second end of the message', () => decode(START, DELTA, DELTA)],
    ['not JSON: {"type":"content_bl', () => decode(START, 'event: content_block_start\ndata: {"type":"content_bl\n\n')],
    ['not JSON: [DONE]', () => decode(START, 'data: [DONE]\n\n')],
    ['the stream ends inside an event', () => decode(START, 'event: content_block_start\nda')],
    ['repeated frame', () => decode(START, TEXT, says('once upon a time'), says('once upon a time'))],
  ])('%s', (reason, run) => {
    expect(reasonOf(run())).toBe(reason);
  });

  test('short or monotonous repeats are what models write', () => {
    expect(decode(START, TEXT, says('ha'), says('ha'), says('-'.repeat(40)), says('-'.repeat(40)), says('ok')).at(-1)?.type).toBe('events');
  });

  test('after it nothing more is yielded', () => {
    const stream = decoder();
    expect(stream.push(Buffer.from(wire(START) + wire(START) + wire(TEXT)))).toHaveLength(2);
    expect(stream.push(Buffer.from(wire(TEXT)))).toEqual([]);
    expect(stream.end()).toEqual([]);
  });
});

test('raw bytes of all frames are the stream', () => {
  const bytes = Buffer.from(`\ufeff: hi\n\n${[START, TEXT, says('é'), CLOSE, DELTA, STOP].map(wire).join('').replaceAll('\n', '\r\n')}`);
  expect(
    Buffer.concat(
      decoder()
        .push(bytes)
        .map(({ raw }) => raw),
    ),
  ).toEqual(bytes);
});
