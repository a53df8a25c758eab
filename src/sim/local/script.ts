import type { JsonObject } from '../../exchange/json.ts';

/** A model of a simulated local service, as its maker would describe it. */
export interface LocalModelScript {
  name: string;
  /** In memory, with this context. */
  running?: number;
  /** Context that it could take. */
  longest?: number;
  /** Ollama: `PARAMETER num_ctx`. */
  numCtx?: number;
  /** Ollama's words: completion, tools, vision, thinking, embedding. */
  capabilities?: string[];
  /** `8.0B`. */
  parameters?: string;
  bytes?: number;
  /** Ollama: where it really runs. */
  remoteHost?: string;
}

/** What such a model says to one request. */
export interface ChatTurn {
  text?: string;
  call?: { name: string; arguments: JsonObject };
}

/** A service on this machine as its users know it: its own endpoints, and chat as OpenAI does it. */
export interface LocalScript {
  kind: 'ollama' | 'lmstudio' | 'lmstudio-before-0.4' | 'llamacpp' | 'llamacpp-router' | 'vllm' | 'openai';
  models: LocalModelScript[];
  chat?: (body: JsonObject) => ChatTurn;
  /** Milliseconds that a model takes to be loaded. */
  loading?: number;
  /** Milliseconds that it reads before it says anything. */
  reading?: number;
}
