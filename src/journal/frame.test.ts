import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFrame, frameAt, scanFrames } from './frame.ts';
import type { Frame } from './frame.ts';

const SALT = 0x12345678;

const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.nat(255),
  version: fc.nat(255),
  id: fc.stringMatching(/^x_[0-9a-hjkmnp-tv-z]{26}$/),
  seq: fc.nat(0xffffffff),
  at: fc.nat(2 ** 48 - 1),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

function bare({ type, version, id, seq, at, payload }: Frame): Frame {
  return { type, version, id, seq, at, payload: Buffer.from(payload) };
}

test('frames are read as they were written', () => {
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      const { consumed, damage, frames: read } = scanFrames(Buffer.concat(frames.map((each) => encodeFrame(each, SALT))), SALT, true);
      expect(read.map(bare)).toEqual(frames);
      expect(damage).toEqual([]);
      expect(consumed).toBe(read.reduce((sum, each) => sum + each.size, 0));
    }),
  );
});

test('cut at any byte, what is left is a prefix of whole frames, and the reader says where it ends', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), (frames) => {
      const encoded = frames.map((each) => encodeFrame(each, SALT));
      const bytes = Buffer.concat(encoded);
      for (let cut = 0; cut <= bytes.length; cut++) {
        let whole = 0;
        let end = 0;
        while (whole < encoded.length && end + encoded[whole]!.length <= cut) end += encoded[whole++]!.length;
        for (const finished of [true, false]) {
          const scan = scanFrames(bytes.subarray(0, cut), SALT, finished);
          expect(scan.frames.length).toBe(whole);
          expect(scan.consumed).toBe(end);
          expect(scan.damage).toEqual([]);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test('one damaged byte costs its frame and no other, and is reported', () => {
  fc.assert(
    fc.property(fc.array(frame, { minLength: 2, maxLength: 5 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (frames, where, flip) => {
      const encoded = frames.map((each) => encodeFrame(each, SALT));
      const bytes = Buffer.concat(encoded);
      // The last frame stays: without one behind it, damage can't be told from a torn tail.
      const at = where % (bytes.length - encoded.at(-1)!.length);
      bytes[at] = bytes[at]! ^ flip;
      let hit = 0;
      for (let end = encoded[0]!.length; at >= end; end += encoded[hit]!.length) hit += 1;
      const scan = scanFrames(bytes, SALT, true);
      expect(scan.frames.map(bare)).toEqual(frames.filter((_, index) => index !== hit));
      expect(scan.damage).toEqual([
        { offset: encoded.slice(0, hit).reduce((sum, each) => sum + each.length, 0), size: encoded[hit]!.length },
      ]);
    }),
  );
});

test('a frame inside a payload is no frame: the salt is not known to who sends it', () => {
  const inner = encodeFrame({ type: 2, version: 1, id: `x_${'0'.repeat(26)}`, seq: 0, at: 0, payload: Buffer.from('forged') }, 0);
  const outer = encodeFrame(
    { type: 1, version: 1, id: `x_${'1'.repeat(26)}`, seq: 0, at: 0, payload: Buffer.concat([inner, inner]) },
    SALT,
  );
  expect(scanFrames(outer.subarray(0, outer.length - 1), SALT, true).frames).toEqual([]);
});

test('arbitrary bytes are no crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(10), (bytes, offset) => {
      expect(scanFrames(Buffer.from(bytes), SALT, true).frames).toEqual([]);
      expect(frameAt(Buffer.from(bytes), offset, SALT)).not.toBeTypeOf('object');
    }),
  );
});
