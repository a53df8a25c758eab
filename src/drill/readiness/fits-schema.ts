import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';

/** Schemas are recursive; answers are not that deep. */
const DEEPEST = 30;

/**
 * Where a value does not fit a JSON Schema: `items[2].price: is no number`. Looks at what models get wrong (types, missing and invented
 * members, words that are no choice), and takes everything else for fitting.
 */
export function misfit(value: Json | undefined, schema: Json | undefined, root = schema, at = '', depth = 0): string | undefined {
  if (!isObject(schema) || depth > DEEPEST) return undefined;
  const here = at === '' ? 'the whole' : at;
  const target = referred(schema, root);
  if (target) return misfit(value, target, root, at, depth + 1);
  for (const one of listOf(schema['allOf'])) {
    const wrong = misfit(value, one, root, at, depth + 1);
    if (wrong !== undefined) return wrong;
  }
  const choices = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])];
  if (choices.length > 0 && choices.every((one) => misfit(value, one, root, at, depth + 1) !== undefined))
    return `${here}: fits none of its forms`;
  if (Array.isArray(schema['enum']) && !schema['enum'].some((one) => JSON.stringify(one) === JSON.stringify(value)))
    return `${here}: is none of the words that are allowed`;
  if (schema['const'] !== undefined && JSON.stringify(schema['const']) !== JSON.stringify(value))
    return `${here}: is not what it has to be`;
  const types = typeof schema['type'] === 'string' ? [schema['type']] : listOf(schema['type']).filter((one) => typeof one === 'string');
  if (types.length > 0 && !types.some((type) => isOf(value, type.toLowerCase()))) return `${here}: is no ${types.join(' or ')}`;
  if (isObject(value)) return misfitInside(value, schema, root, at, depth);
  if (!Array.isArray(value)) return undefined;
  for (const [index, item] of value.entries()) {
    const wrong = misfit(item, schema['items'], root, `${at}[${index}]`, depth + 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function misfitInside(value: JsonObject, schema: JsonObject, root: Json | undefined, at: string, depth: number): string | undefined {
  const properties = isObject(schema['properties']) ? schema['properties'] : {};
  const place = (name: string): string => (at === '' ? name : `${at}.${name}`);
  for (const name of listOf(schema['required']))
    if (typeof name === 'string' && value[name] === undefined) return `${place(name)}: is missing`;
  for (const [name, inside] of Object.entries(value)) {
    if (properties[name] === undefined && schema['additionalProperties'] === false) return `${place(name)}: was not asked for`;
    const wrong = misfit(inside, properties[name], root, place(name), depth + 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function referred(schema: JsonObject, root: Json | undefined): Json | undefined {
  const path = schema['$ref'];
  if (typeof path !== 'string' || !path.startsWith('#')) return undefined;
  let found: Json | undefined = root;
  for (const step of path.split('/').slice(1)) found = isObject(found) ? found[decodeURIComponent(step)] : undefined;
  return found;
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function isOf(value: Json | undefined, type: string): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === type;
    default:
      return true;
  }
}
