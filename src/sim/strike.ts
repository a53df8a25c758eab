import type { JsonObject } from '../exchange/json.ts';
import type { SimServer } from './serve.ts';

/** A fault from now on, for every request. Throws where the catalogue does not have it. */
export function strike(sim: SimServer, fault: string): void {
  const set = sim.setFaults([{ fault, schedule: { type: 'ever' } }]);
  if (!set.ok) throw new Error(set.error);
}

/** What it was asked last. */
export function lastBody(sim: SimServer): JsonObject {
  return JSON.parse(sim.requests().at(-1)!.body.toString()) as JsonObject;
}
