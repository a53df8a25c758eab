import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { schemaBudget, type SchemaBudget } from './schema-budget.ts';
import { anyOf, annotationsOf, both, TOO_MUCH, typesOf, withoutAnnotations, type Change, type Merging } from './schema-merge.ts';
import { allowedValues } from './schema-values.ts';

export interface GeminiSchema {
  schema: JsonObject;
  /** What the result allows that the original does not, in words, each once. Empty: it means the same. */
  changes: string[];
}

/** As many schemas as one may unfold into when its references are put in their places. */
const MOST_NODES = 4000;
/** As `SchemaBudget` counts. */
const CHARACTERS_A_UNIT = 100;
/** Deeper ones would rather be a program's mistake, and end at the stack. */
const DEEPEST = 60;

const TYPES: ReadonlySet<unknown> = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

/** Keywords that demand something, of which Gemini's list has none (`GenerationConfig.responseJsonSchema` in its reference). */
const UNKNOWN =
  'not if then else dependentSchemas dependentRequired dependencies propertyNames patternProperties minProperties maxProperties ' +
  'unevaluatedProperties unevaluatedItems uniqueItems contains minContains maxContains pattern minLength maxLength multipleOf ' +
  '$dynamicRef $recursiveRef';
const DEMANDS = UNKNOWN.split(' ');
/** Of those, the ones that a model can be told in a few words instead. */
const TOLD: readonly string[] = ['pattern', 'minLength', 'maxLength', 'multipleOf', 'uniqueItems', 'minProperties', 'maxProperties'];

/** By type: the formats of Google's reference. Others are refused by some versions; they describe only, and are told as such. */
const FORMATS: Record<string, ReadonlySet<unknown>> = {
  string: new Set(['date-time', 'date', 'time']),
  number: new Set(['float', 'double']),
  integer: new Set(['int32', 'int64']),
};

/**
 * A JSON Schema in the words that Gemini takes for `parametersJsonSchema` and `responseJsonSchema`: no references, no `allOf`, `const`,
 * tuples in `items`; `oneOf` is `anyOf`, as Gemini itself reads it. What was valid stays valid; what is valid now and was not is told.
 */
export function geminiSchema(root: JsonObject, budget: SchemaBudget = schemaBudget()): GeminiSchema {
  const changes = new Set<string>();
  const merging: Merging = { ...budget, change: (what) => void changes.add(what) };
  const { change, affords } = merging;
  let nodes = 0;

  function rewrite(node: Json | undefined, references: readonly string[], depth: number): JsonObject | undefined {
    nodes++;
    if (node === true || node === undefined) return {};
    if (node === false) return undefined;
    if (!isObject(node)) return {};
    // The document itself is as large as it is; what a reference repeats is not.
    if (nodes > MOST_NODES || depth > DEEPEST || (references.length > 1 && !affords(cost(node)))) {
      change(TOO_MUCH);
      return {};
    }
    let result = ownWords(node, references, depth);
    for (const part of Array.isArray(node.allOf) ? node.allOf : []) result = result && join(result, rewrite(part, references, depth + 1));
    for (const name of ['anyOf', 'oneOf']) {
      const list = node[name];
      if (!Array.isArray(list) || !result) continue;
      if (name === 'oneOf' && list.length > 1) change('oneOf is read as anyOf');
      const possible = list.flatMap((part): JsonObject[] => listed(rewrite(part, references, depth + 1)));
      if (possible.length === 0) return undefined;
      const outside = annotationsOf(result);
      const merged = join(withoutAnnotations(result), anyOf(possible, {}));
      result = merged && { ...merged, ...outside };
    }
    if (result && typeof node.$ref === 'string') {
      const outside = annotationsOf(result);
      const referred = reference(node.$ref, references, depth);
      const merged = referred && join(withoutAnnotations(result), referred);
      result = merged && { ...merged, ...outside };
    }
    return result;
  }

  function join(one: JsonObject, other: JsonObject | undefined): JsonObject | undefined {
    return other && both(one, other, merging);
  }

  function reference(ref: string, references: readonly string[], depth: number): JsonObject | undefined {
    const target = pointed(root, ref);
    if (target === undefined) {
      change(`a reference that leads nowhere (${ref.slice(0, 60)})`);
      return {};
    }
    if (!references.includes(ref)) return rewrite(target, [...references, ref], depth + 1);
    change('a schema within itself ends after one round');
    return isObject(target) && TYPES.has(target.type) ? { type: target.type! } : {};
  }

  /** Of a node, what it demands itself. */
  function ownWords(node: JsonObject, references: readonly string[], depth: number): JsonObject | undefined {
    const types = declaredTypes(node, change);
    const values = Array.isArray(node.enum) ? node.enum : node.const === undefined ? undefined : [node.const];
    const told = annotations(node, types);
    for (const name of DEMANDS) if (node[name] !== undefined && node[name] !== false) change(name);
    if (values) {
      const allowed = allowedValues(values, types, change);
      return allowed && { ...allowed, ...told };
    }
    if (!types)
      return { ...numberWords(node, false), ...arrayWords(node, references, depth), ...objectWords(node, references, depth), ...told };
    const single = types.filter((type) => type !== 'null').map((type) => ({ type, ...wordsOf(type, node, references, depth) }));
    if (types.length === 2 && single.length === 1) return { ...single[0], type: [single[0]!.type, 'null'], ...told };
    return { ...anyOf(types.includes('null') ? [...single, { type: 'null' }] : single, {}), ...told };
  }

  function wordsOf(type: string, node: JsonObject, references: readonly string[], depth: number): JsonObject {
    if (type === 'object') return objectWords(node, references, depth);
    if (type === 'array') return arrayWords(node, references, depth);
    const format = FORMATS[type]?.has(node.format) ? { format: node.format! } : {};
    return type === 'number' || type === 'integer' ? { ...numberWords(node, type === 'integer'), ...format } : format;
  }

  function numberWords(node: JsonObject, whole: boolean): JsonObject {
    const words: JsonObject = {};
    const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = node;
    if (typeof minimum === 'number') words.minimum = minimum;
    if (typeof maximum === 'number') words.maximum = maximum;
    if (typeof above === 'number') words.minimum = Math.max(Number(words.minimum ?? -Infinity), whole ? Math.floor(above) + 1 : above);
    if (typeof below === 'number') words.maximum = Math.min(Number(words.maximum ?? Infinity), whole ? Math.ceil(below) - 1 : below);
    // Draft 4 has them as flags.
    if (above === true || (typeof above === 'number' && !whole)) change('exclusiveMinimum');
    if (below === true || (typeof below === 'number' && !whole)) change('exclusiveMaximum');
    return words;
  }

  function arrayWords(node: JsonObject, references: readonly string[], depth: number): JsonObject {
    const words: JsonObject = {};
    const tuple = Array.isArray(node.prefixItems) ? node.prefixItems : Array.isArray(node.items) ? node.items : undefined;
    const rest = Array.isArray(node.items) ? node.additionalItems : node.items;
    if (typeof node.minItems === 'number') words.minItems = node.minItems;
    if (typeof node.maxItems === 'number') words.maxItems = node.maxItems;
    if (tuple) words.prefixItems = tuple.map((item) => rewrite(item, references, depth + 1) ?? impossible());
    const items = rest === undefined || rest === true ? undefined : rewrite(rest, references, depth + 1);
    if (items) words.items = items;
    else if (rest !== undefined && rest !== true) words.maxItems = Math.min(Number(words.maxItems ?? Infinity), tuple?.length ?? 0);
    return words;
  }

  function objectWords(node: JsonObject, references: readonly string[], depth: number): JsonObject {
    const words: JsonObject = {};
    const others = node.additionalProperties;
    // Names by pattern are lost, so the door has to stand open for them.
    const open = others === undefined || isObject(node.patternProperties);
    const rest = open ? undefined : typeof others === 'boolean' ? others : (rewrite(others, references, depth + 1) ?? false);
    if (isObject(node.properties)) {
      words.properties = Object.fromEntries(
        Object.entries(node.properties).flatMap(([name, schema]): [string, JsonObject][] => {
          const written = rewrite(schema, references, depth + 1);
          return written ? [[name, written]] : rest === undefined || rest === true ? [[name, impossible()]] : [];
        }),
      );
    }
    if (Array.isArray(node.required)) words.required = node.required.filter((name) => typeof name === 'string');
    if (rest !== undefined) words.additionalProperties = rest;
    return words;
  }

  function impossible(): JsonObject {
    change('what may never be');
    return {};
  }

  const result = rewrite(root, ['#'], 0) ?? impossible();
  return { schema: complete(result, merging), changes: [...changes] };
}

/** Of one node alone, in units. */
function cost({ description, title, enum: values }: JsonObject): number {
  const texts = [description, title, ...(Array.isArray(values) ? values : [])];
  return 1 + texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 1), 0) / CHARACTERS_A_UNIT;
}

function listed(schema: JsonObject | undefined): JsonObject[] {
  return schema ? [schema] : [];
}

/** `nullable` is OpenAPI's. Names of types that do not exist are left out. */
function declaredTypes(node: JsonObject, change: Change): string[] | undefined {
  const given = Array.isArray(node.type) ? node.type : node.type === undefined ? [] : [node.type];
  const types = given.filter((type): type is string => TYPES.has(type));
  if (types.length < given.length) change('an unknown type');
  if (types.length === 0 || types.length < given.length) return undefined;
  const distinct = [...new Set(types)];
  return node.nullable === true && !distinct.includes('null') ? [...distinct, 'null'] : distinct;
}

/** Title and description, with what the model is told because it can't be demanded. */
function annotations(node: JsonObject, types: readonly string[] | undefined): JsonObject {
  const told = TOLD.filter((name) => node[name] !== undefined && node[name] !== false && typeof node[name] !== 'object').map(
    (name) => `${name}: ${String(node[name])}`,
  );
  const known = types?.some((type) => FORMATS[type]?.has(node.format)) === true && node.enum === undefined && node.const === undefined;
  if (typeof node.format === 'string' && !known) told.unshift(`format: ${node.format}`);
  const description = typeof node.description === 'string' ? node.description : undefined;
  const words =
    told.length === 0 ? description : [description, `(${told.join(', ')})`].filter((text) => text !== undefined && text !== '').join(' ');
  return {
    ...(typeof node.title === 'string' && { title: node.title }),
    ...(words !== undefined && { description: words }),
    ...(Array.isArray(node.propertyOrdering) && { propertyOrdering: node.propertyOrdering }),
  };
}

/** What a JSON pointer within the document leads to. */
function pointed(root: JsonObject, ref: string): Json | undefined {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: Json | undefined = root;
  for (const step of ref.slice(2).split('/')) {
    const name = unescaped(step);
    if (Array.isArray(at)) at = at[Number(name)];
    else at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  }
  return at;
}

function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replace(/~1/g, '/').replace(/~0/g, '~');
  } catch {
    return step;
  }
}

/**
 * The API insists on types (`properties: only allowed for OBJECT type`), which many leave out, and on required properties being there
 * (`property is not defined`).
 */
function complete(schema: JsonObject, merging: Merging): JsonObject {
  const result: JsonObject = { ...schema };
  if (result.type === undefined && result.anyOf === undefined) {
    if (result.properties !== undefined || result.required !== undefined || result.additionalProperties !== undefined)
      result.type = 'object';
    else if (
      result.items !== undefined ||
      result.prefixItems !== undefined ||
      result.minItems !== undefined ||
      result.maxItems !== undefined
    )
      result.type = 'array';
    else if (result.minimum !== undefined || result.maximum !== undefined) result.type = 'number';
  }
  if (isObject(result.properties)) {
    result.properties = Object.fromEntries(
      Object.entries(result.properties).map(([name, value]) => [name, isObject(value) ? complete(value, merging) : {}]),
    );
  }
  for (const name of ['items', 'additionalProperties']) if (isObject(result[name])) result[name] = complete(result[name], merging);
  if (Array.isArray(result.required) && result.required.length > 0) {
    const properties = isObject(result.properties) ? result.properties : {};
    const missing = result.required.filter((name) => typeof name === 'string' && !Object.hasOwn(properties, name));
    const others =
      missing.length > 0 && isObject(result.additionalProperties) ? repeated(result.additionalProperties, missing.length, merging) : {};
    if (missing.length > 0) result.properties = { ...properties, ...Object.fromEntries(missing.map((name) => [name, others])) };
  }
  for (const name of ['anyOf', 'prefixItems']) {
    const list = result[name];
    if (Array.isArray(list)) result[name] = list.map((part) => (isObject(part) ? complete(part, merging) : {}));
  }
  return result;
}

/** A schema that is to stand in so many places. */
function repeated(schema: JsonObject, times: number, { affords, change }: Merging): JsonObject {
  if (affords((JSON.stringify(schema).length * times) / CHARACTERS_A_UNIT)) return schema;
  change(TOO_MUCH);
  return {};
}

/**
 * The parameters of a function are one object: alternatives of objects become one with the properties of all, of which those are required
 * that all require. (By the letter, an open alternative allows anything under the names that only others know; nobody means that.)
 */
export function parametersSchema(root: JsonObject, budget?: SchemaBudget): GeminiSchema {
  const { schema, changes } = geminiSchema(root, budget);
  if (schema.type === 'object') return { schema, changes };
  const objects = (Array.isArray(schema.anyOf) ? schema.anyOf.filter(isObject) : [schema]).filter((part) => {
    const types = typesOf(part);
    return types === undefined || types.includes('object');
  });
  if (objects.length === 0)
    return { schema: { type: 'object', ...annotationsOf(schema) }, changes: [...changes, 'parameters that are no object'] };
  const [only] = objects;
  if (objects.length === 1) return { schema: { ...only, ...annotationsOf(schema), type: 'object' }, changes };
  return { schema: { ...annotationsOf(schema), ...united(objects) }, changes: [...changes, 'alternatives of the whole are one object'] };
}

function united(objects: readonly JsonObject[]): JsonObject {
  const properties = new Map<string, JsonObject[]>();
  for (const { properties: own } of objects) {
    for (const [name, schema] of isObject(own) ? Object.entries(own) : []) {
      if (isObject(schema)) properties.set(name, [...(properties.get(name) ?? []), schema]);
    }
  }
  const required = objects.map((part) => new Set(Array.isArray(part.required) ? part.required : []));
  const always = [...required[0]!].filter((name) => required.every((names) => names.has(name)));
  return {
    type: 'object',
    properties: Object.fromEntries([...properties].map(([name, list]) => [name, anyOf(list, {})])),
    ...(always.length > 0 && { required: always }),
    ...(objects.every((part) => part.additionalProperties === false) && { additionalProperties: false }),
  };
}
