import type { Fault } from '../../exchange/fault.ts';
import type { JsonObject } from '../../exchange/json.ts';
import type { EncodedError } from '../dialect.ts';
import { encodeError as encodeChatError } from '../openai-chat/encode-error.ts';

/** Codes after which Codex gives up at once and says that the model is at capacity; it tries again after any other. */
const GIVEN_UP = 'server_is_overloaded';

/** An error over HTTP: OpenAI's, as in chat, with a code after which Codex comes again where coming again helps. */
export function encodeError(fault: Fault, exchange: string): EncodedError {
  const { status, headers, body } = encodeChatError(fault, exchange);
  const error = body.error as JsonObject;
  return { status, headers, body: error.code === GIVEN_UP ? { error: { ...error, code: 'server_error' } } : body };
}

/**
 * The error in a `response.failed`. Codex (codex-api/src/sse/responses.rs) knows `context_length_exceeded`, `insufficient_quota`,
 * `usage_not_included` and `invalid_prompt` as final, and tries again after anything else; after `rate_limit_exceeded` when the message
 * says so.
 */
export function failure(fault: Fault): JsonObject {
  return { code: codeOf(fault), message: messageOf(fault) };
}

function codeOf(fault: Fault): string {
  switch (fault.class) {
    case 'rate-limited':
      return 'rate_limit_exceeded';
    case 'quota':
      return 'insufficient_quota';
    case 'too-long':
      return 'context_length_exceeded';
    case 'auth':
      return 'invalid_api_key';
    case 'model-not-found':
      return 'model_not_found';
    case 'bad-request':
      return 'invalid_prompt';
    default:
      return 'server_error';
  }
}

function messageOf({ class: kind, message, retryAfter }: Fault): string {
  if (kind !== 'rate-limited' || retryAfter === undefined || /try again in/i.test(message)) return message;
  return `${message.replace(/\.?\s*$/, '.')} Please try again in ${(retryAfter / 1000).toFixed(3).replace(/\.?0+$/, '')}s.`;
}
