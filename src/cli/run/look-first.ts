import { getControl, readStatus } from '../control-api.ts';
import type { Front } from './front.ts';

/** Milliseconds: whoever is there says so at once. */
const LOOK = 3000;

/** An Understudy that has just been started may not have seen yet which models there are on this machine: it is asked to look before anybody says who answers. */
export async function lookFirst(front: Front): Promise<Front> {
  const { address, token, startedHere } = front;
  if (!startedHere) return front;
  const looked = await getControl(address, '/api/local/look', token, LOOK, {});
  if (!looked.ok) return front;
  const status = await readStatus(address, token, LOOK);
  return status.ok ? { ...front, report: status.value.report } : front;
}
