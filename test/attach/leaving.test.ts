import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { call, DIALECTS, type House, openHouse, until } from './house.ts';
import { asking } from './questions.ts';

// Slow machines are slow; what hangs is found by then.
vi.setConfig({ testTimeout: 60_000 });

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

describe('whenClientLeaves', () => {
  for (const dialect of DIALECTS) {
    for (const stream of [true, false]) {
      const form = `${dialect}, ${stream ? 'streamed' : 'whole'}`;

      /** Asks, and leaves while the answer is under way. */
      async function leave(route: string, pace: number): Promise<string> {
        const before = house.paid();
        const client = call(house, asking(dialect, stream, `${route}-${dialect}`, `words=60 pace=${pace}ms`));
        await (stream ? client.speaking : until(() => house.paid() > before));
        const [exchange] = await house.exchanges('?limit=1');
        client.leave();
        return exchange!.id;
      }

      test(`finish: the answer is whole in the journal: ${form}`, async () => {
        const id = await leave('finish', 3);
        await until(async () => (await house.exchange(id)).state !== 'running');
        const kept = await house.exchange(id);
        expect(kept.state).toBe('complete');
        expect(kept.text!.split(' ').length).toBeGreaterThan(50);
        expect(house.sim.requests().at(-1)!.state).toBe('done');
      });

      test(`cancel: the provider is stopped: ${form}`, async () => {
        // Half a minute: it can only be over because it was stopped.
        const id = await leave('cancel', 500);
        await until(() => house.sim.requests().at(-1)!.state === 'left');
        await until(async () => (await house.exchange(id)).state !== 'running');
        expect(await house.exchange(id)).toMatchObject({ state: 'cancelled', attempts: [{ outcome: 'cancelled' }] });
      });
    }
  }
});
