import type { Refusal } from './refusal.ts';
import { PLACES } from './welcome.ts';

/** The answer to a path that is not there: what was probably meant, and what there is. */
export function unknownPath(path: string): Refusal {
  return { ...(misplaced(path) ?? notThere(path)), endpoints: PLACES.map((place) => `${place.methods} ${place.path}: ${place.what}`) };
}

/**
 * Codex asks for a WebSocket on its first request, and only a 426 lets it go on by POST at once; anything else is tried again first
 * (codex-rs, `client.rs`; openai/codex pull request 10824).
 */
export function webSocketRefused(): Refusal {
  return {
    status: 426,
    code: 'no-websocket',
    message: 'Responses are not spoken over a WebSocket here.',
    hint: 'Send the request by POST; Codex does so by itself.',
    headers: { connection: 'close' },
  };
}

/** Base URLs with one `/v1` too many or too few: the most common mistake of all. */
function misplaced(path: string): Refusal | undefined {
  const meant = path.startsWith('/v1/v1/') ? path.slice(3) : `/v1${path}`;
  if (!PLACES.some((place) => place.path === meant)) return undefined;
  return {
    status: 404,
    code: 'wrong-base-url',
    message: `There is nothing at ${path}, but there is at ${meant}.`,
    hint:
      path === `/v1${meant}`
        ? "Take /v1 off the client's base URL: Anthropic clients want only the origin."
        : "Put /v1 at the end of the client's base URL: OpenAI clients want it there.",
  };
}

function notThere(path: string): Refusal {
  return {
    status: 404,
    code: 'not-found',
    message: `There is nothing at ${path.slice(0, 200)}.`,
    hint: 'See "endpoints" for what there is.',
  };
}

/** A path that is there, asked in a way that it does not know. */
export function wrongMethod(path: string, method: string | undefined, methods: readonly string[]): Refusal {
  return {
    status: 405,
    code: 'wrong-method',
    message: `${path.slice(0, 200)} does not take ${method ?? 'that'}.`,
    hint: `Use ${methods.join(' or ')}.`,
    headers: { allow: methods.join(', ') },
  };
}
