import type { Clock } from '../exchange/clock.ts';
import { isObject, type JsonObject, parseObject } from '../exchange/json.ts';
import { err, ok, type Result } from '../exchange/result.ts';
import { BRIDGE_SCHEME } from './bridge/scheme.ts';
import type { Call, TransportError } from './call.ts';
import { keyHeader } from './prepare.ts';
import type { Provider } from './provider.ts';

/** Where a service lists its models, and how it is shown the key. It costs nothing. */
export function modelsRequest(provider: Provider): { origin: string; path: string; headers: [name: string, value: string][] } {
  const base = new URL(provider.baseUrl);
  const version = { 'anthropic-messages': '/v1', gemini: '/v1beta', 'openai-chat': '', 'openai-responses': '' }[provider.dialect];
  const headers: [string, string][] = Object.entries(provider.headers);
  if (provider.credential.type === 'key') headers.push(keyHeader(provider.credential));
  if (provider.dialect === 'anthropic-messages') headers.push(['anthropic-version', '2023-06-01']);
  return { origin: base.origin, path: `${base.pathname.replace(/\/$/, '')}${version}/models`, headers };
}

/** What came to the question for the list. `listed` is absent where the body is no list. */
export interface ModelsAnswer {
  status: number;
  /** By name; `window`: tokens, where it is told. */
  listed?: ReadonlyMap<string, { window?: number }>;
  /** It is a web page. */
  page: boolean;
  /** There are more than were told. */
  more: boolean;
}

const PATIENCE = 15_000;
const CONNECT_TIMEOUT = 5000;
/** OpenRouter's list of some 400 models is 600 kB. */
const LARGEST = 8 * 1024 * 1024;

/** Whether a service can be asked for its list in this way: those that are signed for, or stand behind a package, can't. */
export function listsModels({ baseUrl, hosting, credential }: Provider): boolean {
  return !baseUrl.startsWith(BRIDGE_SCHEME) && hosting === undefined && (credential.type === 'key' || credential.type === 'none');
}

/** Asks for the list with the provider's own key. `patience`: milliseconds. */
export function askModels(
  call: Call,
  clock: Clock,
  provider: Provider,
  { patience, signal }: { patience: number; signal: AbortSignal },
): Promise<Result<ModelsAnswer, TransportError>> {
  const { origin, path, headers } = modelsRequest(provider);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let [status, size] = [0, 0];
    let page = false;
    const done = (result: Result<ModelsAnswer, TransportError>): void => {
      stop();
      signal.removeEventListener('abort', giveUp);
      resolve(result);
    };
    const giveUp = (): void => {
      cancel();
      done(err({ symptom: 'connect-timeout', local: false, message: 'it had not answered when it was given up' }));
    };
    const stop = clock.after(Math.min(PATIENCE, patience), giveUp);
    signal.addEventListener('abort', giveUp);
    const cancel = call(
      {
        method: 'GET',
        origin,
        path,
        headers: [['accept', 'application/json'], ['user-agent', 'understudy'], ...headers],
        body: Buffer.alloc(0),
        connectTimeout: CONNECT_TIMEOUT,
        fresh: false,
      },
      {
        headers(code, received) {
          status = code;
          page = /text\/html/i.test(received['content-type'] ?? '');
        },
        data(chunk) {
          size += chunk.length;
          if (size <= LARGEST) return void chunks.push(chunk);
          cancel();
          done(ok({ status, page, more: true }));
        },
        end() {
          const json = status === 200 ? parseObject(Buffer.concat(chunks).toString('utf8')) : undefined;
          const listed = json && modelsIn(json);
          const more = json?.['has_more'] === true || typeof json?.['nextPageToken'] === 'string';
          done(ok({ status, page, more, ...(listed && { listed }) }));
        },
        error: (error) => done(err(error)),
      },
    );
  });
}

/** Names under which services tell a window: OpenRouter, Groq, vLLM, Mistral, Anthropic, Google. */
const WINDOWS = ['context_length', 'context_window', 'max_model_len', 'max_context_length', 'max_input_tokens', 'inputTokenLimit'];

function modelsIn(json: JsonObject): ReadonlyMap<string, { window?: number }> | undefined {
  const list = Array.isArray(json['data']) ? json['data'] : Array.isArray(json['models']) ? json['models'] : undefined;
  if (!list) return undefined;
  const models = new Map<string, { window?: number }>();
  for (const one of list) {
    if (!isObject(one)) continue;
    const name = one['id'] ?? one['name'];
    if (typeof name !== 'string') continue;
    const window = WINDOWS.map((field) => one[field]).find((value) => typeof value === 'number');
    models.set(name.replace(/^models\//, ''), typeof window === 'number' && window > 0 ? { window } : {});
  }
  return models;
}
