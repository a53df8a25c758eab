import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import { decoder } from './decode-stream.ts';
import {
  CREATED,
  MESSAGE,
  CONTENT,
  ITEM,
  DONE,
  COMPLETED,
  completed,
  word,
  added,
  done,
  sse,
  read,
  eventsOf,
  whole,
} from './sample-stream.ts';

describe('an answer', () => {
  test('event by event', () => {
    const frames = read(sse(CREATED, MESSAGE, CONTENT, word('Hello'), word(' there'), DONE, COMPLETED));
    expect(frames.map(({ type }) => type)).toEqual(['events', 'events', 'events', 'events', 'events', 'end']);
    expect(frames.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
    expect(eventsOf(frames)).toEqual([
      { type: 'start', id: 'resp_1', model: 'gpt', created: 7, extras: { dialect: 'openai-responses', fields: {} } },
      { type: 'part-start', index: 0, part: { type: 'text', extras: { dialect: 'openai-responses', fields: { id: 'msg_1' } } } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Hello' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: ' there' } },
      { type: 'part-end', index: 0 },
      { type: 'finish', reason: 'stop' },
      {
        type: 'usage',
        usage: { input: 5, output: 3, cacheRead: 2, reasoning: 1 },
        raw: expect.objectContaining({ total_tokens: 8 }) as JsonObject,
      },
    ]);
  });

  test('case 9: characters and events split anywhere between chunks', () => {
    const bytes = sse(
      CREATED,
      MESSAGE,
      CONTENT,
      word('a😀é'),
      done(0, { ...ITEM, content: [{ type: 'output_text', text: 'a😀é' }] }),
      COMPLETED,
    );
    const once = read(bytes);
    const reading = decoder();
    const single = [...bytes].flatMap((_, at) => reading.push(bytes.subarray(at, at + 1)));
    expect([...single, ...reading.end()]).toEqual(once);
  });

  test('nothing comes after its end', () => {
    const frames = read(Buffer.concat([sse(CREATED, COMPLETED), sse(word('more')), Buffer.from('data: [DONE]\n\n')]));
    expect(frames.at(-1)!.type).toBe('end');
    expect(frames).toHaveLength(2);
  });

  test('case 13: reasoning alone that was cut off ended by its length', () => {
    const item = { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'secret' };
    const answer = whole(added(0, { id: 'rs_1', type: 'reasoning', summary: [] }), done(0, item), {
      ...completed([item], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
      type: 'response.incomplete',
    });
    expect(answer.finish).toMatchObject({ reason: 'length' });
    expect(answer.parts).toMatchObject([{ head: { type: 'reasoning' }, signature: 'secret', closed: true }]);
  });

  test.each([
    ['max_output_tokens', { reason: 'length' }],
    ['content_filter', { reason: 'content-filter' }],
    ['steered', { reason: 'other', raw: 'steered' }],
  ])('case 39: incomplete because of %s', (reason, wanted) => {
    const answer = whole({ ...completed([], { status: 'incomplete', incomplete_details: { reason } }), type: 'response.incomplete' });
    expect(answer.finish).toMatchObject(wanted);
  });

  test('a refusal is told from text, and where it begins its message does not begin twice', () => {
    const part = { type: 'refusal', refusal: '' };
    const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    const frames = read(
      sse(
        CREATED,
        MESSAGE,
        { ...CONTENT, part },
        { type: 'response.refusal.delta', ...place, delta: 'No' },
        { type: 'response.refusal.done', ...place, refusal: 'No' },
        done(0, { ...ITEM, content: [{ type: 'refusal', refusal: 'No' }] }),
        completed([]),
      ),
    );
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ head: { type: 'refusal' }, text: 'No' }]);
    // The beginning of the message is one frame with the beginning of its content.
    expect(frames[1]!.raw.toString().match(/event: /g)).toHaveLength(2);
  });
});

describe('what is repeated at the end', () => {
  test('mends a text whose end is missing, and the bytes are not passed on', () => {
    const frames = read(sse(CREATED, MESSAGE, CONTENT, word('Hello'), DONE, COMPLETED));
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ text: 'Hello there', closed: true }]);
    expect(frames.map((frame) => 'clean' in frame && frame.clean)).toEqual([true, true, true, false, true]);
  });

  test('a text with a hole in it is malformed', () => {
    const frames = read(sse(CREATED, MESSAGE, CONTENT, word('Hel'), word(' there'), DONE, COMPLETED));
    expect(frames.at(-1)).toMatchObject({ type: 'malformed', reason: expect.stringContaining('repeated at the end') as string });
  });

  test('so are arguments', () => {
    const item = { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '' };
    const pieces = (json: string, repeated: string) =>
      read(
        sse(
          CREATED,
          added(0, item),
          { type: 'response.function_call_arguments.delta', item_id: 'fc_1', output_index: 0, delta: json },
          done(0, { ...item, arguments: repeated }),
          completed([]),
        ),
      ).at(-1)!.type;
    expect(pieces('{"a":2}', '{"a":1}')).toBe('malformed');
    // Laid out in another way, they are the same.
    expect(pieces('{"a":1}', '{ "a": 1 }')).toBe('end');
  });

  test('items that came in no event are read from the end of the response', () => {
    const frames = read(sse(CREATED, completed([ITEM, { id: 'fc_1', type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }])));
    const answer = assemble(eventsOf(frames));
    expect(answer.parts).toMatchObject([{ text: 'Hello there' }, { head: { name: 'f' }, arguments: '{}', closed: true }]);
    expect(answer.finish?.reason).toBe('tool-calls');
    expect(frames.at(-1)).toMatchObject({ type: 'end', clean: false });
  });

  test('an item is found by its id, wherever it stands there', () => {
    const other = { ...ITEM, id: 'msg_2' };
    const answer = whole(added(4, { ...MESSAGE.item, id: 'msg_2' }), done(4, other), completed([other]));
    expect(answer.parts).toHaveLength(1);
  });
});

describe('streams that official clients trip over', () => {
  test('an id that changes from event to event', () => {
    const frames = read(
      sse(CREATED, MESSAGE, CONTENT, { ...word('Hello there'), item_id: 'other' }, { ...DONE, item: { ...ITEM, id: 'third' } }, COMPLETED),
    );
    expect(frames.map((frame) => 'clean' in frame && frame.clean)).toEqual([true, true, false, false, true]);
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ text: 'Hello there' }]);
  });

  test('an event that comes twice is said once', () => {
    const bytes = sse(CREATED, MESSAGE, CONTENT, word('Hello there'), DONE, COMPLETED);
    const events = bytes.toString().split(/(?<=\n\n)/);
    const doubled = [...events.slice(0, 4), events[3]!, ...events.slice(4)].join('');
    const frames = read(doubled);
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ text: 'Hello there' }]);
    expect(frames.filter((frame) => 'clean' in frame && !frame.clean)).toEqual([
      { type: 'events', raw: Buffer.from(events[3]!), clean: false, events: [] },
    ]);
  });

  test('words without the beginning of their content', () => {
    const frames = read(sse(CREATED, MESSAGE, word('Hello there'), DONE, COMPLETED));
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ text: 'Hello there', closed: true }]);
    expect(frames[1]).toMatchObject({ clean: false });
  });

  test('no names of events: the type in the data is enough', () => {
    const bytes = sse(CREATED, MESSAGE, CONTENT, word('Hello there'), DONE, COMPLETED);
    expect(read(bytes.toString().replace(/^event: .*\n/gm, '')).every((frame) => 'clean' in frame && frame.clean)).toBe(true);
    expect(read(bytes.toString().replace('event: response.created', 'event: ping'))[0]).toMatchObject({ clean: false });
  });

  test('events without numbers, unknown events and comments pass', () => {
    const bytes = sse(
      CREATED,
      MESSAGE,
      CONTENT,
      { type: 'keepalive' },
      { type: 'response.tomorrow', x: 1 },
      word('Hello there'),
      DONE,
      COMPLETED,
    );
    const frames = read(`: hello\n\n${bytes.toString().replace(/"sequence_number":\d+,/g, '')}`);
    expect(frames.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
    expect(frames.at(-1)!.type).toBe('end');
  });

  test('what the official client trips over is no part of the answer: an event of nobody, anything before the beginning', () => {
    const odd = { type: 'simulated_event', note: 'new' };
    const rest = [MESSAGE, CONTENT, word('Hello there'), DONE, COMPLETED];
    for (const [events, at] of [
      [[odd, CREATED, ...rest], 0],
      [[{ type: 'keepalive' }, CREATED, ...rest], 0],
      [[CREATED, odd, ...rest], 1],
    ] as const) {
      const frames = read(sse(...events));
      expect(frames.flatMap((frame, index) => ('clean' in frame && frame.clean ? [] : [index]))).toEqual([at]);
      expect(frames[at]).toMatchObject({ type: 'events', events: [] });
      expect(frames.at(-1)!.type).toBe('end');
    }
  });
});

describe('streams that are none, or break', () => {
  test.each([
    ['no JSON', 'data: {"type":\n\n'],
    ['words before the beginning', sse(word('x')).toString()],
    ['words for an item that has not begun', sse(CREATED, word('x')).toString()],
    ['an item that begins twice', sse(CREATED, MESSAGE, CONTENT, MESSAGE).toString()],
    ['an item that ends as another', sse(CREATED, MESSAGE, CONTENT, done(0, { type: 'reasoning', id: 'msg_1', summary: [] })).toString()],
    [
      'a call without a name',
      sse(CREATED, added(0, { type: 'function_call', id: 'f' }), done(0, { type: 'function_call', id: 'f' })).toString(),
    ],
    [
      'an end that says that it goes on',
      sse(CREATED, { type: 'response.completed', response: { id: 'resp_1', status: 'in_progress', output: [] } }).toString(),
    ],
    ['an event that is cut', sse(CREATED, MESSAGE, CONTENT, word('x')).toString().slice(0, -9)],
  ])('malformed: %s', (_name, bytes) => {
    expect(read(bytes).at(-1)!.type).toBe('malformed');
  });

  test('case 12: a clean end without a terminator has no end', () => {
    const frames = read(sse(CREATED, MESSAGE, CONTENT, word('Hello')));
    expect(frames.map(({ type }) => type)).not.toContain('end');
    expect(read(`${sse(CREATED, MESSAGE, CONTENT).toString()}data: [DONE]\n\n`).map(({ type }) => type)).not.toContain('end');
  });

  test('the last blank line may be missing', () => {
    expect(read(sse(CREATED, COMPLETED).toString().trimEnd()).at(-1)!.type).toBe('end');
  });

  test.each([
    ['nested', { type: 'error', error: { type: 'server_error', code: 'server_error', message: 'm' } }],
    ['flat', { type: 'error', code: 'server_error', message: 'm', param: null }],
    ['without a type', { error: { code: 'server_error', message: 'm' } }],
  ])('case 10: an error event, %s', (_name, body) => {
    expect(read(`event: error\ndata: ${JSON.stringify(body)}\n\n`)).toMatchObject([
      { type: 'error', error: { code: 'server_error', message: 'm' } },
    ]);
  });

  test('case 8: a failure after the beginning', () => {
    const failed = {
      type: 'response.failed',
      response: { id: 'resp_1', status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Please try again in 1.5s.' } },
    };
    expect(read(sse(CREATED, MESSAGE, failed)).at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'rate_limit_exceeded', retryAfter: 1500 },
    });
    // The message that had begun is not passed on.
    expect(read(sse(CREATED, MESSAGE, failed))[1]).toMatchObject({ type: 'events', clean: false, events: [] });
    expect(read(sse(CREATED, { type: 'response.failed', response: { status: 'failed', error: null } })).at(-1)).toMatchObject({
      type: 'error',
      error: { code: 'server_error' },
    });
  });
});
