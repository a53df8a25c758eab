import type { WireError } from '../../exchange/fault.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Headers } from '../dialect.ts';

/**
 * An error that a provider wrote, from an HTTP answer. Every status outside of 2xx is one, whatever its body says; under 2xx
 * only a body that speaks of an error and has no choices is.
 */
export function decodeError(status: number, headers: Headers, body: string, known?: JsonObject): WireError | undefined {
  const parsed = known ?? unpack(parse(body));
  const success = status >= 200 && status < 300;
  if (success && (!isObject(parsed) || !saysError(parsed))) return undefined;
  const error: WireError = isObject(parsed) ? readError(parsed) : { message: plain(status, typeof parsed === 'string' ? parsed : body) };
  if (error.message === '') error.message = `the provider answered with status ${status} and said nothing more`;
  if (!success) error.status = status;
  const wait = retryAfter(headers) ?? error.retryAfter;
  if (wait !== undefined) error.retryAfter = wait;
  const requestId = headers['x-request-id'] ?? headers['request-id'] ?? headers['apim-request-id'] ?? headers['cf-ray'];
  if (requestId) error.requestId ??= requestId;
  return error;
}

/**
 * The shapes that have been seen: `{error: {message, type, param, code}}`, `{error: "…"}`, an error without the wrapping
 * (vLLM, Mistral), `{detail}` (FastAPI), `{status: "come back later"}` (Cloudflare before OpenAI), `{errors: […]}`,
 * `{x_groq: {error}}`. Numeric codes of Cloudflare and OpenRouter are statuses.
 */
export function readError(body: JsonObject): WireError {
  const groq = isObject(body.x_groq) ? body.x_groq.error : undefined;
  const inner = body.error ?? groq ?? (Array.isArray(body.errors) ? body.errors[0] : undefined);
  if (typeof inner === 'string') {
    const nested = unpack(parse(inner));
    if (isObject(nested) && saysError(nested)) return readError(nested);
    const error: WireError = { message: inner };
    if (typeof body.message === 'string' && body.message !== '') error.message = `${inner}: ${body.message}`;
    fill(error, body);
    return error;
  }
  const source = isObject(inner) ? inner : body;
  const nested = typeof source.message === 'string' ? unpack(parse(source.message)) : undefined;
  if (isObject(nested) && saysError(nested)) return { ...readError(nested), ...codes(source) };
  const error: WireError = { message: words(source) };
  fill(error, source);
  return error;
}

function fill(error: WireError, source: JsonObject): void {
  Object.assign(error, codes(source));
  if (typeof source.param === 'string') error.param = source.param;
  const requestId = source.request_id;
  if (typeof requestId === 'string') error.requestId = requestId;
  const wait = waitInBody(source, error.message);
  if (wait !== undefined) error.retryAfter = wait;
}

function codes(source: JsonObject): Partial<WireError> {
  const found: Partial<WireError> = {};
  // Google's compatible endpoint has its word in `status` and a number in `code`.
  const type = typeof source.type === 'string' && source.type !== 'error' ? source.type : undefined;
  const word = typeof source.code === 'string' ? source.code : typeof source.status === 'string' ? source.status : undefined;
  if (type) found.type = type;
  if (word) found.code = word;
  if (typeof source.code === 'number') {
    if (source.code >= 400 && source.code < 600) found.status = source.code;
    found.code ??= String(source.code);
  }
  return found;
}

function words(source: JsonObject): string {
  if (typeof source.message === 'string') return source.message;
  const detail = source.detail;
  if (typeof detail === 'string') return detail;
  if (Array.isArray(detail)) {
    return detail
      .map((entry) => {
        if (!isObject(entry)) return String(entry);
        const place = Array.isArray(entry.loc) ? `${entry.loc.join('.')}: ` : '';
        return `${place}${typeof entry.msg === 'string' ? entry.msg : JSON.stringify(entry)}`;
      })
      .join('; ');
  }
  if (isObject(detail)) return words(detail);
  if (typeof source.status === 'string') return source.status;
  return Object.keys(source).length === 0 ? '' : JSON.stringify(source).slice(0, 500);
}

function saysError(body: JsonObject): boolean {
  if (Array.isArray(body.choices) && body.choices.length > 0) return false;
  if (body.error !== undefined && body.error !== null && body.error !== false && body.error !== '') return true;
  if (body.object === 'error' || body.type === 'error' || body.status === 'come back later') return true;
  return typeof body.detail === 'string' || (Array.isArray(body.errors) && body.errors.length > 0);
}

/** `[{error}]` and JSON inside a JSON string. */
function unpack(value: Json | undefined): Json | undefined {
  if (Array.isArray(value) && isObject(value[0])) return value[0];
  if (typeof value !== 'string') return value;
  const inner = parse(value);
  return isObject(inner) || Array.isArray(inner) ? unpack(inner) : value;
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** A proxy's page or a bare line: its title or its beginning. */
function plain(status: number, body: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim() || /<h1[^>]*>([^<]*)<\/h1>/i.exec(body)?.[1]?.trim();
  if (title) return `status ${status} with a web page instead of an answer: ${title.slice(0, 200)}`;
  const text = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? '' : text.slice(0, 500);
}

/**
 * Milliseconds from `retry-after-ms` or `retry-after` (seconds, or an HTTP date, which is read against the answer's own
 * `date`: clocks differ, and this function has none).
 */
function retryAfter(headers: Headers): number | undefined {
  const milliseconds = Number.parseFloat(headers['retry-after-ms'] ?? '');
  if (milliseconds >= 0) return milliseconds;
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number.parseFloat(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headers.date ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** OpenAI says it in words ("Please try again in 1m20.5s"), Google in `RetryInfo`. */
function waitInBody(source: JsonObject, message: string): number | undefined {
  const details = Array.isArray(source.details) ? source.details : [];
  for (const detail of details) {
    if (isObject(detail) && typeof detail.retryDelay === 'string') {
      const wait = span(detail.retryDelay);
      if (wait !== undefined) return wait;
    }
  }
  const match = /(?:try again|retry) (?:in|after) ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)/i.exec(message);
  return match ? span(match[1]!) : undefined;
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function span(text: string): number | undefined {
  let total: number | undefined;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    total = (total ?? 0) + Number.parseFloat(amount!) * UNITS[unit!]!;
  return total;
}
