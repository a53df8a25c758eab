import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../exchange/json.ts';
import { readWhole, wireReader, type Reading } from './wire-reader.ts';

type Named = [type: string, more: JsonObject];

/** Events with their names and numbers, as api.openai.com writes them. */
function responses(events: Named[]): Reading {
  const reader = wireReader('openai-responses');
  events.forEach(([type, more], index) =>
    reader.push(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: index, ...more })}\n\n`),
  );
  return reader.reading;
}

const message = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: 'Hé there' }],
};
const call = { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look_up', arguments: '{"a":1}', status: 'completed' };
const response = (status: string, more: JsonObject = {}): JsonObject => ({
  response: { object: 'response', id: 'resp_1', status, output: [], ...more },
});
const text: JsonObject = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const args: JsonObject = { item_id: 'fc_1', output_index: 1 };
const RESPONSES: Named[] = [
  ['response.created', response('in_progress')],
  ['response.in_progress', response('in_progress')],
  ['response.output_item.added', { output_index: 0, item: { ...message, content: [], status: 'in_progress' } }],
  ['response.content_part.added', { ...text, part: { type: 'output_text', text: '' } }],
  ['response.output_text.delta', { ...text, delta: 'Hé ' }],
  ['response.output_text.delta', { ...text, delta: 'there' }],
  ['response.output_text.done', { ...text, text: 'Hé there' }],
  ['response.content_part.done', { ...text, part: message.content[0]! }],
  ['response.output_item.done', { output_index: 0, item: message }],
  ['response.output_item.added', { output_index: 1, item: { ...call, arguments: '' } }],
  ['response.function_call_arguments.delta', { ...args, delta: '{"a":' }],
  ['response.function_call_arguments.delta', { ...args, delta: '1}' }],
  ['response.function_call_arguments.done', { ...args, arguments: '{"a":1}' }],
  ['response.output_item.done', { output_index: 1, item: call }],
  ['response.completed', response('completed', { output: [message, call] })],
];
const whole = { text: 'Hé there', calls: [{ name: 'look_up', arguments: '{"a":1}' }], finished: true, seams: 0 };

/** The same events with one of them changed. */
function changed(index: number, more: JsonObject): Named[] {
  return RESPONSES.map(([type, fields], place) => [type, place === index ? { ...fields, ...more } : fields]);
}

describe('what a client of Responses reads', () => {
  it('is the whole answer, and no beginning of it', () => {
    expect(responses(RESPONSES)).toEqual(whole);
    for (let length = 0; length < RESPONSES.length; length++) expect(responses(RESPONSES.slice(0, length)).finished).toBe(false);
    expect(readWhole('openai-responses', 200, JSON.stringify({ status: 'completed', output: [message, call] }))).toEqual(whole);
  });

  it.each<[string, Named[]]>([
    ['another text than came in pieces', changed(6, { text: 'Hé' })],
    ['an item with another text', changed(8, { item: { ...message, content: [{ type: 'output_text', text: 'Hé' }] } })],
    ['a response with other items', changed(14, response('completed', { output: [message] }))],
    ['another id of the response', changed(14, response('completed', { output: [message, call], id: 'resp_2' }))],
    ['a piece of an item that is not open', changed(4, { output_index: 3 })],
    ['a piece with the id of another item', changed(4, { item_id: 'msg_2' })],
    ['a number twice', changed(5, { sequence_number: 4 })],
    ['a second beginning', [...RESPONSES.slice(0, 6), RESPONSES[0]!, ...RESPONSES.slice(6)]],
    ["an event that is nobody's", [...RESPONSES.slice(0, 6), ['simulated_event', {}], ...RESPONSES.slice(6)]],
    ['a sign of life before the beginning', [['keepalive', {}], ...RESPONSES]],
    ['an item left open', RESPONSES.filter(([type], index) => !(type === 'response.output_item.done' && index > 10))],
    ['an event after the end', [...RESPONSES, RESPONSES[4]!]],
  ])('trips over %s', (_title, events) => expect(responses(events).garbled).toBeTypeOf('string'));

  it("bears the vendor's own news", () => {
    const news: [string, JsonObject][] = [
      ['response.news', {}],
      ['keepalive', {}],
    ];
    expect(responses([...RESPONSES.slice(0, 6), ...news, ...RESPONSES.slice(6)])).toEqual(responses(RESPONSES));
  });

  it('sees both kinds of errors, and failures of whole answers', () => {
    const begun = RESPONSES.slice(0, 5);
    const failed = response('failed', { error: { code: 'server_error', message: 'no luck' } });
    expect(responses([...begun, ['response.failed', failed]])).toMatchObject({ error: 'no luck', finished: false });
    expect(responses([...begun, ['error', { code: null, message: 'no luck' }]]).error).toBe('no luck');
    expect(responses([...begun, ['error', { error: { message: 'no luck' } }], ['response.failed', failed]]).error).toBe('no luck');
    expect(readWhole('openai-responses', 200, JSON.stringify(failed.response)).error).toBe('no luck');
    expect(responses([...begun.slice(0, 2), ['response.incomplete', response('incomplete')]]).finished).toBe(true);
  });
});

describe('what a client of Gemini reads', () => {
  const chunk = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
    candidates: [{ content: { role: 'model', parts }, ...more }],
  });
  const GEMINI = [
    chunk([{ text: 'hm', thought: true }]),
    chunk([{ text: 'Hé ' }]),
    chunk([{ text: 'there' }]),
    chunk([{ functionCall: { name: 'look_up', args: { a: 1 } }, thoughtSignature: 's' }]),
    chunk([{ text: '' }], { finishReason: 'STOP' }),
  ];
  const gemini = (...chunks: JsonObject[]): Reading => {
    const reader = wireReader('gemini');
    for (const each of chunks) reader.push(`data: ${JSON.stringify(each)}\r\n\r\n`);
    return reader.reading;
  };

  it('is the whole answer, and no beginning of it', () => {
    expect(gemini(...GEMINI, { usageMetadata: {} })).toEqual(whole);
    for (let length = 0; length < GEMINI.length; length++) expect(gemini(...GEMINI.slice(0, length)).finished).toBe(false);
    const all = chunk([{ text: 'Hé there' }, { functionCall: { name: 'look_up', args: { a: 1 } } }], { finishReason: 'STOP' });
    expect(readWhole('gemini', 200, JSON.stringify(all))).toEqual(whole);
  });

  it('trips over more of the answer after its end', () => {
    expect(gemini(...GEMINI, chunk([{ text: 'more' }])).garbled).toContain('after its end');
  });

  it('sees errors, calls that came to nothing, and blocked prompts', () => {
    expect(gemini(GEMINI[1]!, { error: { code: 503, message: 'overloaded', status: 'UNAVAILABLE' } }).error).toBe('overloaded');
    expect(gemini(chunk([], { finishReason: 'MALFORMED_FUNCTION_CALL' })).error).toContain('MALFORMED');
    expect(gemini({ promptFeedback: { blockReason: 'SAFETY' } })).toMatchObject({ finished: true, text: '' });
  });
});
