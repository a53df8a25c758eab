import { expect, test } from 'vitest';
import { killOften } from './kills.ts';

// A sample; `node test/crash/run.ts --kills 200` is the whole.
test('a server that is killed at random instants has everything that its clients had received', { timeout: 120_000 }, async () => {
  const report = await killOften({ kills: 5, seed: 3 });
  expect(report.wrong).toEqual([]);
  expect(report.lostBytes).toBe(0);
  expect(report.lostLater).toBe(0);
  expect(report.deliveredBytes).toBeGreaterThan(50_000);
  expect(report.states['interrupted']).toBeGreaterThan(10);
  expect(Object.keys(report.states)).not.toContain('missing');
});
