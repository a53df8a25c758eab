import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { message } from './clouds.fixtures.ts';
import { eventStreamReader } from './event-stream.ts';

const name = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom(...':-abcxyz'.split('')) });
const messages = fc.array(fc.tuple(fc.dictionary(name, fc.string({ maxLength: 30 }), { maxKeys: 4 }), fc.uint8Array({ maxLength: 200 })), {
  minLength: 1,
  maxLength: 5,
});

describe('an AWS event stream', () => {
  test('law: the same messages wherever it is cut', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 8 }), (wanted, places) => {
        const bytes = Buffer.concat(wanted.map(([headers, payload]) => message(headers, Buffer.from(payload))));
        const cuts = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((one, other) => one - other), bytes.length];
        const reader = eventStreamReader();
        const read = cuts.slice(1).flatMap((end, index) => {
          const result = reader.push(bytes.subarray(cuts[index], end));
          if (!result.ok) throw new Error(result.problem);
          return result.messages;
        });
        expect(reader.rest()).toBe(0);
        expect(read.map(({ headers, payload }) => [Object.fromEntries(headers), [...payload]])).toEqual(
          wanted.map(([headers, payload]) => [{ ...headers }, [...payload]]),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('law: a changed bit is noticed, or the rest of the message is missing; nothing else is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat(7), (payload, place, bit) => {
        const bytes = message({ ':event-type': 'chunk' }, Buffer.from(payload));
        const at = place % bytes.length;
        bytes[at] = bytes[at]! ^ (1 << bit);
        const reader = eventStreamReader();
        const result = reader.push(bytes);
        expect(result.ok ? result.messages : []).toEqual([]);
        expect(result.ok ? reader.rest() : bytes.length).toBe(bytes.length);
      }),
      { numRuns: 200 },
    );
  });

  test('headers of other types are passed over', () => {
    const typed = Buffer.concat([
      Buffer.from([1]), Buffer.from('t'), Buffer.from([0]),
      Buffer.from([1]), Buffer.from('i'), Buffer.from([4, 0, 0, 0, 9]),
      Buffer.from([1]), Buffer.from('b'), Buffer.from([6, 0, 2, 1, 2]),
      Buffer.from([1]), Buffer.from('s'), Buffer.from([7, 0, 2]), Buffer.from('hi'),
    ]); // prettier-ignore
    const plain = message({}, '');
    const prelude = Buffer.alloc(8);
    prelude.writeUInt32BE(plain.length + typed.length, 0);
    prelude.writeUInt32BE(typed.length, 4);
    const bytes = rechecked(Buffer.concat([prelude, Buffer.alloc(4), typed, Buffer.alloc(4)]));
    const result = eventStreamReader().push(bytes);
    expect(result.ok && [...result.messages[0]!.headers]).toEqual([['s', 'hi']]);
  });
});

/** With its checksums made right. */
function rechecked(bytes: Buffer): Buffer {
  const { crc32 } = process.getBuiltinModule('node:zlib');
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}
