import { expect, it } from 'vitest';
import { fuzz } from './fuzz.ts';

it('no spoilt or invented file crashes an import, and nothing is left out in silence (a sample; node test/import-fuzz/run.ts for more)', async () => {
  const { complaints } = await fuzz({ inputs: 2000, seed: 20_261_122 });
  expect(complaints).toEqual([]);
}, 120_000);
