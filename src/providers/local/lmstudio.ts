import type { JsonObject } from '../../exchange/json.ts';
import type { AskLocal } from './ask.ts';
import { billionsIn, named, object, positive, text } from './fields.ts';
import type { LocalModel, LocalService } from './service.ts';

/**
 * Shapes: lmstudio-ai/docs, 1_developer/2_rest/list.md (`/api/v1/models`, LM Studio 0.4) and endpoints.md (`/api/v0/models`, before it), read
 * 2026-11-23.
 */

/** What a model is loaded with when a request asks for it, unless its user has set something else. */
const ASSUMED_CONTEXT = 4096;

type Found = Pick<LocalService, 'models' | 'leftOut'>;

/** The models of an LM Studio; nothing where it does not answer as one. `root`: its address without `/v1`. */
export async function lmStudioModels(ask: AskLocal, root: string): Promise<Found | undefined> {
  const newer = await ask(`${root}/api/v1/models`);
  if (newer.ok && newer.value.status === 200 && Array.isArray(newer.value.json?.['models']))
    return found(named(newer.value.json['models'], 'key'), modelOfV1);
  const older = await ask(`${root}/api/v0/models`);
  if (older.ok && older.value.status === 200 && Array.isArray(older.value.json?.['data']))
    return found(named(older.value.json['data'], 'id'), modelOfV0);
  return undefined;
}

function found(listed: ReturnType<typeof named>, modelOf: (name: string, item: JsonObject) => LocalModel): Found {
  const isChat = ({ item }: { item: JsonObject }): boolean => item['type'] === 'llm' || item['type'] === 'vlm';
  return {
    models: listed.filter(isChat).map(({ name, item }) => modelOf(name, item)),
    leftOut: listed.filter((one) => !isChat(one)).map(({ name }) => ({ name, why: 'makes no text' })),
  };
}

function modelOfV1(name: string, item: JsonObject): LocalModel {
  const instances = Array.isArray(item['loaded_instances']) ? item['loaded_instances'] : [];
  const running = positive(object(object(instances[0])['config'])['context_length']);
  const capabilities = item['capabilities'] === undefined ? undefined : object(item['capabilities']);
  const bytes = positive(item['size_bytes']);
  return {
    name,
    loaded: instances.length > 0,
    ...contextOf(instances.length > 0, running, positive(item['max_context_length'])),
    // One that was not trained for tools is told of them in its prompt (docs, Tool use): it may still call one.
    ...(capabilities?.['trained_for_tool_use'] === true && { tools: true }),
    ...(capabilities && { images: capabilities['vision'] === true }),
    ...size(text(item['params_string'])),
    ...(bytes !== undefined && { bytes }),
  };
}

function modelOfV0(name: string, item: JsonObject): LocalModel {
  const loaded = item['state'] === 'loaded';
  const { capabilities } = item;
  return {
    name,
    loaded,
    ...contextOf(loaded, positive(item['loaded_context_length']), positive(item['max_context_length'])),
    ...(Array.isArray(capabilities) && capabilities.includes('tool_use') && { tools: true }),
    images: item['type'] === 'vlm',
    ...size(name),
  };
}

function contextOf(loaded: boolean, running: number | undefined, longest: number | undefined): Partial<LocalModel> {
  const most = longest === undefined ? {} : { longest };
  if (loaded && running !== undefined) return { context: running, contextFrom: 'running', ...most };
  return { context: Math.min(ASSUMED_CONTEXT, longest ?? Infinity), contextFrom: 'assumed', ...most };
}

function size(words: string | undefined): { billions?: number } {
  const billions = billionsIn(words);
  return billions === undefined ? {} : { billions };
}
