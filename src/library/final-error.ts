import { APICallError } from '@ai-sdk/provider';
import type { Fault, FaultClass } from '../exchange/fault.ts';

/** What HTTP says for it, for those who look at statuses. */
const STATUS: Record<FaultClass, number> = {
  'provider-fault': 503,
  'rate-limited': 429,
  quota: 402,
  auth: 401,
  'model-not-found': 404,
  'bad-request': 400,
  'too-long': 413,
  'local-network': 503,
  cancelled: 499,
};

/**
 * The one error that the caller gets when nobody could answer, or nobody could finish. It is not to be tried again at once (`isRetryable`):
 * all that could be tried has been. `data.fault` has the particulars.
 */
export function finalError(fault: Fault, exchange: string): APICallError {
  const { retryAfter } = fault;
  return new APICallError({
    message: fault.message,
    url: `understudy:${exchange}`,
    requestBodyValues: {},
    statusCode: STATUS[fault.class],
    responseHeaders: {
      'x-understudy-exchange': exchange,
      ...(retryAfter !== undefined && { 'retry-after': String(Math.ceil(retryAfter / 1000)) }),
    },
    isRetryable: false,
    data: { fault },
  });
}
