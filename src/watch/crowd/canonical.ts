import type { Json, JsonObject } from '../../exchange/json.ts';

/**
 * One text for one value: members sorted by name, no white space, as RFC 8785 has it. Numbers have to be whole, since the RFC's rules for others
 * are not needed here.
 */
export function canonicalJson(value: JsonObject): string {
  return written(value);
}

function written(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${written(value[name]!)}`);
  return `{${members.join(',')}}`;
}
