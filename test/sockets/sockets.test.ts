import { describe, expect, it } from 'vitest';
import { table } from '../matrix/tally.ts';
import { edgeCells, frameEdges } from './edges.ts';
import { FLOWING } from './run-cell.ts';
import { factorsOf, pairwiseCells, SDKS, type SocketCell, socketCells } from './socket-cell.ts';
import { calmDay, tallySockets } from './tally.ts';

(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;

const SEED = 20260602;
const CHOSEN = pairwiseCells(SEED);

// Samples, without what flows for half a minute; `node test/sockets/run.ts` and `node test/sockets/run.ts --cuts` run everything.
describe('official clients over real sockets', () => {
  const calm = calmDay();

  it('every 11th cell of the pairwise selection ends whole or with a clean error', { timeout: 120_000 }, async () => {
    const cells = CHOSEN.filter((cell, index) => index % 11 === 3 && !FLOWING.has(cell.fault.id));
    const result = await tallySockets(cells, await calm);
    console.log(table(result));
    expect(result.broken).toEqual([]);
    expect(result.unrescued).toEqual([]);
    expect(result.cells).toBeGreaterThan(90);
  });

  it('streams cut at every 16th frame edge and sampled byte do too', { timeout: 120_000 }, async () => {
    const cells = edgeCells(await calm, SEED).filter((_, index) => index % 16 === 1);
    const result = await tallySockets(cells, await calm);
    console.log(table(result));
    expect(result.broken).toEqual([]);
    expect(result.unrescued).toEqual([]);
    expect(result.cells).toBeGreaterThan(50);
  });
});

/** The values of each factor, and which fault meets which client. */
function valuesOf(cells: Iterable<SocketCell>): { cells: number; factors: Set<unknown>[]; meetings: Set<string> } {
  const found = { cells: 0, factors: [] as Set<unknown>[], meetings: new Set<string>() };
  for (const cell of cells) {
    found.cells += 1;
    for (const [factor, value] of factorsOf(cell).entries()) (found.factors[factor] ??= new Set()).add(value);
    found.meetings.add(`${cell.sdk} ${cell.fault.id}`);
  }
  return found;
}

describe('the selection', () => {
  it('has every value of every factor, and every fault with every client that can meet it', { timeout: 60_000 }, () => {
    const chosen = valuesOf(CHOSEN);
    const all = valuesOf(socketCells());
    expect(chosen).toEqual({ ...all, cells: CHOSEN.length });
    expect(chosen.meetings.size).toBeGreaterThan(90 * Object.keys(SDKS).length);
    expect(CHOSEN.length).toBeLessThan(all.cells / 500);
  });

  it('knows the edges of frames', () => {
    expect(frameEdges(Buffer.from('a: 1\n\ndata: 2\n\n'))).toEqual([0, 6, 15]);
    expect(frameEdges(Buffer.from('data: 1\r\n\r\ndata: 2\r\n\r\n'))).toEqual([0, 11, 22]);
  });
});
