import { describe, expect, test } from 'vitest';
import { arraySplitter, createArrayFraming } from './json-array.ts';

const CHUNKS = [{ candidates: [{ content: { parts: [{ text: 'é "quoted" ]}' }] } }] }, { candidates: [{ finishReason: 'STOP' }] }];
const EVENTS = CHUNKS.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join('');

describe('case 43: an answer as a streamed JSON array', () => {
  test('is what Google writes, wherever the events are cut', () => {
    const bytes = Buffer.from(EVENTS);
    const wanted = `[${CHUNKS.map((chunk) => JSON.stringify(chunk)).join('\r\n,\r\n')}]`;
    for (let cut = 0; cut <= bytes.length; cut++) {
      const framing = createArrayFraming();
      const array = framing.push(bytes.subarray(0, cut)) + framing.push(bytes.subarray(cut)) + framing.end();
      expect(array).toBe(wanted);
    }
    expect(JSON.parse(wanted)).toEqual(CHUNKS);
  });

  test('goes out as it comes', () => {
    const framing = createArrayFraming();
    expect(framing.push(EVENTS.slice(0, EVENTS.indexOf('\r\n\r\n') + 4))).toBe(`[${JSON.stringify(CHUNKS[0])}`);
  });

  test('stays open after an error', () => {
    const framing = createArrayFraming();
    const error = { error: { code: 503, message: 'm', status: 'UNAVAILABLE' } };
    const text = framing.push(EVENTS) + framing.push(`data: ${JSON.stringify(error)}\n\n`) + framing.push(EVENTS) + framing.end();
    expect(text).toBe(`[${[...CHUNKS, error].map((chunk) => JSON.stringify(chunk)).join('\r\n,\r\n')}`);
  });

  test('comments and blank lines leave no trace, and nothing is an empty array', () => {
    const framing = createArrayFraming();
    expect(framing.push(': hello\n\n\n') + framing.end()).toBe('[]');
  });

  test('read back, the objects are the same', () => {
    const framing = createArrayFraming();
    const splitter = arraySplitter();
    const elements = [...splitter.push(Buffer.from(framing.push(EVENTS) + framing.end())), ...splitter.end()];
    expect(elements.map(({ json }) => json && (JSON.parse(json) as unknown))).toEqual([...CHUNKS, '']);
    expect(splitter.rest()).toBeUndefined();
  });
});
