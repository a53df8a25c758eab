import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { ask, type Cell, cellName, cellsOf, type Outcome } from './cells.ts';
import { type House, openHouse } from './house.ts';
import { rawClient } from './raw-client.ts';
import { drained, kept, settled } from './recovery.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** A sample of `npm run test:all-down`: every dialect, streamed and not, every rule, for deaths that take no time. */
const CELLS = (['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const)
  .flatMap((dialect) => cellsOf({ name: `raw ${dialect}`, dialect, client: rawClient(dialect) }))
  .filter(({ death, stream }) => (stream ? death === '529' || death === 'broken' : death === 'refused'));

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test('everything is down: each client is told so; all recover: who holds on is answered, and so is all that was kept', async () => {
  const verdicts = async (cells: Cell[]): Promise<[string, Outcome['verdict']][]> =>
    Promise.all(cells.map(async (cell) => [cellName(cell), (await ask(cell, house)).verdict]));
  const wanted = (cell: Cell): [string, Outcome['verdict']] => {
    if (cell.rule === 'hold') return [cellName(cell), 'answered'];
    return [cellName(cell), cell.rule === 'off' || cell.death === 'broken' ? 'honest' : 'deferred'];
  };
  const [holding, others] = [CELLS.filter(({ rule }) => rule === 'hold'), CELLS.filter(({ rule }) => rule !== 'hold')];
  expect([holding.length, others.length]).toEqual([8, 36]);
  expect(await verdicts(others)).toEqual(others.map(wanted));

  const held = verdicts(holding);
  await settled(house);
  const waiting = await kept(house);
  expect(waiting.length).toBeGreaterThanOrEqual(16);
  await house.recover();
  const recovery = await drained(house, waiting);
  expect(recovery.problems).toEqual([]);
  expect(await held).toEqual(holding.map(wanted));
  // Nobody is run over: a canary or two for each route beside the answers.
  expect(recovery.asked).toBeLessThanOrEqual(3 * recovery.jobs);
});
