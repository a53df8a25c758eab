import { describe, expect, test } from 'vitest';
import { assemble } from '../assemble.ts';
import { answerOf, chunk, decode, event, eventsOf, last, response, shape, STOP } from './chunks.ts';
import { decoder } from './decode-stream.ts';
import { readByGoogle } from './official-client.ts';

describe('what is no answer', () => {
  test('case 10: an error is one, in the middle too', () => {
    const error = event({ error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } });
    expect(decode(chunk([{ text: 'a' }]), error, STOP).at(-1)).toMatchObject({
      type: 'error',
      error: { status: 503, code: 'UNAVAILABLE' },
    });
    expect(decode(error)).toHaveLength(1);
  });

  test.each([
    ['no JSON', 'data: {"candidates":\r\n\r\n'],
    ['a list', 'data: [1]\r\n\r\n'],
    ['candidates that are no list', event({ candidates: {} })],
    ['a part that is no object', event(response({ content: { parts: [1] } }))],
    ['a call without a name', chunk([{ functionCall: { args: {} } }])],
    ['a piece of no call', chunk([{ functionCall: { partialArgs: [{ jsonPath: '$.a' }] } }])],
  ])('%s is malformed, and nothing follows', (_what, bytes) => {
    const frames = decode(bytes, STOP);
    expect(frames.map(({ type }) => type)).toEqual(['malformed']);
  });

  test('a long frame that comes twice is malformed, a short one is not', () => {
    const long = chunk([{ text: 'the quick brown fox jumps' }]);
    expect(last(long, long).type).toBe('malformed');
    const short = chunk([{ text: 'ha' }]);
    expect(shape(answerOf(short, short, STOP))).toEqual([['text', 'haha']]);
  });

  test('a body that ends inside an event', () => {
    expect(last(chunk([{ text: 'a' }]), 'data: {"cand')).toMatchObject({ type: 'malformed' });
  });
});

/** Whether Google's own client gets the text out of these bytes. */
async function readsByGoogle(bytes: string): Promise<boolean> {
  const read = await readByGoogle(bytes).catch(() => undefined);
  return read?.text === 'a';
}

describe('bytes that the official client trips over are not clean', () => {
  const text = JSON.stringify(response({ content: { parts: [{ text: 'a' }] } }));
  test.each([
    ['an event name', `event: message\ndata: ${text}\n\n`, false],
    ['a comment', `: hello\ndata: ${text}\n\n`, false],
    ['a comment alone', ': hello\n\n', false],
    ['an id after the data', `data: ${text}\nid: 1\n\n`, false],
    ['two lines of data', `data: ${text.slice(0, 14)}\ndata: ${text.slice(14)}\n\n`, false],
    ["chat's terminator", 'data: [DONE]\n\n', false],
    ['mixed line ends', `data: ${text}\n\r\n`, false],
    ['no space', `data:${text}\n\n`, true],
    ['CR', `data: ${text}\r\r`, true],
    ['CRLF', `data: ${text}\r\n\r\n`, true],
  ])('%s', async (_what, bytes, clean) => {
    expect(await readsByGoogle(bytes)).toBe(clean);
    const frames = decode(bytes);
    expect(frames.map((frame) => frame.type === 'events' && frame.clean)).toEqual([clean]);
    expect(Buffer.concat(frames.map(({ raw }) => raw)).toString()).toBe(bytes);
  });
});

describe('an array where events were asked for', () => {
  const array = `[${JSON.stringify(response({ content: { parts: [{ text: 'a]}"' }] } }), undefined, 1)}\r\n,\r\n${JSON.stringify(
    response({ content: { parts: [{ text: '\\"b' }] }, finishReason: 'STOP' }),
  )}\r\n]\n`;

  test('is read, wherever it is cut', () => {
    for (let cut = 1; cut < array.length; cut++) {
      const reader = decoder();
      const frames = [...reader.push(Buffer.from(array.slice(0, cut))), ...reader.push(Buffer.from(array.slice(cut))), ...reader.end()];
      expect(shape(assemble(eventsOf(frames)))).toEqual([['text', 'a]}"\\"b']]);
      expect(Buffer.concat(frames.map(({ raw }) => raw)).toString()).toBe(array);
      expect(frames.every((frame) => frame.type === 'events' && !frame.clean)).toBe(true);
    }
  });

  test('is malformed where it breaks off, and its errors are errors', () => {
    expect(last(array.slice(0, -9))).toMatchObject({ type: 'malformed' });
    expect(last(`[${JSON.stringify({ error: { code: 500, message: 'm', status: 'INTERNAL' } })}`)).toMatchObject({ type: 'error' });
  });
});
