import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';

/**
 * A JSON Schema in the words that the engine makes a grammar of (node-llama-cpp, GbnfJsonSchema): of the others those are left out that only narrow it
 * (patterns, ranges). Its grammars write every property, so that one that may be absent may be null instead: `withoutNulls` takes that back.
 */
export function grammarSchema(schema: Json | undefined): JsonObject {
  if (!isObject(schema)) return {};
  const described = typeof schema.description === 'string' ? { description: schema.description } : {};
  const definitions = isObject(schema.$defs) ? schema.$defs : isObject(schema.definitions) ? schema.definitions : undefined;
  const defs = definitions && { $defs: Object.fromEntries(Object.entries(definitions).map(([name, one]) => [name, grammarSchema(one)])) };
  if (typeof schema.$ref === 'string') return { $ref: schema.$ref.replace('#/definitions/', '#/$defs/'), ...described, ...defs };
  const choices = listOf(schema.oneOf) ?? listOf(schema.anyOf);
  if (choices) return { oneOf: choices.map(grammarSchema), ...described, ...defs };
  const [only, ...others] = listOf(schema.allOf) ?? [];
  if (only !== undefined && others.length === 0) return { ...grammarSchema(only), ...described, ...defs };
  if (schema.const !== undefined && !isObject(schema.const) && !Array.isArray(schema.const)) return { const: schema.const, ...described };
  if (Array.isArray(schema.enum)) return { enum: schema.enum, ...described };
  const types = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type];
  if (types.length > 1 && types.some((type) => type === 'object' || type === 'array'))
    return { oneOf: types.map((type) => grammarSchema({ ...schema, type })), ...described, ...defs };
  if (types[0] === 'object' || (types.length === 0 && isObject(schema.properties))) return { ...objectOf(schema), ...described, ...defs };
  if (types[0] === 'array') {
    const { items, prefixItems, minItems, maxItems } = schema;
    return {
      type: 'array',
      ...(items !== undefined && isObject(items) && { items: grammarSchema(items) }),
      ...(Array.isArray(prefixItems) && { prefixItems: prefixItems.map(grammarSchema) }),
      ...(typeof minItems === 'number' && { minItems }),
      ...(typeof maxItems === 'number' && { maxItems }),
      ...described,
      ...defs,
    };
  }
  return types.length === 0 ? { ...described } : { type: types.length === 1 ? types[0]! : types, ...described };
}

function objectOf({ properties, required, additionalProperties }: JsonObject): JsonObject {
  const entries = Object.entries(isObject(properties) ? properties : {});
  const needed = new Set(Array.isArray(required) ? required : []);
  const known = entries.map(([name, schema]): [string, Json] => {
    const one = grammarSchema(schema);
    return [name, needed.has(name) ? one : { oneOf: [one, { type: 'null' }], ...described(one) }];
  });
  // An object of which nothing is said may have anything in it.
  const open = entries.length === 0 ? additionalProperties !== false : isObject(additionalProperties);
  return {
    type: 'object',
    ...(known.length > 0 && { properties: Object.fromEntries(known) }),
    ...(open && { additionalProperties: isObject(additionalProperties) ? grammarSchema(additionalProperties) : true }),
  };
}

function described({ description }: JsonObject): JsonObject {
  return description === undefined ? {} : { description };
}

function listOf(value: Json | undefined): Json[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

/** Takes out of what was written by such a grammar the properties that are null and need not be there, going by the schema as it was given. */
export function withoutNulls(value: Json, schema: Json | undefined): Json {
  if (!isObject(schema)) return value;
  if (Array.isArray(value)) return value.map((one) => withoutNulls(one, schema.items));
  if (!isObject(value) || !isObject(schema.properties)) return value;
  const { properties } = schema;
  const needed = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const one = properties[name];
      return inner === null && !needed.has(name) && one !== undefined ? [] : [[name, withoutNulls(inner ?? null, one)]];
    }),
  );
}
