import type { Json, JsonObject } from '../../exchange/json.ts';
import type { LocalModelScript, LocalScript } from './script.ts';

/**
 * What each program says at its own endpoints. Shapes: docs/api.md of ollama/ollama; 1_developer/2_rest of lmstudio-ai/docs; llama.cpp's server
 * 0.7.0 itself; vllm/entrypoints/openai/protocol.py. Undefined: there is no such place.
 */
export function localEndpoint({ kind, models }: LocalScript, path: string, body: JsonObject): { json: Json; status?: number } | undefined {
  const model = models.find(({ name }) => name === body['model']);
  if (path === '/v1/models') return { json: openaiList(kind, models) };
  switch (`${kind} ${path}`) {
    case 'ollama /api/version':
      return { json: { version: '0.40.12' } };
    case 'ollama /api/tags':
      return { json: { models: models.map(ollamaTag) } };
    case 'ollama /api/ps':
      return {
        json: { models: models.flatMap((one) => (one.running === undefined ? [] : { ...ollamaTag(one), context_length: one.running })) },
      };
    case 'ollama /api/show':
      return model ? { json: ollamaShow(model) } : { json: { error: `model '${String(body['model'])}' not found` }, status: 404 };
    case 'lmstudio /api/v1/models':
      return { json: { models: models.map(lmStudioModel) } };
    case 'lmstudio /api/v0/models':
    case 'lmstudio-before-0.4 /api/v0/models':
      return { json: { object: 'list', data: models.map(olderLmStudioModel) } };
    case 'llamacpp /props':
      return { json: llamaCppProps(models[0]) };
    case 'llamacpp-router /props':
      return {
        json: {
          role: 'router',
          max_instances: 4,
          models_autoload: true,
          model_path: 'none',
          default_generation_settings: { params: null, n_ctx: 0 },
        },
      };
    default:
      return undefined;
  }
}

function openaiList(kind: LocalScript['kind'], models: readonly LocalModelScript[]): Json {
  const owner = { ollama: 'library', vllm: 'vllm', openai: 'somebody', llamacpp: 'llamacpp', 'llamacpp-router': 'llamacpp' };
  const card = (model: LocalModelScript): JsonObject => ({
    id: model.name,
    object: 'model',
    created: 1_780_000_000,
    owned_by: kind.startsWith('lmstudio') ? 'organization_owner' : owner[kind as keyof typeof owner],
    ...(kind === 'vllm' && { root: model.name, parent: null, max_model_len: model.running ?? model.longest ?? 4096 }),
    ...(kind === 'llamacpp' && {
      meta: {
        vocab_type: 2,
        n_vocab: 151_936,
        n_ctx_train: model.longest ?? 4096,
        n_embd: 4096,
        n_params: 8_030_261_248,
        size: model.bytes ?? 5_000_000_000,
      },
    }),
    ...(kind === 'llamacpp-router' && {
      in_cache: true,
      path: `/models/${model.name}.gguf`,
      status: { value: model.running === undefined ? 'unloaded' : 'loaded' },
    }),
  });
  return { object: 'list', data: kind === 'ollama' && models.length === 0 ? null : models.map(card) };
}

function ollamaTag({ name, bytes = 5_000_000_000, parameters = '8.0B', remoteHost }: LocalModelScript): JsonObject {
  return {
    name,
    model: name,
    modified_at: '2026-10-04T14:56:49.277302595Z',
    size: bytes,
    digest: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64),
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'llama',
      families: ['llama'],
      parameter_size: parameters,
      quantization_level: 'Q4_K_M',
    },
    ...(remoteHost !== undefined && { remote_model: name.replace(/[:-]cloud$/, ''), remote_host: remoteHost }),
  };
}

function ollamaShow({ capabilities = ['completion', 'tools'], numCtx, longest = 40_960, remoteHost, name }: LocalModelScript): JsonObject {
  return {
    modelfile: `FROM ${name}`,
    parameters: [
      ...(numCtx === undefined ? [] : [`num_ctx                        ${numCtx}`]),
      'stop                           "<|im_end|>"',
    ].join('\n'),
    template: '{{ .Prompt }}',
    details: { parent_model: '', format: 'gguf', family: 'llama' },
    model_info: {
      'general.architecture': 'llama',
      'general.parameter_count': 8_030_261_248,
      'llama.context_length': longest,
      'llama.embedding_length': 4096,
    },
    capabilities,
    ...(remoteHost !== undefined && { remote_model: name, remote_host: remoteHost }),
  };
}

function lmStudioModel({
  name,
  running,
  longest = 32_768,
  capabilities = ['completion', 'tools'],
  parameters,
  bytes,
}: LocalModelScript): JsonObject {
  const embeds = capabilities.includes('embedding');
  return {
    type: embeds ? 'embedding' : 'llm',
    publisher: 'lmstudio-community',
    key: name,
    display_name: name,
    quantization: { name: 'Q4_0', bits_per_weight: 4 },
    size_bytes: bytes ?? 5_000_000_000,
    params_string: parameters ?? null,
    loaded_instances: running === undefined ? [] : [{ id: name, config: { context_length: running } }],
    max_context_length: longest,
    format: 'gguf',
    ...(!embeds && { capabilities: { vision: capabilities.includes('vision'), trained_for_tool_use: capabilities.includes('tools') } }),
  };
}

function olderLmStudioModel({ name, running, longest = 32_768, capabilities = [] }: LocalModelScript): JsonObject {
  return {
    id: name,
    object: 'model',
    type: capabilities.includes('embedding') ? 'embeddings' : capabilities.includes('vision') ? 'vlm' : 'llm',
    publisher: 'lmstudio-community',
    arch: 'llama',
    compatibility_type: 'gguf',
    quantization: 'Q4_K_M',
    state: running === undefined ? 'not-loaded' : 'loaded',
    max_context_length: longest,
    ...(running !== undefined && { loaded_context_length: running }),
    ...(capabilities.includes('tools') && { capabilities: ['tool_use'] }),
  };
}

function llamaCppProps(model: LocalModelScript | undefined): JsonObject {
  return {
    default_generation_settings: { id: 0, n_ctx: model?.running ?? 4096, params: {} },
    total_slots: 4,
    model_alias: model?.name ?? '',
    model_path: `/models/${model?.name ?? ''}.gguf`,
    modalities: { vision: model?.capabilities?.includes('vision') ?? false, audio: false },
    chat_template_caps: { supports_tools: model?.capabilities?.includes('tools') ?? true },
    build_info: 'b11669-Debian',
  };
}
