import type { IncomingHttpHeaders } from 'node:http';
import type { JsonObject } from '../exchange/json.ts';
import type { ModelListing } from './ports.ts';
import type { Refusal } from './refusal.ts';

/** In whose words models are listed. */
export type ListShape = 'anthropic' | 'gemini' | 'openai';

/** `GET /v1/models` is asked by clients of three vendors. Anthropic's always send their version, Google's a key in a place of its own. */
export function listShape(headers: IncomingHttpHeaders, key: string | null | undefined): ListShape {
  if (headers['anthropic-version'] !== undefined) return 'anthropic';
  return headers['x-goog-api-key'] !== undefined || (key ?? '') !== '' ? 'gemini' : 'openai';
}

/** All models, or one page of them, in the asker's shape. */
export function listModels(shape: ListShape, models: readonly ModelListing[], query: URLSearchParams): JsonObject {
  switch (shape) {
    case 'anthropic':
      return anthropicModels(models, query);
    case 'gemini':
      return geminiModels(models, query);
    case 'openai':
      return { object: 'list', data: models.map(openaiModel) };
  }
}

export function oneModel(shape: ListShape, model: ModelListing): JsonObject {
  switch (shape) {
    case 'anthropic':
      return anthropicModel(model);
    case 'gemini':
      return geminiModel(model);
    case 'openai':
      return openaiModel(model);
  }
}

/** Anthropic's own default and ceiling (API reference, "List models"). */
const ANTHROPIC_PAGE = { usual: 20, most: 1000 };

/** Anthropic's word for a release date that is not known. */
const EPOCH = '1970-01-01T00:00:00Z';

/** One page: `limit`, `after_id` and `before_id` as in Anthropic's reference. */
function anthropicModels(models: readonly ModelListing[], query: URLSearchParams): JsonObject {
  const limit = pageSize(query.get('limit'), ANTHROPIC_PAGE);
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

function anthropicModel({ id, contextWindow, maxOutput }: ModelListing): JsonObject {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: EPOCH,
    lifecycle: 'active',
    deprecated_at: null,
    line: null,
    capabilities: null,
    max_input_tokens: contextWindow ?? null,
    max_tokens: maxOutput ?? null,
  };
}

function openaiModel({ id, targets }: ModelListing): JsonObject {
  return { id, object: 'model', created: 0, owned_by: targets[0]?.split('/')[0] ?? 'understudy' };
}

/** Google's own default and ceiling (Gemini API reference, models.list). */
const GEMINI_PAGE = { usual: 50, most: 1000 };

/** One page: `pageSize`, and `pageToken` as the page before gave it: the place of the first model. */
function geminiModels(models: readonly ModelListing[], query: URLSearchParams): JsonObject {
  const size = pageSize(query.get('pageSize'), GEMINI_PAGE);
  const start = /^\d{1,9}$/.test(query.get('pageToken') ?? '') ? Number(query.get('pageToken')) : 0;
  const next = start + size < models.length ? { nextPageToken: String(start + size) } : {};
  return { models: models.slice(start, start + size).map(geminiModel), ...next };
}

function geminiModel({ id, targets, contextWindow, maxOutput }: ModelListing): JsonObject {
  return {
    name: `models/${id}`,
    displayName: id,
    description: `Answered by ${targets.join(', then ')}.`,
    ...(contextWindow !== undefined && { inputTokenLimit: contextWindow }),
    ...(maxOutput !== undefined && { outputTokenLimit: maxOutput }),
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}

export function unknownModel(id: string): Refusal {
  return {
    status: 404,
    code: 'model-not-found',
    message: `No route here answers for the model ${id.slice(0, 200)}.`,
    hint: 'GET /v1/models lists those that do; routes are set in understudy.yaml.',
  };
}

function pageSize(text: string | null, { usual, most }: { usual: number; most: number }): number {
  const size = Number(text ?? usual);
  return Number.isInteger(size) && size >= 1 ? Math.min(size, most) : usual;
}
