import type { SimDialect } from './asked.ts';
import { geminiPath } from './wire/read-gemini.ts';

/** What a request to a simulated service is for. */
export type SimRoute =
  | { type: 'probe' }
  | { type: 'models'; dialect: SimDialect }
  | { type: 'model'; dialect: SimDialect; name: string }
  | { type: 'converse'; dialect: SimDialect }
  | { type: 'count'; dialect: SimDialect }
  /** An answer that is kept (Responses). */
  | { type: 'kept'; id: string; act: 'get' | 'delete' | 'cancel' | 'input_items' }
  /** A WebSocket is asked for; nobody here speaks one. */
  | { type: 'upgrade' }
  | { type: 'unknown'; dialect: SimDialect }
  | { type: 'wrong-method'; dialect: SimDialect };

type Headers = Readonly<Record<string, string | undefined>>;

/** Every dialect is served by its path, under any prefix (`/v1`, `/openai/v1`, none); where the path says nothing, the headers tell. */
export function routeOf(method: string, target: string, headers: Headers): SimRoute {
  if (method === 'HEAD') return { type: 'probe' };
  const dialect = dialectOf(target, headers);
  const path = target.replace(/\?.*$/, '').replace(/\/+$/, '');
  if (method === 'GET' && headers.upgrade !== undefined) return { type: 'upgrade' };
  if (method === 'GET' && /(^|\/)models$/.test(path)) return { type: 'models', dialect };
  const model = /\/models\/([^/:]+)$/.exec(path);
  if (method === 'GET' && model) return { type: 'model', dialect, name: decodeURIComponent(model[1]!) };
  if (method === 'POST' && path.endsWith('/responses/input_tokens')) return { type: 'count', dialect };
  const kept = /\/responses\/([^/]+?)(?:\/(cancel|input_items))?$/.exec(path);
  if (kept) return keptRoute(method, kept[1]!, kept[2]);
  const verb = geminiPath(target)?.verb;
  const converse =
    /\/messages$|\/chat\/completions$|\/responses$/.test(path) || verb === 'generateContent' || verb === 'streamGenerateContent';
  const count = path.endsWith('/messages/count_tokens') || verb === 'countTokens';
  if (!converse && !count) return { type: 'unknown', dialect };
  if (method !== 'POST') return { type: 'wrong-method', dialect };
  return { type: converse ? 'converse' : 'count', dialect };
}

export function dialectOf(target: string, headers: Headers): SimDialect {
  const path = target.replace(/\?.*$/, '');
  if (/\/responses(\/|$)/.test(path)) return 'openai-responses';
  // Google has an address for clients of OpenAI's below its own.
  if (path.includes('/openai/')) return 'openai-chat';
  if (geminiPath(target) || path.includes('/v1beta/') || headers['x-goog-api-key'] !== undefined) return 'gemini';
  if (path.includes('/messages') || headers['anthropic-version'] !== undefined) return 'anthropic-messages';
  return 'openai-chat';
}

function keptRoute(method: string, id: string, act: string | undefined): SimRoute {
  if (method === 'GET' && (act === undefined || act === 'input_items')) return { type: 'kept', id, act: act ?? 'get' };
  if (method === 'DELETE' && act === undefined) return { type: 'kept', id, act: 'delete' };
  if (method === 'POST' && act === 'cancel') return { type: 'kept', id, act };
  return { type: 'wrong-method', dialect: 'openai-responses' };
}

/** The credential, wherever its vendor's clients put it. */
export function keyOf(target: string, headers: Headers): string {
  const query = new URLSearchParams(/\?(.*)$/.exec(target)?.[1] ?? '').get('key');
  return (
    headers['x-api-key'] ??
    headers['x-goog-api-key'] ??
    headers['api-key'] ??
    headers.authorization?.replace(/^Bearer\s+/i, '') ??
    query ??
    ''
  );
}
