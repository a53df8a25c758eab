import { CONNECTION_FAULTS, HEADER_FAULTS } from './connection.ts';
import type { Fault } from './fault.ts';
import { MEANING_FAULTS } from './meaning.ts';
import { STATUS_FAULTS } from './status.ts';
import { STREAM_FAULTS } from './stream.ts';
import { TIME_FAULTS } from './time.ts';
import { TRANSFER_FAULTS } from './transfer.ts';

/** Every way of failing that the simulated providers know, groups A to F of the catalogue (docs/failover.md). */
export const FAULTS: readonly Fault[] = [
  ...CONNECTION_FAULTS,
  ...HEADER_FAULTS,
  ...STATUS_FAULTS,
  ...STREAM_FAULTS,
  ...TRANSFER_FAULTS,
  ...MEANING_FAULTS,
  ...TIME_FAULTS,
];

export function faultById(id: string): Fault | undefined {
  return FAULTS.find((fault) => fault.id === id);
}
