import { expect, test } from 'vitest';
import { crashOnce } from './testing/crash.ts';
import { testFolder } from './testing/folder.ts';

test('killed at a random instant, ten times on the same folder: everything delivered is there', async () => {
  using folder = testFolder();
  let delivered = 0;
  let interrupted = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const report = await crashOnce(folder.path, seed);
    expect(report.lost).toEqual([]);
    delivered += report.delivered;
    interrupted += report.interrupted;
  }
  expect(delivered).toBeGreaterThan(1000);
  expect(interrupted).toBeGreaterThan(20);
}, 60_000);
