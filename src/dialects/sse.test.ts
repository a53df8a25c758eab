import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sseSplitter, type SseEvent } from './sse.ts';

function split(chunks: Buffer[], maxEvent?: number): { events: SseEvent[]; pending: boolean } {
  const splitter = sseSplitter(maxEvent === undefined ? {} : { maxEvent });
  const events = chunks.flatMap((chunk) => splitter.push(chunk));
  events.push(...splitter.end());
  return { events, pending: splitter.pending() };
}

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const edges = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index]!, edge));
}

function said(events: SseEvent[]): [string, string][] {
  return events.filter((event) => event.event !== '' || event.data !== '').map((event) => [event.event, event.data]);
}

const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      '\n',
      '\r\n',
      '\r',
      '\n\n',
      '\r\n\r\n',
      '\r\r',
      'data: ',
      'data',
      'data:',
      'event: ',
      'event',
      ':',
      ': note',
      'id: 1',
      'x',
      ' ',
      '\ufeff',
    ),
    fc.string({ unit: 'grapheme', maxLength: 6 }),
  ),
  { maxLength: 40 },
);

describe('sse splitter', () => {
  test('reads names, data, several data lines, comments, missing colons and spaces', () => {
    const { events } = split([
      Buffer.from('event: a\ndata: {"x":1}\n\n: note\n\ndata:one\ndata\ndata:  two\n\ndatabase: no\nevent:b\nid: 7\n\n'),
    ]);
    expect(events.map((event) => [event.event, event.data])).toEqual([
      ['a', '{"x":1}'],
      ['', ''],
      ['', 'one\n\n two'],
      ['b', ''],
    ]);
  });

  test.each(['\n', '\r\n', '\r'])('the same events with line end %j, and a byte order mark', (end) => {
    const text = ['event: a', 'data: ä€😀', '', ': ping', '', 'data: 2', '', ''].join(end);
    expect(said(split([Buffer.from(`\ufeff${text}`)]).events)).toEqual([
      ['a', 'ä€😀'],
      ['', '2'],
    ]);
  });

  test('a CR-only stream is not held up', () => {
    expect(
      sseSplitter()
        .push(Buffer.from('data: 1\r\r'))
        .map((event) => event.data),
    ).toEqual(['1']);
  });

  test('an unfinished block is pending and not an event', () => {
    const { events, pending } = split([Buffer.from('data: 1\n\ndata: 2\n')]);
    expect(said(events)).toEqual([['', '1']]);
    expect(pending).toBe(true);
  });

  test('law: raw bytes add up and events do not depend on where the bytes are cut', () => {
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(400), { maxLength: 12 }), (text, places) => {
        const bytes = Buffer.from(text.join(''));
        const whole = split([bytes]);
        const parts = split(cut(bytes, places));
        expect(parts).toEqual(whole);
        const raw = Buffer.concat(whole.events.map((event) => event.raw));
        expect(bytes.subarray(0, raw.length)).toEqual(raw);
        expect(whole.pending).toBe(raw.length < bytes.length);
      }),
      { numRuns: 400 },
    );
  });

  test('law: byte by byte is the same as at once', () => {
    fc.assert(
      fc.property(pieces, (text) => {
        const bytes = Buffer.from(text.join(''));
        expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(split([bytes]));
      }),
      { numRuns: 200 },
    );
  });

  test('law: LF, CRLF and CR streams of the same lines say the same', () => {
    const line = fc.constantFrom('data: 1', 'data: ü', 'event: e', '', ': c', 'x');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const all = ['\n', '\r\n', '\r'].map((end) => said(split([Buffer.from(lines.map((text) => text + end).join(''))]).events));
        expect(all[1]).toEqual(all[0]);
        expect(all[2]).toEqual(all[0]);
      }),
    );
  });

  test('a block over the limit overflows, at any cut, and nothing follows', () => {
    const bytes = Buffer.from(`data: ok\n\ndata: ${'x'.repeat(100)}\n\ndata: never\n\n`);
    const whole = split([bytes], 64);
    expect(whole.events.map((event) => event.overflow ?? event.data)).toEqual(['ok', true]);
    expect(whole.events[1]!.raw.length).toBe(64);
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 8 }), (places) => {
        expect(split(cut(bytes, places), 64)).toEqual(whole);
      }),
    );
  });
});
