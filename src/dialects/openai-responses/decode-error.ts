import type { WireError } from '../../exchange/fault.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { readError } from '../openai-chat/decode-error.ts';

/** Errors over HTTP are the same in both of OpenAI's dialects; so are those in a whole body that says `failed`. */
export { decodeError } from '../openai-chat/decode-error.ts';

/** An `error` event: the error stands under `error`, or (as OpenAI documents it) beside the type. */
export function readErrorEvent(body: JsonObject): WireError {
  return readError(body);
}

/** The error of a `response.failed`, or of one that was cancelled. */
export function readFailure(response: JsonObject): WireError {
  if (isObject(response.error)) return readError({ error: response.error });
  const status = typeof response.status === 'string' ? response.status : 'failed';
  return { message: `the provider ended the answer with status "${status}" and said nothing more`, code: 'server_error' };
}
