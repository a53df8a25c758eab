import type { IncomingMessage } from 'node:http';
import type { Refusal } from './refusal.ts';
import { PLACES } from './welcome.ts';

/** The answer to a path that is not there: what was probably meant, and what there is. */
export function unknownPath(path: string, request: IncomingMessage): Refusal {
  const refusal = comingLater(path, request) ?? misplaced(path) ?? notThere(path);
  return { ...refusal, endpoints: PLACES.map((place) => `${place.methods} ${place.path}: ${place.what}`) };
}

/** Dialects that have a name already and no codec yet. */
function comingLater(path: string, request: IncomingMessage): Refusal | undefined {
  if (path === '/v1/responses' || path.startsWith('/v1/responses/')) {
    const socket = request.headers.upgrade?.toLowerCase() === 'websocket';
    return {
      // Codex falls back to POST at once on 426, and then gets the 404 below.
      status: socket ? 426 : 404,
      code: 'dialect-not-spoken',
      message: `This version of Understudy does not speak OpenAI's Responses yet${socket ? ', neither over a WebSocket nor by POST' : ''}.`,
      hint: 'Let the client use Chat Completions (POST /v1/chat/completions).',
      ...(socket ? { headers: { connection: 'close' } } : {}),
    };
  }
  if (path.startsWith('/v1beta/') || /^\/v1\/models\/[^/]+:\w+$/.test(path)) {
    return {
      status: 404,
      code: 'dialect-not-spoken',
      message: "This version of Understudy does not speak Gemini's dialect yet.",
      hint: 'Use a client of Anthropic Messages or OpenAI Chat Completions; Gemini can be a target behind its OpenAI-compatible base URL.',
    };
  }
  return undefined;
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
