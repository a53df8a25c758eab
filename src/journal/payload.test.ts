import { expect, test } from 'vitest';
import type { Bytes } from './entry.ts';
import { encodeFrame, frameAt, OPENING_SEQ } from './frame.ts';
import type { PlacedFrame } from './frame.ts';
import { HEAD_ROOM, readEntry, readOpening, writeEntry, writeOpening } from './payload.ts';
import { attemptStart, bytesEntry, openingOf, textEntry, wholeEnd } from './testing/entries.ts';

const ID = `x_${'0'.repeat(26)}`;

function parsed(out: Buffer[], size: number): PlacedFrame {
  const bytes = Buffer.concat(out);
  expect(bytes.length).toBe(size);
  const frame = frameAt(bytes, 0, 7);
  if (typeof frame !== 'object') throw new Error('no frame');
  return frame;
}

test('an opening keeps the request byte for byte', () => {
  for (const request of [Buffer.from([0xff, 0xfe, 0, 0x7b]), Buffer.alloc(0), undefined]) {
    const out: Buffer[] = [];
    const size = writeOpening(Buffer.alloc(HEAD_ROOM), 0, { opening: openingOf(ID), request }, 7, out);
    const frame = parsed(out, size);
    expect(frame.seq).toBe(OPENING_SEQ);
    expect(readOpening(frame)).toEqual({ opening: openingOf(ID), request });
    expect(readEntry(frame)).toBeUndefined();
  }
});

test('entries are read as they were written; bytes without or with what they mean', () => {
  const terminated: Bytes = { ...bytesEntry('end', 3), terminated: true };
  for (const entry of [attemptStart(), textEntry('a'), wholeEnd(), bytesEntry('raw'), terminated]) {
    for (const withEvents of [false, true]) {
      const out: Buffer[] = [];
      const size = writeEntry(Buffer.alloc(HEAD_ROOM), 0, ID, { seq: 5, at: 1_780_000_000_000, entry }, withEvents, 7, out);
      const frame = parsed(out, size);
      expect(frame).toMatchObject({ id: ID, seq: 5, at: 1_780_000_000_000 });
      expect(readEntry(frame)).toEqual(entry.type === 'bytes' && !withEvents ? { ...entry, events: undefined } : entry);
    }
  }
});

test('the bytes of an entry are not copied', () => {
  const out: Buffer[] = [];
  const entry = bytesEntry('raw');
  writeEntry(Buffer.alloc(HEAD_ROOM), 0, ID, { seq: 0, at: 0, entry }, false, 7, out);
  expect(out).toContain(entry.bytes);
});

test('frames of a later version are skipped', () => {
  const later = encodeFrame({ type: 2, version: 9, id: ID, seq: 0, at: 0, payload: Buffer.from('{"type":"end"}') }, 7);
  const unknown = encodeFrame({ type: 77, version: 1, id: ID, seq: 0, at: 0, payload: Buffer.from('?') }, 7);
  for (const bytes of [later, unknown]) {
    const frame = frameAt(bytes, 0, 7);
    expect(typeof frame === 'object' ? [readEntry(frame), readOpening(frame)] : 'none').toEqual([undefined, undefined]);
  }
});
