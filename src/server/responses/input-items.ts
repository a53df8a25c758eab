import { isObject, type Json, type JsonObject, parseObject } from '../../exchange/json.ts';
import type { KeptResponse } from './kept-response.ts';

/** OpenAI's default and ceiling (API reference, "List input items"). */
const USUAL = 20;
const MOST = 100;

/** `GET /v1/responses/{id}/input_items`: one page of what was asked, newest first unless `order=asc`. */
export function inputItemPage({ opening, request }: Pick<KeptResponse, 'opening' | 'request'>, query: URLSearchParams): JsonObject {
  const items = itemsOf(parseObject(request.toString('utf8'))?.input).map((item, index) => asListed(item, `${opening.id}_${index}`));
  const ordered = query.get('order') === 'asc' ? items : items.toReversed();
  const limit = Number(query.get('limit') ?? USUAL);
  const size = Number.isInteger(limit) && limit >= 1 ? Math.min(limit, MOST) : USUAL;
  const after = query.get('after');
  const start = after === null ? 0 : ordered.findIndex(({ id }) => id === after) + 1;
  const data = ordered.slice(start, start + size);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + size < ordered.length,
  };
}

function itemsOf(input: Json | undefined): JsonObject[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return Array.isArray(input) ? input.filter(isObject) : [];
}

/** Clients may leave out what the listing always has: an item's id, a message's type, the parts of a plain text. */
function asListed(item: JsonObject, name: string): JsonObject {
  const type = item.type ?? 'message';
  if (type !== 'message') return { id: `item_${name}`, ...item };
  const kind = item.role === 'assistant' ? { type: 'output_text', annotations: [] } : { type: 'input_text' };
  const content = typeof item.content === 'string' ? [{ ...kind, text: item.content }] : item.content;
  return { id: `msg_${name}`, status: 'completed', ...item, type, content };
}
