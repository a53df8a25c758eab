import type { Fault } from '../../exchange/fault.ts';

const CODE = 'understudy-deferred';

/** What a client is told whose request is kept because nobody could answer it. `exchange`: the id that it is kept under. */
export function deferredFault(fault: Fault, exchange: string): Fault {
  const place = `/api/exchanges/${exchange}`;
  return {
    class: 'provider-fault',
    symptom: 'status',
    code: CODE,
    message:
      `Nobody can answer right now. Your request is kept as ${exchange}. POST ${place}/run asks it again, as does the same request under the same Idempotency-Key; ` +
      `its answer is then at GET ${place}/answer. POST ${place}/cancel gives it up. What failed: ${fault.message}`,
  };
}

export function isDeferred(fault: Fault): boolean {
  return fault.code === CODE;
}
