import { isObject, type JsonObject } from '../../exchange/json.ts';
import { parseJson, type Span } from '../json-spans.ts';

/** What a reference to an item says. Within a text its quotes would be escaped. */
const REFERENCE = '"item_reference"';

/** Items without a type and a role are references too (OpenAI's `ItemReferenceParam`). */
export function isReference(item: JsonObject): boolean {
  return item.type === 'item_reference' || (item.role === undefined && (item.type === undefined || item.type === null));
}

/** Ids of items that `input` refers to and does not hold: OpenAI keeps them. `input` is where its value stands in the body. */
export function missingReferences(body: Buffer, input: Span | undefined): string[] {
  if (!input || !body.subarray(input.start, input.end).includes(REFERENCE, 0, 'latin1')) return [];
  const parsed = parseJson(body, input.start, input.end);
  const items = parsed.ok && Array.isArray(parsed.value) ? parsed.value.filter(isObject) : [];
  const here = new Set(items.filter((item) => !isReference(item)).map(({ id }) => id));
  return items.flatMap((item) => (isReference(item) && typeof item.id === 'string' && !here.has(item.id) ? [item.id] : []));
}
