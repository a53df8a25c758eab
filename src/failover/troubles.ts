import type { Clock } from '../exchange/clock.ts';
import type { Fault } from '../exchange/fault.ts';
import { targetName } from '../exchange/target.ts';
import type { AdmissionControl } from './admission.ts';
import { passes } from './exhausted.ts';

/** Since when each target has answered nobody, as far as requests have shown. */
export interface Troubles extends AdmissionControl {
  /** By `targetName`, in UTC ms: its first failure since it answered last. `undefined`: it has not failed since, or nobody has asked it. */
  since(target: string): number | undefined;
}

/** More than anybody configures: names of models come from clients. */
const MOST = 1000;

export function createTroubles(clock: Clock): Troubles {
  /** Oldest first. */
  const first = new Map<string, number>();

  function failed(name: string, fault: Fault): void {
    if (!passes(fault) || first.has(name)) return;
    const oldest = first.keys().next();
    if (first.size >= MOST && !oldest.done) first.delete(oldest.value);
    first.set(name, clock.now());
  }

  return {
    since: (target) => first.get(target),
    refusal: () => undefined,
    begin: ({ planned }) => ({
      settled(result) {
        const name = targetName(planned.target);
        if (result === 'given-up') return;
        if (result.type === 'whole') first.delete(name);
        else failed(name, result.fault);
      },
    }),
  };
}
