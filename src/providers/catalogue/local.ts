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
    keyPage: 'https://ollama.com/download',
    quirks: {},
    source: 'ollama.com/blog/openai-compatibility by developer.4d.com/docs, read 2026-11-22',
  },
  {
    ...shared,
    name: 'lmstudio',
    title: 'LM Studio',
    vendor: 'lmstudio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    keyPage: 'https://lmstudio.ai',
    quirks: {},
    source: 'lmstudio.ai/docs/api/endpoints/openai by developer.4d.com/docs, read 2026-11-22',
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
    keyPage: 'https://docs.vllm.ai',
    quirks: {},
    source: 'port 8000 is `vllm serve`’s default',
  },
];
