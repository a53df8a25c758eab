import type { Preset } from './preset.ts';

const shared = {
  dialect: 'openai-chat',
  scheme: 'bearer',
  keyVariables: [],
  dataUse: 'Stays on this machine.',
  local: true,
  picks: {},
} as const;

/** Programs on one's own machine, at the port that each takes by default. */
export const localPresets: readonly Preset[] = [
  {
    ...shared,
    name: 'ollama',
    title: 'Ollama',
    vendor: 'ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    also: {
      'openai-responses': { baseUrl: 'http://127.0.0.1:11434/v1' },
      'anthropic-messages': { baseUrl: 'http://127.0.0.1:11434' },
    },
    keyPage: 'https://ollama.com/download',
    quirks: {},
    source: 'docs.ollama.com/api/anthropic-compatibility, developersdigest.tech/reference/api-compatibility/ollama, read 2026-11-22',
  },
  {
    ...shared,
    name: 'lmstudio',
    title: 'LM Studio',
    vendor: 'lmstudio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    also: {
      'openai-responses': { baseUrl: 'http://127.0.0.1:1234/v1' },
      'anthropic-messages': { baseUrl: 'http://127.0.0.1:1234' },
    },
    keyPage: 'https://lmstudio.ai',
    quirks: {},
    source: 'lmstudio.ai/docs/developer/anthropic-compat and /docs/api/openai-api, read 2026-11-22',
  },
  {
    ...shared,
    name: 'llamacpp',
    title: 'llama.cpp server',
    vendor: 'llamacpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    keyPage: 'https://github.com/ggml-org/llama.cpp',
    // Carries a trailing assistant turn on literally (shared/research/dialects.md, 3.1).
    quirks: { prefill: true },
    source: 'developer.4d.com/docs (compatible providers), read 2026-11-22',
  },
  {
    ...shared,
    name: 'vllm',
    title: 'vLLM',
    vendor: 'vllm',
    baseUrl: 'http://127.0.0.1:8000/v1',
    also: {
      'openai-responses': { baseUrl: 'http://127.0.0.1:8000/v1' },
      'anthropic-messages': { baseUrl: 'http://127.0.0.1:8000' },
    },
    keyPage: 'https://docs.vllm.ai',
    quirks: {},
    source: 'docs.vllm.ai/en/v0.32.0/serving/online_serving, read 2026-11-22',
  },
];
