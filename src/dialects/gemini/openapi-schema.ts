import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { camel } from './camel.ts';

/** As deep as anyone writes by hand; what lies deeper is let go rather than let the stack run out. */
const DEEPEST = 200;

/** Whole numbers of 64 bits are strings in protobuf JSON. */
const COUNTS: ReadonlySet<string> = new Set(['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties']);

/** Google's `Schema` (OpenAPI 3.0's words, types in capitals, `nullable`) as JSON Schema. */
export function fromOpenApi(schema: JsonObject, depth = 0): JsonObject {
  if (depth > DEEPEST) return {};
  const { type, nullable, format, ...rest } = camel(schema);
  const result: JsonObject = {};
  const named =
    typeof type === 'string' && type !== 'TYPE_UNSPECIFIED' ? type.toLowerCase() : type === 'TYPE_UNSPECIFIED' ? undefined : type;
  const mayBeNull = nullable === true;
  if (named !== undefined) result.type = mayBeNull && typeof named === 'string' ? [named, 'null'] : named;
  // `enum` is a format of Google's own; it says no more than the list does.
  if (format !== undefined && format !== 'enum') result.format = format;
  for (const name in rest) result[name] = member(name, rest[name]!, depth);
  if (mayBeNull && Array.isArray(result.enum) && !result.enum.includes(null)) result.enum = [...result.enum, null];
  if (mayBeNull && Array.isArray(result.anyOf)) result.anyOf = [...result.anyOf, { type: 'null' }];
  return result;
}

function member(name: string, value: Json, depth: number): Json {
  if (name === 'properties' && isObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([property, schema]) => [property, isObject(schema) ? fromOpenApi(schema, depth + 1) : schema]),
    );
  }
  if ((name === 'items' || name === 'additionalProperties') && isObject(value)) return fromOpenApi(value, depth + 1);
  if ((name === 'anyOf' || name === 'prefixItems') && Array.isArray(value)) {
    return value.map((schema) => (isObject(schema) ? fromOpenApi(schema, depth + 1) : schema));
  }
  if (COUNTS.has(name) && typeof value === 'string' && /^\d+$/.test(value)) return Number(value);
  return value;
}
