import { describe, expect, test } from 'vitest';
import { judge } from './judge.ts';
import { corpora } from './recordings.ts';

const all = corpora();

describe.skipIf(all.recordings.length === 0)('recorded answers', () => {
  test('every one is read, passes untouched in its own dialect and says the same in every other to its official client', async () => {
    const { cells, problems } = await judge(all);
    expect(problems).toEqual([]);
    expect(cells.reduce((sum, { cases }) => sum + cases, 0)).toBe(all.recordings.length * 4);
    expect(all.recordings.length).toBeGreaterThan(250);
  }, 60_000);
});
