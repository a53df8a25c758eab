import type { Fault } from '../../exchange/fault.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { EncodedError } from '../dialect.ts';

/** Status and the word of google.rpc.Code that Google sends with it (https://ai.google.dev/gemini-api/docs/troubleshooting). */
interface Shape {
  code: number;
  status: string;
}

const INVALID: Shape = { code: 400, status: 'INVALID_ARGUMENT' };
const UNAVAILABLE: Shape = { code: 503, status: 'UNAVAILABLE' };

function shapeOf(fault: Fault): Shape {
  switch (fault.class) {
    case 'rate-limited':
    case 'quota':
      return { code: 429, status: 'RESOURCE_EXHAUSTED' };
    case 'auth':
      return fault.status === 403 ? { code: 403, status: 'PERMISSION_DENIED' } : { code: 401, status: 'UNAUTHENTICATED' };
    case 'model-not-found':
      return { code: 404, status: 'NOT_FOUND' };
    case 'too-long':
      return fault.symptom === 'too-large' || fault.status === 413 ? { ...INVALID, code: 413 } : INVALID;
    case 'bad-request':
      return fault.symptom === 'too-large' || fault.status === 413 ? { ...INVALID, code: 413 } : INVALID;
    case 'cancelled':
      return { code: 499, status: 'CANCELLED' };
    case 'local-network':
      return UNAVAILABLE;
    case 'provider-fault':
      if (fault.symptom.endsWith('-timeout')) return { code: 504, status: 'DEADLINE_EXCEEDED' };
      return isOverload(fault) ? UNAVAILABLE : { code: 500, status: 'INTERNAL' };
  }
}

/** A fault as Google would have said it. Gemini's clients look for the time to wait in the body, others in the header. */
export function encodeError(fault: Fault, exchange: string): EncodedError {
  const { code } = shapeOf(fault);
  return {
    status: code,
    headers: waits(fault) ? { 'retry-after': String(Math.ceil(fault.retryAfter / 1000)) } : {},
    body: errorBody(fault, exchange),
  };
}

/** Google's error object, as a body and as a frame in the stream. The request id is the exchange's, under which the record has it. */
export function errorBody(fault: Fault, exchange: string): JsonObject {
  const { code, status } = shapeOf(fault);
  const details: JsonObject[] = [{ '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId: exchange }];
  if (waits(fault)) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${Math.ceil(fault.retryAfter) / 1000}s` });
  }
  return { error: { code, message: fault.message, status, details } };
}

/** A wait is named only where asking again makes sense; an account without quota has none. */
function waits(fault: Fault): fault is Fault & { retryAfter: number } {
  return fault.retryAfter !== undefined && fault.class !== 'quota';
}

/** 503 and Anthropic's 529 say that it is too busy; `skipped` that a breaker held us off. */
function isOverload(fault: Fault): boolean {
  return fault.status === 503 || fault.status === 529 || fault.symptom === 'skipped' || fault.symptom === 'refused';
}
