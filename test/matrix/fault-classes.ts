import type { FaultClass } from '../../src/exchange/fault.ts';

/** A class that is missing here does not compile. */
const CLASSES: Record<FaultClass, true> = {
  'provider-fault': true,
  'rate-limited': true,
  'local-network': true,
  quota: true,
  auth: true,
  'model-not-found': true,
  'bad-request': true,
  'too-long': true,
  cancelled: true,
};

export const FAULT_CLASSES = Object.keys(CLASSES) as FaultClass[];
