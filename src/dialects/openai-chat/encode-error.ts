import type { Fault } from '../../exchange/fault.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { EncodedError } from '../dialect.ts';

interface Shape {
  status: number;
  type: string;
  code: string | null;
  /** OpenAI's SDKs try 408, 409, 429 and 5xx again by themselves; this header tells them when it is no use. */
  retry: boolean;
}

const TIMEOUTS = new Set(['connect-timeout', 'headers-timeout', 'first-event-timeout', 'idle-timeout', 'total-timeout']);

function shape(fault: Fault): Shape {
  switch (fault.class) {
    case 'rate-limited':
      return { status: 429, type: 'requests', code: 'rate_limit_exceeded', retry: true };
    case 'quota':
      return { status: 429, type: 'insufficient_quota', code: 'insufficient_quota', retry: false };
    case 'auth':
      if (fault.status === 403)
        return { status: 403, type: 'invalid_request_error', code: fault.code ?? 'permission_denied', retry: false };
      return { status: 401, type: 'invalid_request_error', code: 'invalid_api_key', retry: false };
    case 'model-not-found':
      return { status: 404, type: 'invalid_request_error', code: 'model_not_found', retry: false };
    case 'too-long':
      return { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded', retry: false };
    case 'bad-request':
      return { status: clientStatus(fault.status), type: 'invalid_request_error', code: fault.code ?? null, retry: false };
    case 'cancelled':
      // nginx's number for a client that went away; nobody is there to read it.
      return { status: 499, type: 'invalid_request_error', code: 'request_cancelled', retry: false };
    case 'local-network':
      return { status: 503, type: 'server_error', code: 'network_unreachable', retry: true };
    case 'provider-fault':
      if (TIMEOUTS.has(fault.symptom)) return { status: 504, type: 'server_error', code: 'timeout', retry: true };
      if (isOverload(fault)) return { status: 503, type: 'server_error', code: 'server_is_overloaded', retry: true };
      return { status: 500, type: 'server_error', code: 'server_error', retry: true };
  }
}

export function encodeError(fault: Fault, exchange: string): EncodedError {
  const { status, retry } = shape(fault);
  const headers: Record<string, string> = { 'x-request-id': exchange, 'x-should-retry': String(retry) };
  if (retry && fault.retryAfter !== undefined) {
    headers['retry-after'] = String(Math.ceil(fault.retryAfter / 1000));
    headers['retry-after-ms'] = String(Math.ceil(fault.retryAfter));
  }
  return { status, headers, body: errorBody(fault) };
}

/** OpenAI's error object, as a body and as a frame in the stream. */
export function errorBody(fault: Fault): JsonObject {
  const { type, code } = shape(fault);
  return { error: { message: fault.message, type, param: null, code } };
}

/** 503 and Anthropic's 529 say that it is too busy; `skipped` that a breaker held us off. */
function isOverload(fault: Fault): boolean {
  return fault.status === 503 || fault.status === 529 || fault.symptom === 'skipped' || fault.symptom === 'refused';
}

function clientStatus(status: number | undefined): number {
  // 408, 409 and 429 would be tried again.
  return status !== undefined && status >= 400 && status < 500 && status !== 401 && status !== 408 && status !== 409 && status !== 429
    ? status
    : 400;
}
