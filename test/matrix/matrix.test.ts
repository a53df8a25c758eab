import { describe, expect, it } from 'vitest';
import { allCells } from './cell.ts';
import { cutCells } from './cuts.ts';
import { table, tally } from './tally.ts';

// Samples; `npm run test:matrix` and `npm run test:cuts` run everything.
describe('the fault matrix, every 397th cell', () => {
  it('keeps every promise and rescues whatever a backup can rescue', { timeout: 120_000 }, async () => {
    const result = await tally(allCells().filter((_, index) => index % 397 === 5));
    console.log(table(result));
    expect(result.broken).toEqual([]);
    expect(result.unrescued).toEqual([]);
    expect(result.cells).toBeGreaterThan(1500);
  });
});

describe('streams cut at every 601st byte', () => {
  it('end whole or with a clean error, wherever they are cut', { timeout: 120_000 }, async () => {
    const result = await tally(cutCells(601, 7));
    expect(result.broken).toEqual([]);
    expect(result.unrescued).toEqual([]);
    expect(result.cells).toBeGreaterThan(1000);
  });
});
