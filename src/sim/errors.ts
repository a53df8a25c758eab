import type { Json, JsonObject } from '../exchange/json.ts';
import type { SimDialect } from './asked.ts';
import type { Scene } from './scene.ts';
import { vendorId } from './seeded.ts';

/** An error as a vendor words it. */
export interface VendorError {
  status: number;
  /** Gemini: the status word (`RESOURCE_EXHAUSTED`). */
  type: string;
  message: string;
  /** OpenAI only. */
  code?: string;
  param?: string;
  headers?: Record<string, string>;
  /** More fields of the inner object (`details`). */
  details?: JsonObject;
}

/** The body of an error; the same object rides in a stream's error frame. */
export function errorBody(dialect: SimDialect, error: VendorError, seed: string): JsonObject {
  switch (dialect) {
    case 'anthropic-messages':
      return {
        type: 'error',
        error: { type: error.type, message: error.message, ...(error.details ? { details: error.details } : {}) },
        request_id: vendorId('req_011C', 20, `${seed} request`),
      };
    case 'openai-chat':
    case 'openai-responses':
      return {
        error: { message: error.message, type: error.type, param: error.param ?? null, code: error.code ?? null, ...error.details },
      };
    case 'gemini':
      return { error: { code: error.status, message: error.message, status: error.type, ...error.details } };
  }
}

/** An HTTP error as the vendor sends it. */
export function errorScene(dialect: SimDialect, error: VendorError, seed: string): Scene {
  const body = errorBody(dialect, error, seed);
  if (dialect === 'gemini') {
    const bytes = Buffer.from(`${JSON.stringify(body, undefined, 2)}\n`);
    return bodyScene(error.status, 'application/json; charset=UTF-8', bytes, error.headers);
  }
  const id = vendorId(dialect === 'anthropic-messages' ? 'req_011C' : 'req_', 20, `${seed} request`);
  const vendor: Record<string, string> =
    dialect === 'anthropic-messages' ? { 'request-id': id, 'x-should-retry': retryable(error.status) } : { 'x-request-id': id };
  return jsonScene(error.status, body, { ...vendor, ...error.headers });
}

function retryable(status: number): string {
  return String(status === 408 || status === 409 || status === 429 || status >= 500);
}

export function jsonScene(status: number, body: Json, headers: Record<string, string> = {}): Scene {
  return bodyScene(status, 'application/json', Buffer.from(JSON.stringify(body)), headers);
}

/** A whole body under a status. */
export function bodyScene(status: number, contentType: string, bytes: Buffer, headers: Record<string, string> = {}): Scene {
  return [
    {
      type: 'head',
      status,
      headers: { 'content-type': contentType, 'content-length': String(bytes.length), server: 'simulated', ...headers },
    },
    { type: 'write', bytes, mark: { kind: 'body', part: 0 } },
    { type: 'end' },
  ];
}

/** The page that stands in front of a service that is down. */
export function htmlScene(status: number, title: string, headers: Record<string, string> = {}): Scene {
  const page = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>Simulated page.</p></body></html>\n`;
  return bodyScene(status, 'text/html; charset=UTF-8', Buffer.from(page), headers);
}

type Words = [type: string, message: string, code?: string];
/** In the words of Anthropic, OpenAI (both dialects) and Google. */
type AllWords = [anthropic: Words, openai: Words, google: Words];

/**
 * What each vendor calls the usual errors. Types from Anthropic's and OpenAI's error pages and SDKs (research/faults.md), Google's
 * status words from ai.google.dev/gemini-api/docs/troubleshooting.
 */
const WORDS: Record<UsualError, AllWords> = {
  invalid: [
    ['invalid_request_error', 'messages.0.content: Field required'],
    ['invalid_request_error', "Invalid value for 'messages[0].content'."],
    ['INVALID_ARGUMENT', 'Invalid value at \'contents[0]\' (oneof), oneof field "data" is already set.'],
  ],
  auth: [
    ['authentication_error', 'invalid x-api-key'],
    ['invalid_request_error', 'Incorrect API key provided.', 'invalid_api_key'],
    [
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
    ],
  ],
  billing: [
    ['billing_error', 'There is a problem with your billing.'],
    ['insufficient_quota', 'Payment required.', 'billing_not_active'],
    [
      'FAILED_PRECONDITION',
      'Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio.',
    ],
  ],
  permission: [
    ['permission_error', 'Your API key does not have permission to use the specified resource.'],
    ['request_forbidden', 'Country, region, or territory not supported', 'unsupported_country_region_territory'],
    ['PERMISSION_DENIED', 'Your project has been denied access. Please contact support.'],
  ],
  model: [
    ['not_found_error', 'model: simulated-model'],
    ['invalid_request_error', 'The model does not exist or you do not have access to it.', 'model_not_found'],
    ['NOT_FOUND', 'models/simulated-model is not found for API version v1beta, or is not supported for generateContent.'],
  ],
  timeout: [
    ['timeout_error', 'Request timed out.'],
    ['server_error', 'Request timed out.'],
    ['DEADLINE_EXCEEDED', 'Deadline expired before operation could complete.'],
  ],
  conflict: [
    ['conflict_error', 'The resource was changed.'],
    ['conflict_error', 'The resource was changed.'],
    ['ABORTED', 'The operation was aborted.'],
  ],
  tooLarge: [
    ['request_too_large', 'Request exceeds the maximum size'],
    ['invalid_request_error', 'Request body too large.'],
    ['INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'],
  ],
  unprocessable: [
    ['invalid_request_error', 'Unprocessable.'],
    ['invalid_request_error', 'Unprocessable.'],
    ['INVALID_ARGUMENT', 'Unprocessable.'],
  ],
  rate: [
    ['rate_limit_error', "This request would exceed your organization's rate limit of 50 requests per minute."],
    ['requests', 'Rate limit reached for requests.', 'rate_limit_exceeded'],
    ['RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  ],
  internal: [
    ['api_error', 'Internal server error'],
    ['server_error', 'The server had an error while processing your request.'],
    ['INTERNAL', 'An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting'],
  ],
  overloaded: [
    ['overloaded_error', 'Overloaded'],
    ['server_error', 'The engine is currently overloaded, please try again later', 'server_is_overloaded'],
    ['UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  ],
};

export type UsualError =
  | 'invalid'
  | 'auth'
  | 'billing'
  | 'permission'
  | 'model'
  | 'timeout'
  | 'conflict'
  | 'tooLarge'
  | 'unprocessable'
  | 'rate'
  | 'internal'
  | 'overloaded';

const VENDOR: Record<SimDialect, 0 | 1 | 2> = { 'anthropic-messages': 0, 'openai-chat': 1, 'openai-responses': 1, gemini: 2 };

/** A usual error in a vendor's words. Only Anthropic has a status 529 of its own; Google says 503. */
export function usualError(dialect: SimDialect, kind: UsualError, status: number, more: Partial<VendorError> = {}): VendorError {
  const [type, message, code] = WORDS[kind][VENDOR[dialect]];
  const own = dialect === 'gemini' && status === 529 ? 503 : status;
  return { status: own, type, message, ...(code === undefined ? {} : { code }), ...more };
}
