import type { JsonObject } from '../../exchange/json.ts';
import { billionsIn, isNoChat, named, positive, text } from './fields.ts';
import type { LocalModel, LocalService } from './service.ts';

/**
 * What `/v1/models` alone tells: vLLM's and SGLang's `max_model_len` (vllm/entrypoints/openai/protocol.py, ModelCard), others' names. What they list
 * is in memory.
 */
export function listedModels(list: JsonObject): Pick<LocalService, 'models' | 'leftOut'> {
  const listed = named(list['data'], 'id');
  return {
    models: listed.filter(({ name }) => !isNoChat(name)).map(({ name, item }) => modelOf(name, item)),
    leftOut: listed.filter(({ name }) => isNoChat(name)).map(({ name }) => ({ name, why: 'makes no text' })),
  };
}

function modelOf(name: string, item: JsonObject): LocalModel {
  const context = positive(item['max_model_len']) ?? positive(item['context_length']) ?? positive(item['context_window']);
  const billions = billionsIn(text(item['root']) ?? name) ?? billionsIn(name);
  return {
    name,
    loaded: true,
    ...(context !== undefined && { context, contextFrom: 'running' as const }),
    ...(billions !== undefined && { billions }),
  };
}
