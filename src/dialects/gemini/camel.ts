import type { JsonObject } from '../../exchange/json.ts';

/**
 * One level of protobuf JSON with its names in camelCase: parsers take `system_instruction` as well, and `null` for what is absent
 * (https://protobuf.dev/programming-guides/json). Where both names are given the one in camelCase counts.
 */
export function camel(object: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const name in object) {
    const value = object[name];
    if (value === undefined || value === null) continue;
    const named = camelName(name);
    if (named === name || object[named] === undefined || object[named] === null) result[named] = value;
  }
  return result;
}

export function camelName(name: string): string {
  return name.includes('_') ? name.replace(/(?<=[a-z\d])_([a-z])/g, (_, letter: string) => letter.toUpperCase()) : name;
}
