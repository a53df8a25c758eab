import type { JsonObject } from '../exchange/json.ts';
import type { SimDialect } from './asked.ts';

/** A simulated assistant that is always there as `sim/name`. Part of no real route. */
export interface SimModel {
  name: string;
  dialect: SimDialect;
  /** Shown to people. */
  title: string;
}

export const SIM_MODELS: readonly SimModel[] = [
  { name: 'claude', dialect: 'anthropic-messages', title: 'Simulated Claude' },
  { name: 'chatgpt', dialect: 'openai-chat', title: 'Simulated ChatGPT' },
  { name: 'gemini', dialect: 'openai-chat', title: 'Simulated Gemini' },
];

/** `GET /v1/models` in a vendor's shape. */
export function modelList(dialect: SimDialect, names: readonly string[]): JsonObject {
  if (dialect === 'openai-chat') {
    return { object: 'list', data: names.map((id) => ({ id, object: 'model', created: 1_764_547_200, owned_by: 'simulated' })) };
  }
  return {
    data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-12-01T00:00:00Z' })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  };
}
