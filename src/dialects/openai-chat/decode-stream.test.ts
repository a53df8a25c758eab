import { describe, expect, test } from 'vitest';
import type { AnswerEvent } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import type { Frame } from '../dialect.ts';
import { decoder } from './decode-stream.ts';

function chunk(delta: JsonObject, finish: string | null = null, more: JsonObject = {}): string {
  return event({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 5,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  });
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function call(index: number | undefined, body: JsonObject, id?: string): JsonObject {
  return { tool_calls: [{ ...(index !== undefined && { index }), ...(id !== undefined && { id, type: 'function' }), function: body }] };
}

const ROLE = chunk({ role: 'assistant', content: '' });
const DONE = 'data: [DONE]\n\n';

function decode(...pieces: string[]): Frame[] {
  const reader = decoder();
  return [...reader.push(Buffer.from(pieces.join(''))), ...reader.end()];
}

function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' ? frame.events : []));
}

function types(frames: readonly Frame[]): string[] {
  return frames.map((frame) => frame.type);
}

describe('text, reasoning, refusal', () => {
  test('a part begins at its first words and ends where another kind begins', () => {
    const frames = decode(
      ROLE,
      chunk({ reasoning_content: 'hm' }),
      chunk({ content: 'a' }),
      chunk({ content: 'b' }),
      chunk({ refusal: 'no' }),
      chunk({}, 'stop'),
      DONE,
    );
    const answer = assemble(eventsOf(frames));
    expect(answer.start).toEqual({ type: 'start', id: 'c1', model: 'm', created: 5 });
    expect(answer.parts.map((part) => [part.head.type, part.text, part.closed])).toEqual([
      ['reasoning', 'hm', true],
      ['text', 'ab', true],
      ['refusal', 'no', true],
    ]);
    expect(answer.finish).toEqual({ type: 'finish', reason: 'stop' });
    expect(frames[0]).toMatchObject({ events: [{ type: 'start' }] });
  });

  test('reasoning_details ride along beside the words', () => {
    const details = [{ type: 'reasoning.encrypted', data: 'secret' }];
    const [reasoning] = assemble(eventsOf(decode(ROLE, chunk({ reasoning: 'x', reasoning_details: details }), chunk({}, 'stop')))).parts;
    expect(reasoning).toMatchObject({ text: 'x', opaque: [{ reasoning_details: details }] });
  });

  test('citations and probabilities ride along beside the text', () => {
    const annotations = [{ type: 'url_citation', url_citation: { url: 'u' } }];
    const [part] = assemble(eventsOf(decode(ROLE, chunk({ content: 'x', annotations }), chunk({}, 'stop')))).parts;
    expect(part).toMatchObject({ text: 'x', opaque: [{ annotations }] });
  });

  test.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
  ])('%s is %s', (word, reason) => {
    expect(assemble(eventsOf(decode(ROLE, chunk({ content: 'x' }), chunk({}, word)))).finish).toEqual({ type: 'finish', reason });
  });

  test('an unknown word is kept', () => {
    expect(assemble(eventsOf(decode(ROLE, chunk({}, 'tired')))).finish).toEqual({ type: 'finish', reason: 'other', raw: 'tired' });
  });
});

describe('tool calls', () => {
  test('end as soon as the arguments are an object, also while another index is open', () => {
    const frames = decode(
      ROLE,
      chunk(call(0, { name: 'f', arguments: '' }, 'a')),
      chunk(call(1, { name: 'g', arguments: '' }, 'b')),
      chunk(call(0, { arguments: '{"x":"}"' })),
      chunk(call(0, { arguments: '}' })),
      chunk(call(1, { arguments: '{"y":1}' })),
    );
    expect(eventsOf(frames.slice(3, 4))).toHaveLength(1);
    expect(eventsOf(frames.slice(4, 5)).at(-1)).toEqual({ type: 'part-end', index: 0 });
    expect(eventsOf(frames.slice(5)).at(-1)).toEqual({ type: 'part-end', index: 1 });
    expect(frames.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
  });

  test('a call whole in one chunk, and one without arguments that ends at the finish', () => {
    const answer = assemble(
      eventsOf(
        decode(ROLE, chunk(call(0, { name: 'f', arguments: '{"a":1}' }, 'a')), chunk(call(1, { name: 'g' }, 'b')), chunk({}, 'tool_calls')),
      ),
    );
    expect(answer.parts.map((part) => [part.head, part.arguments, part.closed])).toEqual([
      [{ type: 'tool-call', id: 'a', name: 'f' }, '{"a":1}', true],
      [{ type: 'tool-call', id: 'b', name: 'g' }, '', true],
    ]);
  });

  test('an id that comes late holds the call back, and its frames are not passed on', () => {
    const frames = decode(
      ROLE,
      chunk({ tool_calls: [{ index: 0, type: 'function', function: { name: 'f', arguments: '{"a"' } }] }),
      chunk(call(0, { arguments: ':1}' }, 'late')),
      chunk({}, 'tool_calls'),
    );
    expect(frames.map((frame) => 'clean' in frame && frame.clean)).toEqual([true, false, false, true]);
    expect(eventsOf(frames.slice(1, 2))).toEqual([]);
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ head: { id: 'late', name: 'f' }, arguments: '{"a":1}', closed: true }]);
  });

  test('an empty object is only believed at the finish: arguments may follow it', () => {
    const frames = decode(ROLE, chunk(call(0, { name: 'f', arguments: '{}' }, 'a')));
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ arguments: '{}', closed: false }]);
    expect(
      assemble(eventsOf(decode(ROLE, chunk(call(0, { name: 'f', arguments: '{}' }, 'a')), chunk({}, 'tool_calls')))).parts,
    ).toMatchObject([{ arguments: '{}', closed: true }]);
  });

  test('without an index or an id', () => {
    const frames = decode(ROLE, chunk({ tool_calls: [{ function: { name: 'f', arguments: '{}' } }] }), chunk({}, 'tool_calls'));
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ head: { id: 'call_c1_0', name: 'f' }, arguments: '{}', closed: true }]);
    expect(frames.slice(1).map((frame) => 'clean' in frame && frame.clean)).toEqual([false, false]);
  });

  test('two whole calls under the same index are two calls', () => {
    const frames = decode(
      ROLE,
      chunk(call(0, { name: 'f', arguments: '{}' }, 'a')),
      chunk(call(0, { name: 'g', arguments: '{}' }, 'b')),
      chunk({}, 'tool_calls'),
    );
    expect(assemble(eventsOf(frames)).parts.map((part) => part.head)).toMatchObject([{ id: 'a' }, { id: 'b' }]);
    expect(frames[2]).toMatchObject({ clean: false });
  });

  test('a repeated name, an empty id and trailing white space cost nothing', () => {
    const frames = decode(
      ROLE,
      chunk(call(0, { name: 'f', arguments: '{' }, 'a')),
      chunk(call(0, { name: 'f', arguments: '}' }, '')),
      chunk(call(0, { arguments: ' \n' }, '')),
      chunk({}, 'tool_calls'),
    );
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ arguments: '{}', closed: true }]);
  });

  test.each([
    ['arguments after a complete object', chunk(call(0, { name: 'f', arguments: '{}' }, 'a')) + chunk(call(0, { arguments: '{"a":1}' }))],
    [
      'another name in the middle of the arguments',
      chunk(call(0, { name: 'f', arguments: '{' }, 'a')) + chunk(call(0, { name: 'g', arguments: '}' }, 'b')),
    ],
    ['a call without a name', chunk(call(0, { arguments: '{}' }, 'a')) + chunk({}, 'tool_calls')],
    ['tool_calls that are no list', chunk({ tool_calls: 'f' })],
  ])('%s cannot be trusted', (_what, bytes) => expect(decode(ROLE, bytes).at(-1)!.type).toBe('malformed'));

  test('the form before tools', () => {
    const frames = decode(
      ROLE,
      chunk({ function_call: { name: 'f', arguments: '{"a"' } }),
      chunk({ function_call: { arguments: ':1}' } }),
      chunk({}, 'function_call'),
    );
    const answer = assemble(eventsOf(frames));
    expect(answer.parts).toMatchObject([{ head: { type: 'tool-call', name: 'f' }, arguments: '{"a":1}', closed: true }]);
    expect(answer.finish?.reason).toBe('tool-calls');
  });

  test('a custom tool call comes as a whole one, its text as JSON', () => {
    const piece = (input: string, first: boolean): string =>
      chunk({ tool_calls: [{ index: 0, ...(first && { id: 'a', type: 'custom' }), custom: { ...(first && { name: 'patch' }), input } }] });
    const frames = decode(ROLE, piece('ab', true), piece('cd', false), chunk({}, 'tool_calls'));
    expect(assemble(eventsOf(frames)).parts).toMatchObject([
      {
        head: { type: 'tool-call', kind: 'custom', id: 'a', name: 'patch' },
        arguments: '{"input":"abcd"}',
        closed: true,
      },
    ]);
  });
});

describe('usage', () => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    total_tokens: 15,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 2 },
  };

  test.each([
    ['in a chunk of its own', chunk({}, 'stop') + event({ id: 'c1', choices: [], usage })],
    ['in the finish chunk', chunk({}, 'stop', { usage })],
    ['where Groq has it', chunk({}, 'stop', { x_groq: { usage } })],
  ])('%s', (_where, bytes) => {
    const answer = assemble(eventsOf(decode(ROLE, chunk({ content: 'x' }), bytes, DONE)));
    expect(answer.usage).toEqual({ input: 10, output: 5, cacheRead: 4, reasoning: 2 });
    expect(answer.rawUsage).toEqual(usage);
  });

  test('xAI counts reasoning beside the output', () => {
    const raw = { prompt_tokens: 12, completion_tokens: 2, total_tokens: 354, completion_tokens_details: { reasoning_tokens: 340 } };
    expect(assemble(eventsOf(decode(ROLE, chunk({}, 'stop', { usage: raw })))).usage).toEqual({ input: 12, output: 342, reasoning: 340 });
  });
});

describe('what breaks a stream', () => {
  test.each([
    [
      'an error object',
      event({ error: { message: 'overloaded', type: 'server_error', code: 'server_is_overloaded' } }),
      { message: 'overloaded', type: 'server_error', code: 'server_is_overloaded' },
    ],
    ['an error text', event({ error: 'boom' }), { message: 'boom' }],
    ['an error event', `event: error\ndata: {"message":"boom"}\n\n`, { message: 'boom' }],
    ['an error event without JSON', `event: error\ndata: boom\n\n`, { message: 'boom' }],
    ['vLLM', event({ object: 'error', message: 'boom', code: 500 }), { message: 'boom', code: '500', status: 500 }],
    [
      'OpenRouter, beside a choice',
      chunk({ content: '' }, 'error', { error: { code: 502, message: 'boom' } }),
      { message: 'boom', code: '502', status: 502 },
    ],
  ])('%s', (_what, bytes, error) => {
    const frames = decode(ROLE, bytes, chunk({ content: 'more' }));
    expect(frames).toHaveLength(2);
    expect(frames[1]).toMatchObject({ type: 'error', error });
  });

  test.each(['error', 'insufficient_system_resource'])('finish_reason %s is no end', (word) => {
    expect(decode(ROLE, chunk({ content: 'x' }), chunk({}, word)).at(-1)!.type).toBe('error');
  });

  test.each([
    ['half JSON', 'data: {"choices":[{"del\n\n'],
    ['no object', 'data: 7\n\n'],
    ['choices of the wrong type', event({ id: 'c1', choices: [3] })],
    ['content of the wrong type', chunk({ content: 3 as unknown as string })],
    ['words after the finish', chunk({}, 'stop') + chunk({ content: 'x' })],
    ['a call after the finish', chunk({}, 'stop') + chunk(call(0, { name: 'f' }, 'a'))],
    ['a body that ends inside an event', 'data: {"id":"c1","choices":[]}\n'],
    ['a frame that comes twice', chunk({ content: 'The quick brown fox jumps' }).repeat(2)],
  ])('%s', (_what, bytes) => {
    const frames = decode(ROLE, bytes);
    expect(frames.at(-1)!.type).toBe('malformed');
    expect(types(frames).filter((type) => type === 'malformed')).toHaveLength(1);
  });

  test.each([['a short token'], ['-'.repeat(80)], ['\n    \n        \n']])('%j may come twice', (content) => {
    expect(types(decode(ROLE, chunk({ content }).repeat(2)))).toEqual(['events', 'events', 'events']);
  });
});

describe('what is borne', () => {
  test('comments are clean and say nothing', () => {
    expect(decode(': ping\n\n', ROLE)[0]).toMatchObject({ type: 'events', clean: true, events: [] });
  });

  test.each([
    ['an unknown object', event({ type: 'ping' }), 0],
    ['usage without choices', event({ usage: { prompt_tokens: 1, completion_tokens: 1 } }), 1],
  ])('%s is not passed on', (_what, bytes, events) => {
    const frame = decode(ROLE, bytes)[1]!;
    expect(frame).toMatchObject({ type: 'events', clean: false });
    expect(eventsOf([frame])).toHaveLength(events);
  });

  test('nothing follows the terminator, which may lack its blank line', () => {
    expect(types(decode(ROLE, DONE, event({ type: 'ping' })))).toEqual(['events', 'end']);
    expect(types(decode(ROLE, 'data: [DONE]\n'))).toEqual(['events', 'end']);
    expect(types(decode(ROLE, 'data: [DONE]'))).toEqual(['events', 'end']);
    expect(types(decode(ROLE, 'data: [DON'))).toEqual(['events', 'malformed']);
  });

  test('an end before one of the candidates has ended is none', () => {
    const other = (delta: JsonObject, finish: string | null) => event({ id: 'c1', choices: [{ index: 1, delta, finish_reason: finish }] });
    expect(decode(ROLE, other({ content: 'o' }, null), chunk({}, 'stop'), DONE).at(-1)!.type).toBe('malformed');
    expect(decode(ROLE, other({ content: 'o' }, null), chunk({}, 'stop'), other({}, 'stop'), DONE).at(-1)!.type).toBe('end');
  });

  test('an id that changes, further candidates, an Azure preface', () => {
    const frames = decode(
      event({ id: '', model: '', choices: [], prompt_filter_results: [{}] }),
      ROLE,
      chunk({ content: 'a' }, null, { id: 'c2' }),
      event({ id: 'c1', choices: [{ index: 1, delta: { content: 'other' } }] }),
      chunk({}, 'stop'),
      event({ id: 'c1', choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }),
      DONE,
    );
    expect(assemble(eventsOf(frames)).parts).toMatchObject([{ text: 'a' }]);
    expect(eventsOf(frames.slice(0, 1))).toEqual([]);
    expect(frames.every((frame) => 'clean' in frame && frame.clean)).toBe(true);
  });

  test('a whole message in place of a delta, and an answer without a role, are written anew', () => {
    const whole = decode(
      event({ id: 'c1', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }),
    );
    expect(whole[0]).toMatchObject({ clean: false });
    expect(assemble(eventsOf(whole))).toMatchObject({ parts: [{ text: 'hi', closed: true }], finish: { reason: 'stop' } });
    expect(decode(chunk({ content: 'hi' }))[0]).toMatchObject({ clean: false });
  });
});
