import type { JsonObject } from '../exchange/json.ts';
import type { SimDialect } from './asked.ts';

/** A simulated assistant that is always there as `sim/name`. Part of no real route. */
export interface SimModel {
  name: string;
  /** What it speaks; a client of this dialect reaches it natively. */
  dialect: SimDialect;
  /** What else the same service speaks (OpenAI has two dialects). */
  also: readonly SimDialect[];
  /** Shown to people. */
  title: string;
}

export const SIM_MODELS: readonly SimModel[] = [
  { name: 'claude', dialect: 'anthropic-messages', also: [], title: 'Simulated Claude' },
  { name: 'chatgpt', dialect: 'openai-responses', also: ['openai-chat'], title: 'Simulated ChatGPT' },
  { name: 'gemini', dialect: 'gemini', also: [], title: 'Simulated Gemini' },
];

/** `GET /v1/models` in a vendor's shape. */
export function modelList(dialect: SimDialect, names: readonly string[]): JsonObject {
  switch (dialect) {
    case 'openai-chat':
    case 'openai-responses':
      return { object: 'list', data: names.map((name) => modelEntry(dialect, name)) };
    case 'gemini':
      return { models: names.map((name) => modelEntry(dialect, name)) };
    case 'anthropic-messages':
      return {
        data: names.map((name) => modelEntry(dialect, name)),
        has_more: false,
        first_id: names[0] ?? null,
        last_id: names.at(-1) ?? null,
      };
  }
}

/** One of them, as `GET /v1/models/{name}` says it. */
export function modelEntry(dialect: SimDialect, name: string): JsonObject {
  switch (dialect) {
    case 'openai-chat':
    case 'openai-responses':
      return { id: name, object: 'model', created: 1_764_547_200, owned_by: 'simulated' };
    case 'gemini':
      return {
        name: `models/${name}`,
        version: '001',
        displayName: name,
        description: 'Simulated',
        inputTokenLimit: 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ['generateContent', 'countTokens'],
      };
    case 'anthropic-messages':
      return { type: 'model', id: name, display_name: name, created_at: '2025-12-01T00:00:00Z' };
  }
}
