import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { SchemaBudget } from './schema-budget.ts';

/** Notes what a schema loses: the keyword, or what happened to it. */
export type Change = (what: string) => void;

/** What merging tells, and what it may cost. */
export interface Merging extends SchemaBudget {
  change: Change;
}

export const TOO_MUCH = 'what lies too deep or is too much';

/** Names and values whose merging costs as much as one small schema. */
const WORDS_A_UNIT = 8;

/** More branches than these are one too many for a model, and double with every product. */
const MOST_BRANCHES = 24;

/** Words that describe and do not demand. */
export const ANNOTATIONS: ReadonlySet<string> = new Set(['title', 'description', 'propertyOrdering']);

/**
 * Both schemas at once, in Gemini's words, of which neither has `$ref` or `allOf`. Where that cannot be said the result allows more than
 * both do. `undefined`: nothing can be both.
 */
export function both(one: JsonObject, other: JsonObject, merging: Merging): JsonObject | undefined {
  if (Object.keys(one).length === 0) return other;
  if (Object.keys(other).length === 0) return one;
  if (!merging.affords((words(one) + words(other)) / WORDS_A_UNIT)) {
    merging.change(TOO_MUCH);
    return one;
  }
  if (Array.isArray(one.anyOf) || Array.isArray(other.anyOf)) return branches(one, other, merging);
  const types = commonTypes(typesOf(one), typesOf(other));
  if (types?.length === 0) return undefined;
  const result: JsonObject = { ...one, ...other };
  delete result.type;
  if (types) result.type = types.length === 1 ? types[0]! : types;
  for (const name of ['minimum', 'minItems']) limit(result, name, one[name], other[name], Math.max);
  for (const name of ['maximum', 'maxItems']) limit(result, name, one[name], other[name], Math.min);
  const values = commonValues(one.enum, other.enum)?.filter((value) => isAllowed(value, types, result));
  if (values)
    return values.length === 0 ? undefined : { ...annotationsOf(result), ...(result.type && { type: result.type }), enum: values };
  mergeObjects(result, one, other, merging);
  mergeArrays(result, one, other, merging);
  return result;
}

/** How much there is to merge at this level. */
function words({ properties, required, enum: values, anyOf: parts }: JsonObject): number {
  let count = isObject(properties) ? Object.keys(properties).length : 0;
  for (const list of [required, values, parts]) if (Array.isArray(list)) count += list.length;
  return 1 + count;
}

/** Of a list of strings or numbers: whether type and bounds leave this one. */
function isAllowed(value: Json, types: readonly string[] | undefined, bounds: JsonObject): boolean {
  if (typeof value === 'string') return types === undefined || types.includes('string');
  if (typeof value !== 'number') return false;
  const kind = types === undefined || types.includes('number') || (types.includes('integer') && Number.isInteger(value));
  return kind && value >= Number(bounds.minimum ?? -Infinity) && value <= Number(bounds.maximum ?? Infinity);
}

function branches(one: JsonObject, other: JsonObject, merging: Merging): JsonObject | undefined {
  const ones = alternatives(one);
  const others = alternatives(other);
  if (ones.length * others.length > MOST_BRANCHES) {
    merging.change('too many combinations of alternatives');
    return one;
  }
  const found = ones.flatMap((left) => others.map((right) => both(left, right, merging))).filter((schema) => schema !== undefined);
  if (found.length === 0) return undefined;
  return anyOf(found, { ...annotationsOf(one), ...annotationsOf(other) });
}

function alternatives(schema: JsonObject): JsonObject[] {
  return Array.isArray(schema.anyOf) ? schema.anyOf.filter(isObject) : [schema];
}

/** Alternatives beside nothing but words of description: Gemini takes `anyOf` alone. Each comes once. */
export function anyOf(list: readonly JsonObject[], annotations: JsonObject): JsonObject {
  const flat = list.flatMap((schema) =>
    Array.isArray(schema.anyOf) && onlyAlternatives(schema) ? schema.anyOf.filter(isObject) : [schema],
  );
  const seen = new Map(flat.map((schema) => [JSON.stringify(schema), schema]));
  const distinct = [...seen.values()];
  if (distinct.some((schema) => Object.keys(schema).length === 0)) return annotations;
  return distinct.length === 1 ? { ...distinct[0], ...annotations } : { ...annotations, anyOf: distinct };
}

function onlyAlternatives(schema: JsonObject): boolean {
  return Object.keys(schema).length === 1;
}

export function annotationsOf(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => ANNOTATIONS.has(name)));
}

export function withoutAnnotations(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => !ANNOTATIONS.has(name)));
}

export function typesOf(schema: JsonObject): string[] | undefined {
  if (typeof schema.type === 'string') return [schema.type];
  return Array.isArray(schema.type) ? schema.type.filter((type) => typeof type === 'string') : undefined;
}

/** An integer is a number. */
function commonTypes(one: string[] | undefined, other: string[] | undefined): string[] | undefined {
  if (!one || !other) return one ?? other;
  const common = one.filter((type) => other.includes(type) || (type === 'integer' && other.includes('number')));
  if (one.includes('number') && !one.includes('integer') && other.includes('integer') && !other.includes('number')) common.push('integer');
  return common;
}

function commonValues(one: Json | undefined, other: Json | undefined): Json[] | undefined {
  if (!Array.isArray(one) || !Array.isArray(other)) return Array.isArray(one) ? one : Array.isArray(other) ? other : undefined;
  const values = new Set(other);
  return one.filter((value) => values.has(value));
}

function limit(
  result: JsonObject,
  name: string,
  one: Json | undefined,
  other: Json | undefined,
  stricter: (left: number, right: number) => number,
): void {
  if (typeof one === 'number' && typeof other === 'number') result[name] = stricter(one, other);
}

function mergeObjects(result: JsonObject, one: JsonObject, other: JsonObject, merging: Merging): void {
  const ones = isObject(one.properties) ? one.properties : {};
  const others = isObject(other.properties) ? other.properties : {};
  if (isObject(one.properties) && isObject(other.properties)) {
    const properties: JsonObject = { ...ones };
    for (const [name, schema] of Object.entries(others)) {
      const before = Object.hasOwn(ones, name) ? ones[name] : undefined;
      if (isObject(before) && isObject(schema)) properties[name] = both(before, schema, merging) ?? impossible(merging);
      else properties[name] = schema;
    }
    result.properties = properties;
  }
  if (Array.isArray(one.required) && Array.isArray(other.required)) result.required = [...new Set([...one.required, ...other.required])];
  const closed = one.additionalProperties !== undefined || other.additionalProperties !== undefined;
  const same = Object.keys(ones).length === Object.keys(others).length && Object.keys(ones).every((name) => Object.hasOwn(others, name));
  if (closed && !same && (one.properties !== undefined || other.properties !== undefined))
    merging.change('additionalProperties beside other schemas');
  if (one.additionalProperties === false || other.additionalProperties === false) result.additionalProperties = false;
  else if (isObject(one.additionalProperties) && isObject(other.additionalProperties))
    result.additionalProperties = both(one.additionalProperties, other.additionalProperties, merging) ?? impossible(merging);
}

function mergeArrays(result: JsonObject, one: JsonObject, other: JsonObject, merging: Merging): void {
  const tuple = one.prefixItems !== undefined || other.prefixItems !== undefined;
  if (tuple && (one.prefixItems !== undefined) === (other.prefixItems !== undefined)) merging.change('two lists of items at once');
  // Items after a tuple are others than items without one: of two that differ one is kept.
  if (tuple) {
    const kept = one.prefixItems === undefined ? other : one;
    result.prefixItems = kept.prefixItems!;
    if (kept.items === undefined) delete result.items;
    else result.items = kept.items;
  } else if (isObject(one.items) && isObject(other.items)) {
    result.items = both(one.items, other.items, merging) ?? impossible(merging);
  }
}

/** What nothing can satisfy has no words here. */
function impossible({ change }: Merging): JsonObject {
  change('schemas that exclude each other');
  return {};
}
