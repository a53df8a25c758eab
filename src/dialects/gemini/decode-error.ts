import type { WireError } from '../../exchange/fault.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Headers } from '../dialect.ts';
import { failedFinish } from './finish.ts';

/** Longest message that is passed on to people. */
const LONGEST_MESSAGE = 500;

/**
 * An error that a provider wrote, from an HTTP answer. Every status outside of 2xx is one, whatever its body says; under 2xx only a body
 * that speaks of an error is, or a candidate that ended in one.
 */
export function decodeError(status: number, headers: Headers, body: string, known?: JsonObject): WireError | undefined {
  const parsed = known ?? unpack(parse(body));
  const success = status >= 200 && status < 300;
  const said = isObject(parsed) ? (parsed.error === undefined ? failedAnswer(parsed) : readError(parsed)) : undefined;
  if (!said && success) return undefined;
  const error = said ?? { message: plain(isObject(parsed) ? textOf(parsed.message) : body) };
  if (error.message === '') error.message = `the provider answered with status ${status} and said nothing more`;
  if (!success) error.status = said?.status !== undefined && said.status !== status && MEANT.has(said.status) ? said.status : status;
  const wait = retryAfter(headers);
  if (wait !== undefined && !isDaily(error)) error.retryAfter = wait;
  const requestId = headers['x-request-id'] ?? headers['x-cloud-trace-context'] ?? headers['cf-ray'];
  if (requestId) error.requestId ??= requestId;
  return error;
}

/** Statuses that say more than the one under which Google sends them (see `meant`). */
const MEANT: ReadonlySet<number> = new Set([400, 401, 403]);

/** `{error: {code, message, status, details}}`, as a body and as a frame of a stream; proxies write `{error: "…"}` too. */
export function readError(body: JsonObject): WireError {
  const inner = body.error;
  if (!isObject(inner)) return { message: cut(textOf(inner) || JSON.stringify(body)) };
  const message = textOf(inner.message);
  // Google's own command line and proxies put one error into the message of another.
  const nested = unpack(parse(message));
  if (isObject(nested) && isObject(nested.error)) return readError(nested);
  const details = Array.isArray(inner.details) ? inner.details.filter(isObject) : [];
  const code = typeof inner.code === 'number' ? inner.code : undefined;
  const word = textOf(inner.status) || textOf(inner.code);
  const reason = firstText(details, 'reason');
  const error: WireError = { message: cut(message || word) };
  if (code !== undefined && code >= 400 && code < 600) error.status = code;
  if (word !== '') error.code = word;
  if (reason !== '') error.type = reason;
  const field = fieldViolation(details);
  if (field !== '') error.param = field;
  const requestId = firstText(details, 'requestId');
  if (requestId !== '') error.requestId = requestId;
  meant(error, message, reason);
  limits(error, message, details);
  return error;
}

/**
 * `INVALID_ARGUMENT` and `FAILED_PRECONDITION` are words for many things. A key that is wrong and a country that is not served are about the
 * account, not about the request; a file of somebody else's is about the request, not about the account. What is too long has a code by
 * which that is known (failover/classify.ts).
 */
function meant(error: WireError, message: string, reason: string): void {
  if (reason.startsWith('API_KEY_') || /API key (not valid|expired|not found)/i.test(message)) error.status = 401;
  else if (/location is not supported/i.test(message)) error.status = 403;
  else if (error.status === 403 && /\b(file|cached ?content|corpus|tuned ?model)\b.{0,80}\bnot (exist|found)/i.test(message))
    error.status = 400;
  else if (/free tier is not available|enable billing|billing .{0,40}(disabled|not enabled)/i.test(message))
    error.type = 'billing_not_active';
  else if (/input token count\b.{0,80}(exceeds|only supports|maximum)/is.test(message)) error.type = 'context_length_exceeded';
  else if (/payload size exceeds|request .{0,20}too large/i.test(message)) error.type = 'request_too_large';
}

/**
 * Google says "You exceeded your current quota" for a minute's limit as well as for a day's. Which one it was, the ids of the violated quotas
 * tell; a limit of 0 means that the account's plan does not have the model at all. A day's limit comes with a delay of seconds, which is no
 * use to anyone.
 */
function limits(error: WireError, message: string, details: JsonObject[]): void {
  const delay = span(firstText(details, 'retryDelay')) ?? span(/retry in ((?:\d+(?:\.\d+)?(?:ms|h|m|s))+)/i.exec(message)?.[1] ?? '');
  if (error.status !== 429 && error.code !== 'RESOURCE_EXHAUSTED') {
    if (delay !== undefined) error.retryAfter = delay;
    return;
  }
  const violations = details.flatMap((detail) => (Array.isArray(detail.violations) ? detail.violations.filter(isObject) : []));
  const ids = violations.map((violation) => textOf(violation.quotaId)).filter((id) => id !== '');
  const none = violations.some(({ quotaValue }) => String(quotaValue) === '0') || /\blimit: 0\b/.test(message);
  if (none || ids.some((id) => /PerDay|PerMonth/.test(id))) {
    error.type = 'insufficient_quota';
    return;
  }
  if (delay !== undefined) error.retryAfter = delay;
  if (ids.some((id) => /PerMinute|PerSecond/.test(id))) error.message = `the limit per minute is reached (${[...new Set(ids)].join(', ')})`;
}

function isDaily(error: WireError): boolean {
  return error.type === 'insufficient_quota';
}

/** A whole answer whose candidate says that there is none. */
function failedAnswer(body: JsonObject): WireError | undefined {
  const first = Array.isArray(body.candidates) ? body.candidates[0] : undefined;
  const failed = isObject(first) ? failedFinish(textOf(first.finishReason)) : undefined;
  return failed && { ...failed };
}

function firstText(details: JsonObject[], field: string): string {
  for (const detail of details) {
    const value = textOf(detail[field]);
    if (value !== '') return value;
  }
  return '';
}

function fieldViolation(details: JsonObject[]): string {
  return firstText(
    details.flatMap((detail) => (Array.isArray(detail.fieldViolations) ? detail.fieldViolations.filter(isObject) : [])),
    'field',
  );
}

/** `[{error}]`, which is what a stream without `alt=sse` fails with, and JSON inside a JSON string. */
function unpack(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.find((entry) => isObject(entry) && entry.error !== undefined) ?? value[0];
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
function plain(body: string): string {
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(body)?.[1]?.trim();
  if (title) return `a web page instead of an answer: ${title.slice(0, 200)}`;
  return cut(
    body
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

/** Milliseconds. An HTTP date is read against the answer's own `date`: this function has no clock. */
function retryAfter(headers: Headers): number | undefined {
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number.parseFloat(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headers.date ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Protobuf's duration (`34.4s`), and `1m20.5s` in messages. Milliseconds, rounded up. */
function span(text: string): number | undefined {
  let total: number | undefined;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g))
    total = (total ?? 0) + Number.parseFloat(amount!) * UNITS[unit!]!;
  return total === undefined ? undefined : Math.ceil(total);
}

function cut(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
