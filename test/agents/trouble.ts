import type { Position } from '../../src/sim/position.ts';
import { seeded } from '../../src/sim/seeded.ts';
import type { FaultRule } from '../../src/sim/sim-provider.ts';

const FAULTS: readonly { fault: string; position?: Position }[] = [
  { fault: '529' },
  { fault: '500' },
  { fault: '502-html' },
  { fault: '429' },
  { fault: 'hang' },
  { fault: 'hang-after-headers' },
  { fault: 'reset-before-headers' },
  { fault: 'empty-stream' },
  { fault: 'error-event', position: 'text-middle' },
  { fault: 'error-event', position: 'arguments' },
  { fault: 'stall', position: 'text-middle' },
  { fault: 'stall', position: 'arguments' },
  { fault: 'reset-inside', position: 'text-middle' },
  { fault: 'cut-inside', position: 'arguments' },
  { fault: 'cut-edge', position: 'after-calls' },
  { fault: 'clean-end', position: 'text-middle' },
  { fault: 'clean-end', position: 'arguments' },
  { fault: 'missing-terminator' },
];

/** Every fault at random, so that about `share` of the requests meet one. */
export function randomTrouble(seed: number, share: number): FaultRule[] {
  const random = seeded(seed);
  const order = FAULTS.map((fault) => ({ fault, place: random() })).toSorted((one, other) => one.place - other.place);
  const each = 1 - (1 - share) ** (1 / FAULTS.length);
  return order.map(({ fault }) => ({
    ...fault,
    schedule: { type: 'probability', p: each, seed: Math.floor(random() * 2 ** 31) },
  }));
}
