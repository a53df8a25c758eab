import { isObject, type Json, type JsonObject } from '../exchange/json.ts';

/**
 * Why OpenAI's strict mode would refuse a schema: every object must list all of its properties as required and allow no
 * others. `undefined` when nothing speaks against it.
 */
export function strictProblem(schema: JsonObject, path = 'schema'): string | undefined {
  if (schema.type === 'object' || isObject(schema.properties)) {
    if (schema.additionalProperties !== false) return `${path} does not say additionalProperties: false`;
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const missing = Object.keys(isObject(schema.properties) ? schema.properties : {}).find((name) => !required.has(name));
    if (missing !== undefined) return `${path}.${missing} is not required`;
  }
  for (const [name, inner] of Object.entries(inside(schema))) {
    const problem = isObject(inner) ? strictProblem(inner, `${path}.${name}`) : undefined;
    if (problem) return problem;
  }
  return undefined;
}

function inside(schema: JsonObject): Record<string, Json | undefined> {
  const found: Record<string, Json | undefined> = {};
  for (const field of ['properties', '$defs', 'definitions']) if (isObject(schema[field])) Object.assign(found, schema[field]);
  if (schema.items !== undefined) found.items = schema.items;
  for (const field of ['anyOf', 'allOf', 'oneOf']) {
    const list = schema[field];
    if (Array.isArray(list)) list.forEach((inner, index) => (found[`${field}[${index}]`] = inner));
  }
  return found;
}
