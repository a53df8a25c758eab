import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { spaceLevel, spaceOf } from './space.ts';

const MiB = 1024 ** 2;
const large = (free: number) => ({ free: free * MiB, total: 500_000 * MiB });

it('goes by bytes on large disks and by share on small ones', () => {
  expect([2000, 1000, 300, 200].map((free) => spaceLevel(large(free)))).toEqual(['plenty', 'low', 'low', 'critical']);
  expect([2, 0.5, 0.1].map((free) => spaceLevel({ free: free * MiB, total: 6 * MiB }))).toEqual(['plenty', 'low', 'critical']);
});

it('does not come and go at the edge', () => {
  expect(spaceLevel(large(260), 'critical')).toBe('critical');
  expect(spaceLevel(large(330), 'critical')).toBe('low');
  expect(spaceLevel(large(1100), 'low')).toBe('low');
  expect(spaceLevel(large(1300), 'low')).toBe('plenty');
});

it('asks the file system, and knows nothing of folders that are not there', () => {
  const space = spaceOf(tmpdir())!;
  expect(space.total).toBeGreaterThan(space.free);
  expect(spaceOf('/there/is/no/such/folder')).toBeUndefined();
});
