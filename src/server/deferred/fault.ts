import type { Fault } from '../../exchange/fault.ts';
import type { JobState } from '../../queue/job.ts';
import { moment } from '../../failover/exhausted.ts';

const CODE = 'understudy-deferred';

/**
 * What a client is told whose request is kept because nobody could answer it: since when, what becomes of it, what was tried. `exchange`: the
 * id that it is kept under.
 */
export function deferredFault(fault: Fault, exchange: string): Fault {
  const place = `/api/exchanges/${exchange}`;
  return {
    class: 'provider-fault',
    symptom: 'status',
    code: CODE,
    message:
      `Nobody can answer right now${fault.since === undefined ? '' : ` (since ${moment(fault.since)})`}. Your request is kept as ${exchange}, and asked again by itself when somebody can. ` +
      `Its answer is then at GET ${place}/answer, and the same request gets it too. POST ${place}/run asks it again now, POST ${place}/cancel gives it up. ` +
      `What was tried: ${fault.message}`,
  };
}

/** What is told of a request that was kept and is not asked again any more. `state`: as the queue says, where it knows. */
export function givenUpFault(exchange: string, state: JobState | undefined, reason: string): Fault {
  const why = {
    failed: 'no repetition can cure what is wrong with it',
    expired: 'nobody could answer it in its time',
    cancelled: 'it was cancelled',
  };
  const said = state === 'failed' || state === 'expired' || state === 'cancelled' ? why[state] : 'it was given up';
  return {
    class: state === 'failed' ? 'bad-request' : 'provider-fault',
    symptom: 'status',
    code: 'understudy-given-up',
    message: `The request ${exchange} was kept, and is not asked again: ${said}. Last: ${reason}`,
  };
}

/** The same where nothing is kept. `keeps`: it would be, if that were asked for. */
export function unkeptFault(fault: Fault, keeps: boolean): Fault {
  const seconds = fault.retryAfter === undefined ? undefined : Math.ceil(fault.retryAfter / 1000);
  const when = seconds === undefined ? 'later' : seconds < 120 ? `in ${seconds} s` : `in ${Math.ceil(seconds / 60)} min`;
  const how = keeps ? '; with the header x-understudy-queue: allow it is kept until somebody can answer, where it can be' : '';
  return { ...fault, message: `${fault.message.replace(/[.!?]?$/, '.')} This request is not kept: ask again ${when}${how}.` };
}

export function isDeferred(fault: Fault): boolean {
  return fault.code === CODE;
}
