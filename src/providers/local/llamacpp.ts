import type { JsonObject } from '../../exchange/json.ts';
import type { AskLocal } from './ask.ts';
import { billionsIn, isNoChat, named, object, positive } from './fields.ts';
import type { LocalModel, LocalService } from './service.ts';

/**
 * Shapes: tools/server/README.md of ggml-org/llama.cpp and what its server 0.7.0 (build 11669) said itself on 2026-11-23. `/slots` is never
 * asked: it repeats what others have written.
 */

type Found = Pick<LocalService, 'models' | 'leftOut' | 'slots'>;

/** The models of llama.cpp's server. `list`: what it said at `/v1/models`; `root`: its address without `/v1`. */
export async function llamaCppModels(ask: AskLocal, root: string, list: JsonObject): Promise<Found> {
  const listed = named(list['data'], 'id');
  const props = await ask(`${root}/props`);
  const said = props.ok && props.value.status === 200 ? (props.value.json ?? {}) : {};
  // A router has many models and loads those that are asked for; what it says of itself is of none of them.
  const isRouter = said['role'] === 'router';
  const slots = isRouter ? undefined : positive(said['total_slots']);
  return {
    models: listed.filter(({ name }) => !isNoChat(name)).map(({ name, item }) => modelOf(name, item, isRouter ? {} : said, isRouter)),
    leftOut: listed.filter(({ name }) => isNoChat(name)).map(({ name }) => ({ name, why: 'makes no text' })),
    ...(slots !== undefined && { slots }),
  };
}

function modelOf(name: string, item: JsonObject, props: JsonObject, isRouter: boolean): LocalModel {
  const meta = object(item['meta']);
  const running = positive(object(props['default_generation_settings'])['n_ctx']) ?? positive(meta['n_ctx']);
  const longest = positive(meta['n_ctx_train']);
  const parameters = positive(meta['n_params']);
  const billions = parameters === undefined ? billionsIn(name) : parameters / 1e9;
  const bytes = positive(meta['size']);
  const tools = object(props['chat_template_caps'])['supports_tools'];
  const vision = object(props['modalities'])['vision'];
  return {
    name,
    loaded: isRouter ? object(item['status'])['value'] === 'loaded' : true,
    ...(running !== undefined && { context: running, contextFrom: 'running' as const }),
    ...(longest !== undefined && { longest }),
    ...(typeof tools === 'boolean' && { tools }),
    ...(typeof vision === 'boolean' && { images: vision }),
    ...(billions !== undefined && { billions }),
    ...(bytes !== undefined && { bytes }),
  };
}
