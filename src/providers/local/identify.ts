import type { JsonObject } from '../../exchange/json.ts';
import { isObject } from '../../exchange/json.ts';
import { findPreset } from '../catalogue.ts';
import type { AskLocal, LocalAnswer } from './ask.ts';
import { named, text } from './fields.ts';
import { llamaCppModels } from './llamacpp.ts';
import { lmStudioModels } from './lmstudio.ts';
import { ollamaModels, type Shown } from './ollama.ts';
import { listedModels } from './openai-list.ts';
import type { LocalPlace } from './places.ts';
import type { LocalKind, LocalService, LocalStranger } from './service.ts';

export type Look = { type: 'service'; service: LocalService } | { type: 'stranger'; stranger: LocalStranger } | { type: 'nobody' };

type Found = Pick<LocalService, 'models' | 'leftOut' | 'slots' | 'version'> & { kind: LocalKind };

/**
 * Who answers at a place, by what it says and not by its port alone: a web server at 8080 is asked for `/v1/models` and, unless it answers
 * that as OpenAI does, for nothing more.
 */
export async function identify(place: LocalPlace, ask: AskLocal, shown: Shown): Promise<Look> {
  const first = await ask(`${place.baseUrl}/models`);
  if (!first.ok) return first.error === 'nobody' ? { type: 'nobody' } : stranger(place, SILENCE[first.error]);
  const { status, json } = first.value;
  if (status === 401 || status === 403) return stranger(place, 'something that asks for a key');
  const list = status === 200 && json && isList(json) ? json : undefined;
  if (!list) return stranger(place, 'no model service');
  if (named(list['data'], 'id').some(({ name }) => name.startsWith('sim/'))) return stranger(place, 'an Understudy');
  const root = place.baseUrl.replace(/\/v1$/, '');
  const found = await foundAt(root, first.value, list, ask, shown);
  if (found) return { type: 'service', service: serviceOf(place, found) };
  // Another gateway may stand there, and lead elsewhere: whoever means it has to say so.
  return place.named
    ? { type: 'service', service: serviceOf(place, { kind: 'openai', ...listedModels(list) }) }
    : stranger(place, 'a service that speaks as OpenAI does, and is none that is known here (name its port in local.ports to use it)');
}

/** Perhaps only for now: a machine that computes is slow to say anything. */
export const BUSY = 'something that does not answer';

const SILENCE = {
  silent: BUSY,
  'too-large': 'something that answers with far more than was asked for',
  'cut-off': 'something that breaks off',
} as const;

function stranger({ baseUrl }: LocalPlace, said: string): Look {
  return { type: 'stranger', stranger: { baseUrl, said } };
}

/** As OpenAI lists models; Ollama and others without any say `null`. */
function isList(json: JsonObject): boolean {
  const { data } = json;
  return json['object'] === 'list' && (data === null || (Array.isArray(data) && data.every((one) => isObject(one) && 'id' in one)));
}

async function foundAt(root: string, { headers }: LocalAnswer, list: JsonObject, ask: AskLocal, shown: Shown): Promise<Found | undefined> {
  const owners = new Set(named(list['data'], 'id').map(({ item }) => text(item['owned_by'])));
  // Seen in answers of each: llama.cpp's server also says so in a header, in any of its modes.
  if (headers['server'] === 'llama.cpp' || owners.has('llamacpp')) return { kind: 'llamacpp', ...(await llamaCppModels(ask, root, list)) };
  if (owners.has('vllm') || owners.has('sglang')) return { kind: 'vllm', ...listedModels(list) };
  if (owners.has('organization_owner') || owners.has('organization-owner')) {
    const models = await lmStudioModels(ask, root);
    if (models) return { kind: 'lmstudio', ...models };
  }
  // Ollama's owner is whoever made the model, and nobody where there is none.
  const version = await ask(`${root}/api/version`);
  const number = version.ok && version.value.status === 200 ? text(version.value.json?.['version']) : undefined;
  if (number !== undefined) {
    const models = await ollamaModels(ask, root, shown);
    if (models) return { kind: 'ollama', version: number, ...models };
  }
  if (owners.size > 0) return undefined;
  const models = await lmStudioModels(ask, root);
  return models && { kind: 'lmstudio', ...models };
}

/** As they are called on the screen. */
export const TITLES: Record<LocalKind, string> = {
  ollama: 'Ollama',
  lmstudio: 'LM Studio',
  llamacpp: 'llama.cpp server',
  vllm: 'vLLM',
  openai: 'OpenAI-compatible service',
  embedded: 'Embedded engine',
};

function serviceOf(place: LocalPlace, { kind, ...found }: Found): LocalService {
  const { port, hostname } = new URL(place.baseUrl);
  const usual = kind === 'openai' ? undefined : findPreset(kind);
  const isAtHome = usual !== undefined && new URL(usual.baseUrl).port === port;
  return {
    kind,
    provider: place.provider ?? (isAtHome ? usual.name : `local-${port === '' ? hostname : port}`),
    title: TITLES[kind],
    baseUrl: place.baseUrl,
    cutsLongInput: kind === 'ollama' || kind === 'lmstudio',
    ...found,
  };
}
