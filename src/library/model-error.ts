import { decodeError, readError } from '../dialects/openai-chat/decode-error.ts';
import type { Headers } from '../dialects/dialect.ts';
import type { WireError } from '../exchange/fault.ts';
import { isObject, type JsonObject } from '../exchange/json.ts';
import type { TransportError } from '../providers/call.ts';
import { transportError } from '../providers/transport-error.ts';

/** What a wrapped model's error says: an answer with a status, or a connection that failed. */
export type Told = { type: 'status'; status: number; headers: Headers; error: WireError } | { type: 'transport'; error: TransportError };

/** Errors of the packages that no status goes with, by their names, as the status that says the same. */
const STATUS_OF: Readonly<Record<string, { status: number; type: string }>> = {
  AI_NoSuchModelError: { status: 404, type: 'model_not_found' },
  AI_LoadAPIKeyError: { status: 401, type: 'authentication_error' },
  AI_LoadSettingError: { status: 401, type: 'authentication_error' },
  AI_UnsupportedFunctionalityError: { status: 400, type: 'invalid_request_error' },
  AI_InvalidArgumentError: { status: 400, type: 'invalid_request_error' },
  AI_InvalidPromptError: { status: 400, type: 'invalid_request_error' },
  AI_NoSuchProviderReferenceError: { status: 400, type: 'invalid_request_error' },
  AI_InvalidResponseDataError: { status: 502, type: 'api_error' },
  AI_JSONParseError: { status: 502, type: 'api_error' },
  AI_TypeValidationError: { status: 502, type: 'api_error' },
  AI_EmptyResponseBodyError: { status: 502, type: 'api_error' },
  AI_NoContentGeneratedError: { status: 502, type: 'api_error' },
};

/** Reads what `doStream` was rejected with. `connected`: it had been accepted before. */
export function toldBy(error: unknown, connected: boolean): Told {
  const told = fieldsOf(error);
  const headers = isObject(told.responseHeaders) ? (told.responseHeaders as Headers) : {};
  const { statusCode } = told;
  if (typeof statusCode === 'number') {
    const body = typeof told.responseBody === 'string' ? told.responseBody : '';
    // A body under a good status that the package could not read is no answer.
    const status = statusCode >= 200 && statusCode < 300 ? 502 : statusCode;
    const said = statusCode === status ? decodeError(status, headers, body) : undefined;
    const quiet = said === undefined || body.trim() === '' || /^\s*</.test(body);
    return { type: 'status', status, headers, error: { ...said, status, message: quiet ? messageOf(error) : said.message } };
  }
  const known = STATUS_OF[typeof told.name === 'string' ? told.name : ''];
  if (known) return { type: 'status', status: known.status, headers, error: { ...known, message: messageOf(error) } };
  const cause = causeOf(error);
  if (cause) return { type: 'transport', error: transportError(cause, connected) };
  return { type: 'transport', error: { symptom: connected ? 'closed' : 'refused', local: false, message: messageOf(error) } };
}

/** An error that came as a part of a stream: an Error, or the provider's own object or words. */
export function wireErrorOf(error: unknown): WireError {
  if (error instanceof Error) {
    const told = toldBy(error, true);
    return told.type === 'status' ? told.error : { message: told.error.message };
  }
  if (isObject(error)) {
    const read = readError(error as JsonObject);
    return read.message === '' ? { ...read, message: messageOf(error) } : read;
  }
  return { message: messageOf(error) };
}

export function messageOf(error: unknown): string {
  if (error instanceof Error && error.message !== '') return error.message;
  if (typeof error === 'string' && error !== '') return error;
  return 'the model failed without saying why';
}

function fieldsOf(error: unknown): Record<string, unknown> {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
}

/** The first error behind this one that has a code of the system's; packages wrap what fetch says. */
function causeOf(error: unknown): Error | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at;
    if (at instanceof AggregateError && at.errors.length > 0) return at;
  }
  return undefined;
}
