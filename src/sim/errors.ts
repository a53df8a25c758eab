import type { Json, JsonObject } from '../exchange/json.ts';
import type { SimDialect } from './asked.ts';
import type { Scene } from './scene.ts';
import { vendorId } from './seeded.ts';

/** An error as a vendor words it. */
export interface VendorError {
  status: number;
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
  if (dialect === 'anthropic-messages') {
    return {
      type: 'error',
      error: { type: error.type, message: error.message, ...(error.details ? { details: error.details } : {}) },
      request_id: vendorId('req_011C', 20, `${seed} request`),
    };
  }
  return {
    error: { message: error.message, type: error.type, param: error.param ?? null, code: error.code ?? null, ...error.details },
  };
}

/** An HTTP error as the vendor sends it. */
export function errorScene(dialect: SimDialect, error: VendorError, seed: string): Scene {
  const id = vendorId(dialect === 'anthropic-messages' ? 'req_011C' : 'req_', 20, `${seed} request`);
  const vendor: Record<string, string> =
    dialect === 'anthropic-messages' ? { 'request-id': id, 'x-should-retry': retryable(error.status) } : { 'x-request-id': id };
  return jsonScene(error.status, errorBody(dialect, error, seed), { ...vendor, ...error.headers });
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

type Words = Record<SimDialect, Omit<VendorError, 'status'>>;

/** What each vendor calls the usual errors. Types from Anthropic's and OpenAI's error pages and SDKs (research/faults.md). */
const WORDS: Record<string, Words> = {
  invalid: words(
    'invalid_request_error',
    'messages.0.content: Field required',
    'invalid_request_error',
    "Invalid value for 'messages[0].content'.",
  ),
  auth: words('authentication_error', 'invalid x-api-key', 'invalid_request_error', 'Incorrect API key provided.', 'invalid_api_key'),
  billing: words('billing_error', 'There is a problem with your billing.', 'insufficient_quota', 'Payment required.', 'billing_not_active'),
  permission: words(
    'permission_error',
    'Your API key does not have permission to use the specified resource.',
    'request_forbidden',
    'Country, region, or territory not supported',
    'unsupported_country_region_territory',
  ),
  model: words(
    'not_found_error',
    'model: simulated-model',
    'invalid_request_error',
    'The model does not exist or you do not have access to it.',
    'model_not_found',
  ),
  timeout: words('timeout_error', 'Request timed out.', 'server_error', 'Request timed out.'),
  conflict: words('conflict_error', 'The resource was changed.', 'conflict_error', 'The resource was changed.'),
  tooLarge: words('request_too_large', 'Request exceeds the maximum size', 'invalid_request_error', 'Request body too large.'),
  unprocessable: words('invalid_request_error', 'Unprocessable.', 'invalid_request_error', 'Unprocessable.'),
  rate: words(
    'rate_limit_error',
    "This request would exceed your organization's rate limit of 50 requests per minute.",
    'requests',
    'Rate limit reached for requests.',
    'rate_limit_exceeded',
  ),
  internal: words('api_error', 'Internal server error', 'server_error', 'The server had an error while processing your request.'),
  overloaded: words(
    'overloaded_error',
    'Overloaded',
    'server_error',
    'The engine is currently overloaded, please try again later',
    'server_is_overloaded',
  ),
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

/** A usual error in a vendor's words. */
export function usualError(dialect: SimDialect, kind: UsualError, status: number, more: Partial<VendorError> = {}): VendorError {
  return { status, ...WORDS[kind]![dialect], ...more };
}

function words(anthropicType: string, anthropicMessage: string, openaiType: string, openaiMessage: string, openaiCode?: string): Words {
  return {
    'anthropic-messages': { type: anthropicType, message: anthropicMessage },
    'openai-chat': { type: openaiType, message: openaiMessage, ...(openaiCode === undefined ? {} : { code: openaiCode }) },
  };
}
