import { expect, test } from 'vitest';
import { journalSettings } from './settings.ts';

test('sizes and durations are read in the units that people write', () => {
  expect(journalSettings.parse({})).toEqual({
    ring: 1_048_576,
    unsaved: 8_388_608,
    segmentSize: 67_108_864,
    durability: 'process',
    keepAfterEnd: 60_000,
  });
  expect(journalSettings.parse({ ring: '512KiB', segmentSize: 4096, keepAfterEnd: '5m', durability: 'power' })).toMatchObject({
    ring: 524_288,
    segmentSize: 4096,
    keepAfterEnd: 300_000,
    durability: 'power',
  });
  expect(journalSettings.parse({ keepAfterEnd: 2 }).keepAfterEnd).toBe(2000);
});

test('what is no size, no duration or no setting is refused', () => {
  for (const wrong of [{ ring: '1 MB' }, { ring: 0 }, { keepAfterEnd: 'soon' }, { durability: 'yes' }, { folder: 'x' }]) {
    expect(journalSettings.safeParse(wrong).success).toBe(false);
  }
});
