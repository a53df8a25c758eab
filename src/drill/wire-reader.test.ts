import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWhole, wireReader } from './wire-reader.ts';

const MESSAGES = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"m","content":[]}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé "}}\n\n',
  ': understudy seam from=claude/opus to=chatgpt/gpt\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"there"}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"look_up","input":{}}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":"}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"1}"}}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use"}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];
const CHAT = [
  'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n',
  'data: {"choices":[{"delta":{"content":"Hé there"}}]}\n\n',
  'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"look_up","arguments":""}}]}}]}\n\n',
  'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1}"}}]}}]}\n\n',
  'data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}\n\n',
  'data: [DONE]\n\n',
];

function read(dialect: 'anthropic-messages' | 'openai-chat', pieces: readonly string[]) {
  const reader = wireReader(dialect);
  for (const piece of pieces) reader.push(piece);
  return reader.reading;
}

describe('what a client reads from the wire', () => {
  it('is the whole answer, calls and seams included', () => {
    const call = { name: 'look_up', arguments: '{"a":1}' };
    expect(read('anthropic-messages', MESSAGES)).toEqual({ text: 'Hé there', calls: [call], finished: true, seams: 1 });
    expect(read('openai-chat', CHAT)).toEqual({ text: 'Hé there', calls: [call], finished: true, seams: 0 });
  });

  it('does not depend on where the bytes are cut', () => {
    for (const [dialect, stream] of [
      ['anthropic-messages', MESSAGES.join('').replaceAll('\n', '\r\n')],
      ['openai-chat', CHAT.join('')],
    ] as const) {
      const whole = read(dialect, [stream]);
      fc.assert(
        fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
          const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
          const pieces = places.slice(1).map((place, index) => stream.slice(places[index]!, place));
          expect(read(dialect, pieces)).toEqual(whole);
        }),
        { numRuns: 60 },
      );
    }
  });

  it('is not finished at any event before the last', () => {
    for (let length = 0; length < MESSAGES.length; length++)
      expect(read('anthropic-messages', MESSAGES.slice(0, length)).finished).toBe(false);
    for (let length = 0; length < CHAT.length; length++) expect(read('openai-chat', CHAT.slice(0, length)).finished).toBe(false);
  });

  it('is not finished by a terminator without a finish reason', () => {
    expect(read('openai-chat', [CHAT[1]!, 'data: [DONE]\n\n']).finished).toBe(false);
    expect(read('anthropic-messages', [...MESSAGES.slice(0, 3), MESSAGES.at(-1)!]).finished).toBe(false);
  });

  it('sees errors within a stream', () => {
    expect(
      read('anthropic-messages', [
        MESSAGES[0]!,
        'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
      ]).error,
    ).toBe('Overloaded');
    expect(read('openai-chat', ['data: {"error":{"message":"no capacity"}}\n\n']).error).toBe('no capacity');
  });
});

describe('a body that is not a stream', () => {
  it('is an answer, an error or nothing that a client could read', () => {
    expect(readWhole('openai-chat', 200, '{"choices":[{"message":{"content":"yes"},"finish_reason":"stop"}]}')).toMatchObject({
      text: 'yes',
      finished: true,
    });
    expect(readWhole('anthropic-messages', 200, '{"content":[{"type":"text","text":"yes"}],"stop_reason":"end_turn"}')).toMatchObject({
      text: 'yes',
      finished: true,
    });
    expect(readWhole('anthropic-messages', 529, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}').error).toBe(
      'Overloaded',
    );
    expect(readWhole('anthropic-messages', 502, '<html>').garbled).toContain('502');
    expect(readWhole('openai-chat', 500, '{}').garbled).toContain('500');
  });
});
