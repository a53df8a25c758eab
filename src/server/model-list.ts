import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../exchange/json.ts';
import type { ModelListing } from './ports.ts';
import type { Refusal } from './refusal.ts';

/** Anthropic's own default and ceiling (API reference, "List models"). */
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;

/** Anthropic's word for a release date that is not known. */
const EPOCH = '1970-01-01T00:00:00Z';

/** Clients of Anthropic's dialect always send this header; everyone else gets OpenAI's shape. */
export function wantsAnthropic(headers: IncomingHttpHeaders): boolean {
  return headers['anthropic-version'] !== undefined;
}

/** `GET /v1/models` in OpenAI's shape. */
export function openaiModels(models: readonly ModelListing[]): JsonObject {
  return { object: 'list', data: models.map(openaiModel) };
}

/** `GET /v1/models` in Anthropic's shape, one page of it: `limit`, `after_id` and `before_id` as in its reference. */
export function anthropicModels(models: readonly ModelListing[], query: URLSearchParams): JsonObject {
  const limit = pageSize(query.get('limit'));
  const after = models.findIndex(({ id }) => id === query.get('after_id'));
  const before = models.findIndex(({ id }) => id === query.get('before_id'));
  const page = before >= 0 ? models.slice(Math.max(0, before - limit), before) : models.slice(after + 1, after + 1 + limit);
  return {
    data: page.map(anthropicModel),
    has_more: before >= 0 ? before > limit : after + 1 + limit < models.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

export function openaiModel({ id, targets }: ModelListing): JsonObject {
  return { id, object: 'model', created: 0, owned_by: targets[0]?.split('/')[0] ?? 'understudy' };
}

export function anthropicModel({ id }: ModelListing): JsonObject {
  return { type: 'model', id, display_name: id, created_at: EPOCH };
}

export function unknownModel(id: string): Refusal {
  return {
    status: 404,
    code: 'model-not-found',
    message: `No route here answers for the model ${id.slice(0, 200)}.`,
    hint: 'GET /v1/models lists those that do; routes are set in understudy.yaml.',
  };
}

function pageSize(text: string | null): number {
  const size = Number(text ?? DEFAULT_LIMIT);
  return Number.isInteger(size) && size >= 1 ? Math.min(size, MAX_LIMIT) : DEFAULT_LIMIT;
}
