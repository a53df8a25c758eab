import type { Fault, FaultClass } from '../../exchange/fault.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { EncodedError } from '../dialect.ts';

interface Shape {
  status: number;
  /** https://docs.claude.com/en/api/errors */
  type: string;
}

const SHAPES: Record<FaultClass, Shape> = {
  'provider-fault': { status: 500, type: 'api_error' },
  'rate-limited': { status: 429, type: 'rate_limit_error' },
  quota: { status: 402, type: 'billing_error' },
  auth: { status: 401, type: 'authentication_error' },
  'model-not-found': { status: 404, type: 'not_found_error' },
  'bad-request': { status: 400, type: 'invalid_request_error' },
  'too-long': { status: 400, type: 'invalid_request_error' },
  'local-network': { status: 500, type: 'api_error' },
  cancelled: { status: 499, type: 'api_error' },
};

const OVERLOADED: Shape = { status: 529, type: 'overloaded_error' };
const TIMEOUT: Shape = { status: 504, type: 'timeout_error' };
const TOO_LARGE: Shape = { status: 413, type: 'request_too_large' };
const FORBIDDEN: Shape = { status: 403, type: 'permission_error' };

/** A fault as Anthropic would have said it. The request id is the exchange's, under which the user finds it in the record. */
export function encodeError(fault: Fault, exchange: string): EncodedError {
  const { status } = shapeOf(fault);
  return {
    status,
    headers: {
      'request-id': exchange,
      // Whole seconds are what every client reads; rounded up, so that nobody comes too early.
      ...(fault.retryAfter !== undefined && { 'retry-after': String(Math.ceil(fault.retryAfter / 1000)) }),
    },
    body: errorBody(fault, exchange),
  };
}

export function errorBody(fault: Fault, exchange: string): JsonObject {
  return { type: 'error', error: { type: shapeOf(fault).type, message: fault.message }, request_id: exchange };
}

function shapeOf(fault: Fault): Shape {
  const refused = fault.class === 'bad-request' || fault.class === 'too-long';
  if (refused && (fault.symptom === 'too-large' || fault.status === 413)) return TOO_LARGE;
  if (fault.class === 'auth' && fault.status === 403) return FORBIDDEN;
  if (fault.class !== 'provider-fault') return SHAPES[fault.class];
  if (fault.symptom.endsWith('-timeout')) return TIMEOUT;
  return fault.status === 529 || fault.status === 503 || fault.code === 'overloaded_error' ? OVERLOADED : SHAPES['provider-fault'];
}
