import fc from 'fast-check';
import { expect, it } from 'vitest';
import { feedDate } from './feed-date.ts';

it.each([
  ['Fri, 14 Jan 2022 14:44:00 PST', '2022-01-14T22:44:00Z'],
  ['Sun, 04 Jun 2017 22:58:04 PDT', '2017-06-05T05:58:04Z'],
  ['Tue, 15 Sep 2026 19:30:49 +0800', '2026-09-15T11:30:49Z'],
  ['Tue, 15 Sep 2026 19:30:49 +08:00', '2026-09-15T11:30:49Z'],
  ['15 Sep 2026 19:30 GMT', '2026-09-15T19:30:00Z'],
  ['Tue,15 Sep 26 19:30:49 UT', '2026-09-15T19:30:49Z'],
  ['15 Sep 99 19:30:49 Z', '1999-09-15T19:30:49Z'],
  ['tuesday, 15 september 2026 9:30:49 gmt', '2026-09-15T09:30:49Z'],
  ['Tue, 15 Sep 2026 19:30:49', '2026-09-15T19:30:49Z'],
  ['Tue, 15 Sep 2026 19:30:49 XYZ', '2026-09-15T19:30:49Z'],
  ['Tue, 15 Sep 2026 19:30:49 -0330', '2026-09-15T23:00:49Z'],
  ['15-Sep-2026 19:30:49 GMT', '2026-09-15T19:30:49Z'],
  ['2026-09-22T01:00:00+08:00', '2026-09-21T17:00:00Z'],
  ['2026-09-22T01:00:00.123Z', '2026-09-22T01:00:00.123Z'],
  ['2026-09-22 01:00:00', '2026-09-22T01:00:00Z'],
  ['2026-09-22', '2026-09-22T00:00:00Z'],
])('%s', (written, iso) => {
  expect(feedDate(written)).toBe(Date.parse(iso));
});

it.each([
  undefined,
  '',
  'yesterday',
  '2026',
  '32 Sep 2026 10:00 GMT',
  '15 Foo 2026 10:00 GMT',
  '15 Sep 2026',
  '15 Sep 2026 25:00 GMT',
  '2026-13-45',
  '1789743600',
])('%j is none', (written) => {
  expect(feedDate(written)).toBeUndefined();
});

it('every moment is read back as UTC text', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
      expect(feedDate(new Date(seconds * 1000).toUTCString())).toBe(seconds * 1000);
    }),
  );
});
