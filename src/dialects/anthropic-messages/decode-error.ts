import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { WireError } from '../../exchange/fault.ts';
import type { Headers } from '../dialect.ts';

/** Longest message that is passed on to people. */
const LONGEST_MESSAGE = 500;

/**
 * Reads a provider's error from an HTTP answer. Under an error status there always is one, whatever the body looks like;
 * under 200 only if the body says so. Proxies in between send HTML, plain text, arrays and JSON in a JSON string.
 */
export function decodeError(status: number, headers: Headers, body: string, known?: JsonObject): WireError | undefined {
  const parsed = known ?? parseLoosely(body);
  const said = isObject(parsed) ? readErrorBody(parsed) : undefined;
  if (!said && status < 400) return undefined;
  const retryAfter = readRetryAfter(headers) ?? said?.retryAfter ?? (status === 429 ? readReset(headers) : undefined);
  const requestId = headers['request-id'] ?? said?.requestId ?? headers['x-request-id'] ?? headers['cf-ray'];
  const { message = describe(status, body), ...rest } = said ?? {};
  return {
    ...rest,
    status,
    message,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** An error object of Anthropic's, or one that is near enough; `undefined` when the body is none. */
export function readErrorBody(body: JsonObject): WireError | undefined {
  const error = body.error;
  if (typeof error === 'string') return { message: cut(error), ...requestId(body) };
  if (!isObject(error)) {
    return body.type === 'error' ? { message: typeof body.message === 'string' ? cut(body.message) : 'error without details' } : undefined;
  }
  const details = isObject(error.details) ? error.details : {};
  const code = details.error_code ?? error.code;
  const wait = error.retry_after ?? body.retry_after;
  return {
    ...(typeof error.type === 'string' && { type: error.type }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
    message: typeof error.message === 'string' && error.message !== '' ? cut(error.message) : `error without a message`,
    ...(typeof error.param === 'string' && { param: error.param }),
    ...(typeof wait === 'number' && wait >= 0 && { retryAfter: wait * 1000 }),
    ...requestId(body),
  };
}

function requestId(body: JsonObject): { requestId?: string } {
  return typeof body.request_id === 'string' ? { requestId: body.request_id } : {};
}

/** JSON, perhaps in an array, perhaps in a string. */
function parseLoosely(body: string): Json | undefined {
  let value: Json;
  try {
    value = JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
  if (typeof value === 'string') return value === body ? undefined : parseLoosely(value);
  return Array.isArray(value) ? value[0] : value;
}

/** `retry-after-ms`, or `retry-after` in seconds or as an HTTP date, which needs the server's own `date` to be read without a clock. */
function readRetryAfter(headers: Headers): number | undefined {
  const exact = headers['retry-after-ms'];
  if (exact !== undefined && isNumber(exact)) return Number(exact);
  const after = headers['retry-after'];
  if (after === undefined) return undefined;
  if (isNumber(after)) return Number(after) * 1000;
  const wait = Date.parse(after) - Date.parse(headers.date ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** Where nothing says how long to wait: until the last of the limits that are used up is reset. */
function readReset(headers: Headers): number | undefined {
  const now = Date.parse(headers.date ?? '');
  const waits = ['requests', 'tokens', 'input-tokens', 'output-tokens']
    .filter((limit) => headers[`anthropic-ratelimit-${limit}-remaining`] === '0')
    .map((limit) => Date.parse(headers[`anthropic-ratelimit-${limit}-reset`] ?? '') - now)
    .filter((wait) => wait >= 0);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function isNumber(value: string): boolean {
  return /^\s*\d+(\.\d+)?\s*$/.test(value);
}

/** The title of an HTML page, or the first words of anything else. */
function describe(status: number, body: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(body)?.[1] ?? (/^\s*</.test(body) ? '' : body);
  const words = title.replace(/\s+/g, ' ').trim().slice(0, 120);
  return words === '' ? `HTTP ${status} without an explanation` : `HTTP ${status}: ${words}`;
}

function cut(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}
