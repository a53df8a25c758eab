import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCursor, writeCursor } from './cursor.ts';

it('is short, and comes back', () => {
  const cursor = { skip: 10, upTo: 1_000_000, now: Date.UTC(2026, 10, 22), below: 3_600_000_000_000 };
  expect(writeCursor(cursor)).toMatch(/^[0-9a-z.]{1,32}$/);
  const number = fc.maxSafeNat();
  fc.assert(
    fc.property(number, number, number, fc.option(number, { nil: undefined }), (skip, upTo, now, below) => {
      const one = { skip, upTo, now, ...(below !== undefined && { below }) };
      expect(readCursor(writeCursor(one))).toEqual(one);
    }),
  );
});

it('is none where it was not written so', () => {
  for (const text of ['', '1', '1.2', '1.2.3.4.5', 'A.B.C', '1.2.zzzzzzzzzzz', '1.2.zzzzzzzzzzzz', '1..3', '-1.2.3', 'eyJza2lwIjoxMH0'])
    expect(readCursor(text)).toBeUndefined();
});
