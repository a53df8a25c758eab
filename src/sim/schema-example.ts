import { isObject, type Json, type JsonObject } from '../exchange/json.ts';

/**
 * A value that a JSON Schema accepts: required fields (all, where none are required), the first of an enumeration, the
 * smallest of a range. `seed` makes parallel calls differ. Follows local `$ref`s; stops at depth 8.
 */
export function exampleOf(schema: JsonObject, seed: string): Json {
  return example(schema, schema, seed, 'value', 0);
}

function example(schema: JsonObject, root: JsonObject, seed: string, name: string, depth: number): Json {
  if (depth > 8) return null;
  if (typeof schema.$ref === 'string') {
    const target = resolve(root, schema.$ref);
    return target ? example(target, root, seed, name, depth + 1) : null;
  }
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0]!;
  for (const word of ['anyOf', 'oneOf', 'allOf'] as const) {
    const choices = schema[word];
    const first = Array.isArray(choices) ? choices.find(isObject) : undefined;
    if (first) return example(first, root, seed, name, depth + 1);
  }
  const type = Array.isArray(schema.type) ? schema.type.find((each) => each !== 'null') : schema.type;
  switch (type ?? (isObject(schema.properties) ? 'object' : 'string')) {
    case 'object':
      return objectExample(schema, root, seed, depth);
    case 'array': {
      const item = isObject(schema.items) ? schema.items : { type: 'string' };
      const length = Math.max(1, typeof schema.minItems === 'number' ? schema.minItems : 1);
      return Array.from({ length: Math.min(length, 16) }, () => example(item, root, seed, name, depth + 1));
    }
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 7;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return stringExample(schema, seed, name);
  }
}

function objectExample(schema: JsonObject, root: JsonObject, seed: string, depth: number): JsonObject {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required.filter((each) => typeof each === 'string') : [];
  const value: JsonObject = {};
  for (const name of required.length > 0 ? required : Object.keys(properties)) {
    const property = properties[name];
    value[name] = isObject(property) ? example(property, root, seed, name, depth + 1) : `simulated ${name}`;
  }
  return value;
}

function stringExample(schema: JsonObject, seed: string, name: string): string {
  if (schema.format === 'date') return '2026-06-02';
  if (schema.format === 'date-time') return '2026-06-02T06:05:00Z';
  if (schema.format === 'uri') return 'https://example.invalid/simulated';
  const text = `simulated ${name}${seed === '' ? '' : ` ${seed}`}`;
  return typeof schema.maxLength === 'number' ? text.slice(0, schema.maxLength) : text;
}

function resolve(root: JsonObject, pointer: string): JsonObject | undefined {
  let at: Json | undefined = root;
  for (const step of pointer.replace(/^#\/?/, '').split('/')) {
    if (step === '') continue;
    at = isObject(at) ? at[step] : undefined;
  }
  return isObject(at) ? at : undefined;
}
