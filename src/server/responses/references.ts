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
  const sources: KeptResponse[] = [];
  const known = new Map<string, JsonObject>();
  const edits: SpanEdit[] = [];
  const gone = new Set<number>();
  for (const [index, item] of items.entries()) {
    if (!item || !isReference(item) || present.has(item.id)) continue;
    const found = typeof item.id === 'string' ? await findItem(desk, principal, item.id, { sources, known }) : undefined;
    if (!found) return undefined;
    const [said] = asInput(found);
    if (said) edits.push({ ...list.value[index]!, with: JSON.stringify(said) });
    else gone.add(index);
  }
  if (sources.length === 0) return undefined;
  return { body: replace(body, [...edits, ...removals(list.value, gone)]), sources };
}

function isReference(item: JsonObject): boolean {
  return item.type === 'item_reference' || (item.role === undefined && (item.type ?? null) === null);
}

/** The answers that references have led to, each read once, and all their items: an agent refers to hundreds in every turn. */
interface Found {
  sources: KeptResponse[];
  known: Map<string, JsonObject>;
}

async function findItem(desk: ResponseDesk, principal: string, id: string, { sources, known }: Found): Promise<JsonObject | undefined> {
  const before = known.get(id);
  if (before) return before;
  const [, own] = /_(x_[0-9a-z]{26})_\d+$/.exec(id) ?? [];
  const named = own !== undefined && exchangeTime(own) !== undefined ? `resp_${own}` : id;
  const kept = await findResponse(desk, principal, named);
  const items = kept ? itemsOf(desk, kept) : [];
  const item = items.find((other) => other.id === id);
  if (!kept || !item) return undefined;
  sources.push(kept);
  for (const other of items) if (typeof other.id === 'string' && !known.has(other.id)) known.set(other.id, other);
  return item;
}

function itemsOf(desk: ResponseDesk, kept: KeptResponse): JsonObject[] {
  if (eventsOf(kept).length === 0) return [];
  const { output } = responseObject(desk, kept);
  return Array.isArray(output) ? output.filter((item: Json) => isObject(item)) : [];
}
