import { elements, members, removals, replace, type SpanEdit } from '../../dialects/json-spans.ts';
import { isObject, type Json, type JsonObject, parseObject } from '../../exchange/json.ts';
import { exchangeTime } from '../../exchange/ids.ts';
import { eventsOf, findResponse, type KeptResponse, type ResponseDesk } from './kept-response.ts';
import { asInput, responseObject } from './response-object.ts';

/** References to items of earlier answers, and what they stand for. */
export interface Followed {
  /** With the items in the place of their references. */
  body: Buffer;
  /** Whose items they are. */
  sources: KeptResponse[];
}

/**
 * Puts items of our own keeping into the place of references to them, as clients send them that leave storing on (Vercel's provider for
 * OpenAI, by default). `undefined`: there are none, or one is not known here.
 */
export async function followReferences(desk: ResponseDesk, principal: string, body: Buffer): Promise<Followed | undefined> {
  const spans = members(body);
  const place = spans.ok ? spans.value.get('input') : undefined;
  const list = place && elements(body, place.start, place.end);
  if (!list?.ok) return undefined;
  const items = list.value.map(({ start, end }) => parseObject(body.toString('utf8', start, end)));
  const present = new Set(items.flatMap((item) => (item && !isReference(item) ? [item.id] : [])));
  const sources = new Map<string, KeptResponse>();
  const edits: SpanEdit[] = [];
  const gone = new Set<number>();
  for (const [index, item] of items.entries()) {
    if (!item || !isReference(item) || present.has(item.id)) continue;
    const found = typeof item.id === 'string' ? await findItem(desk, principal, item.id, sources) : undefined;
    if (!found) return undefined;
    const [said] = asInput(found);
    if (said) edits.push({ ...list.value[index]!, with: JSON.stringify(said) });
    else gone.add(index);
  }
  if (sources.size === 0) return undefined;
  return { body: replace(body, [...edits, ...removals(list.value, gone)]), sources: [...sources.values()] };
}

function isReference(item: JsonObject): boolean {
  return item.type === 'item_reference' || (item.role === undefined && (item.type ?? null) === null);
}

/** Looks first among the answers that other references have led to. */
async function findItem(
  desk: ResponseDesk,
  principal: string,
  id: string,
  sources: Map<string, KeptResponse>,
): Promise<JsonObject | undefined> {
  for (const source of sources.values()) {
    const item = itemOf(desk, source, id);
    if (item) return item;
  }
  const [, own] = /_(x_[0-9a-z]{26})_\d+$/.exec(id) ?? [];
  const named = own !== undefined && exchangeTime(own) !== undefined ? `resp_${own}` : id;
  const kept = await findResponse(desk, principal, named);
  const item = kept && itemOf(desk, kept, id);
  if (item) sources.set(kept.opening.id, kept);
  return item;
}

function itemOf(desk: ResponseDesk, kept: KeptResponse, id: string): JsonObject | undefined {
  if (eventsOf(kept).length === 0) return undefined;
  const { output } = responseObject(desk, kept);
  return (Array.isArray(output) ? output : []).find((item: Json): item is JsonObject => isObject(item) && item.id === id);
}
