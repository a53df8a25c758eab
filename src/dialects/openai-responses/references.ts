import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';

/** What a reference to an item says. Within a text its quotes would be escaped. */
export const REFERENCE = '"item_reference"';

/** Items without a type and a role are references too (OpenAI's `ItemReferenceParam`). */
export function isReference(item: JsonObject): boolean {
  return item.type === 'item_reference' || (item.role === undefined && (item.type === undefined || item.type === null));
}

/** Ids of items that `input` refers to and does not hold: OpenAI keeps them. */
export function missingReferences(input: Json | undefined): string[] {
  const items = Array.isArray(input) ? input.filter(isObject) : [];
  const here = new Set(items.filter((item) => !isReference(item)).map(({ id }) => id));
  return items.flatMap((item) => (isReference(item) && typeof item.id === 'string' && !here.has(item.id) ? [item.id] : []));
}
