import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { fromOpenApi } from './openapi-schema.ts';
import { geminiSchema, parametersSchema } from './schema.ts';

/** `GenerationConfig.responseJsonSchema` in Google's reference, without what we never write. */
const KNOWN =
  'type format title description enum items prefixItems minItems maxItems minimum maximum anyOf properties additionalProperties required propertyOrdering';
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/** What Gemini would refuse, or not look at. */
function troubles(schema: Json | undefined, at = '#'): string[] {
  if (!isObject(schema)) return [`${at} is no schema`];
  const found = Object.keys(schema).flatMap((name) => (KNOWN.split(' ').includes(name) ? [] : [`${at}/${name}`]));
  const types = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type];
  for (const type of types) if (!TYPES.includes(type as string)) found.push(`${at} has type ${JSON.stringify(type)}`);
  if (Array.isArray(schema.type) && !(types.length === 2 && types[1] === 'null')) found.push(`${at} has several types`);
  if (schema.properties !== undefined && !types.includes('object')) found.push(`${at} has properties and is no object`);
  if (Array.isArray(schema.enum)) {
    const kinds = new Set(schema.enum.map((value) => typeof value));
    if (schema.enum.length === 0 || schema.enum.includes('') || kinds.size !== 1 || !(kinds.has('string') || kinds.has('number')))
      found.push(`${at} has a strange enum`);
  }
  if (
    schema.anyOf !== undefined &&
    Object.keys(schema).some((name) => !['anyOf', 'title', 'description', 'propertyOrdering'].includes(name))
  )
    found.push(`${at} has something beside anyOf`);
  const required = Array.isArray(schema.required) ? schema.required : [];
  const properties = isObject(schema.properties) ? schema.properties : {};
  for (const name of required)
    if (!Object.hasOwn(properties, name as string)) found.push(`${at} requires ${String(name)}, which is not there`);
  for (const [name, value] of Object.entries(properties)) found.push(...troubles(value, `${at}/${name}`));
  for (const name of ['anyOf', 'prefixItems']) {
    const list = schema[name];
    if (Array.isArray(list)) list.forEach((value, index) => found.push(...troubles(value, `${at}/${name}/${index}`)));
  }
  if (schema.items !== undefined) found.push(...troubles(schema.items, `${at}/items`));
  if (isObject(schema.additionalProperties)) found.push(...troubles(schema.additionalProperties, `${at}/additionalProperties`));
  return found;
}

/** Whether a schema in Gemini's words takes a value. */
function takes(schema: Json | undefined, value: Json): boolean {
  if (schema === true || schema === undefined) return true;
  if (!isObject(schema)) return false;
  const types = Array.isArray(schema.type) ? schema.type : schema.type === undefined ? undefined : [schema.type];
  if (types && !types.some((type) => isType(value, type as string))) return false;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return false;
  if (Array.isArray(schema.anyOf) && !schema.anyOf.some((part) => takes(part, value))) return false;
  if (typeof value === 'number' && (value < Number(schema.minimum ?? -Infinity) || value > Number(schema.maximum ?? Infinity)))
    return false;
  if (Array.isArray(value)) {
    const tuple = Array.isArray(schema.prefixItems) ? schema.prefixItems : [];
    if (value.length < Number(schema.minItems ?? 0) || value.length > Number(schema.maxItems ?? Infinity)) return false;
    return value.every((item, index) => takes(index < tuple.length ? tuple[index] : schema.items, item));
  }
  if (!isObject(value)) return true;
  const properties = isObject(schema.properties) ? schema.properties : {};
  if (Array.isArray(schema.required) && !schema.required.every((name) => Object.hasOwn(value, name as string))) return false;
  return Object.entries(value).every(([name, item]) =>
    Object.hasOwn(properties, name)
      ? takes(properties[name], item!)
      : schema.additionalProperties !== false && takes(schema.additionalProperties, item!),
  );
}

function isType(value: Json, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

/** A schema of any draft's words, with a value that it takes. */
interface Pair {
  schema: Json;
  value: Json;
}

const name = fc.constantFrom('a', 'b', 'c', 'type', '$ref', 'anyOf');
const string = fc.constantFrom('', 'x', 'yy', 'zzz');

const leaf: fc.Arbitrary<Pair> = fc.oneof(
  string.map((value) => ({ schema: { type: 'string', minLength: value.length, pattern: '^', format: 'uri' }, value })),
  string.map((value) => ({ schema: { const: value }, value })),
  fc
    .constantFrom<Json>('x', 1, 2.5, null, true, [1], { a: 1 })
    .map((value) => ({ schema: { enum: ['x', 1, 2.5, null, true, [1], { a: 1 }, 'w'], description: 'one' }, value })),
  fc.constantFrom<Json>('x', null).map((value) => ({ schema: { type: ['string', 'null'], enum: ['x', null, 3] }, value })),
  fc
    .constantFrom<Json>('x', null, 4, [true])
    .map((value) => ({ schema: { type: ['string', 'null', 'integer', 'array'], minimum: 2, items: { type: 'boolean' } }, value })),
  fc
    .integer({ min: 1, max: 9 })
    .map((value) => ({ schema: { type: 'integer', exclusiveMinimum: value - 0.5, exclusiveMaximum: value + 1, multipleOf: 1 }, value })),
  fc
    .double({ min: 0, max: 9, noNaN: true })
    .map((value) => ({ schema: { type: 'number', minimum: 0, exclusiveMaximum: 10, format: 'double' }, value })),
  fc.boolean().map((value) => ({ schema: { type: 'boolean', default: false, nullable: true }, value })),
  fc.jsonValue({ maxDepth: 1 }).map((value) => ({ schema: true, value: JSON.parse(JSON.stringify(value)) as Json })),
  fc.constant({ schema: { $ref: '#/$defs/leaf', description: 'far' }, value: 'leaf' }),
  fc.constant({ schema: { $ref: '#/$defs/tree' }, value: { child: { child: { deep: 1 } } } }),
  fc.constant({ schema: { $ref: 'https://example.com/elsewhere.json' }, value: 7 }),
);

const pair: fc.Arbitrary<Pair> = fc.letrec<{ pair: Pair }>((tie) => {
  const inner = tie('pair');
  const object = fc
    .tuple(
      fc.dictionary(name, inner, { maxKeys: 3 }),
      fc.boolean(),
      fc.constantFrom<JsonObject>({}, { additionalProperties: false }, { patternProperties: { '^x': true }, additionalProperties: false }),
    )
    .map(([members, strict, closed]): Pair => ({
      schema: {
        type: 'object',
        properties: Object.fromEntries(Object.entries(members).map(([key, { schema }]) => [key, schema])),
        ...(strict && { required: Object.keys(members) }),
        ...closed,
      },
      value: {
        ...Object.fromEntries(Object.entries(members).map(([key, { value }]) => [key, value])),
        ...(closed.patternProperties !== undefined && { xx: 1 }),
      },
    }));
  const list = fc.tuple(inner, fc.nat(3)).map(([{ schema, value }, count]): Pair => ({
    schema: { type: 'array', items: schema, minItems: count, uniqueItems: false },
    value: Array.from({ length: count }, () => value),
  }));
  const tuple = fc.tuple(inner, inner, fc.boolean()).map(([one, other, draft7]): Pair => ({
    schema: draft7
      ? { type: 'array', items: [one.schema, other.schema], additionalItems: false }
      : { type: 'array', prefixItems: [one.schema, other.schema], items: false },
    value: [one.value, other.value],
  }));
  const choice = fc.tuple(inner, inner, fc.constantFrom('anyOf', 'oneOf')).map(([one, other, word]): Pair => ({
    schema: { description: 'either', [word]: [one.schema, false, other.schema] },
    value: one.value,
  }));
  const all = fc.tuple(object, fc.boolean()).map(([{ schema, value }, beside]): Pair => ({
    schema: beside
      ? { ...(schema as JsonObject), allOf: [{ required: [] }, schema] }
      : { allOf: [{ type: 'object', title: 'both' }, schema, {}] },
    value,
  }));
  const branching = object.map(({ schema, value }): Pair => ({
    schema: {
      ...(schema as JsonObject),
      anyOf: [{ required: Object.keys(value as JsonObject) }, { required: ['nowhere'] }],
      not: { type: 'string' },
    },
    value,
  }));
  return { pair: fc.oneof({ maxDepth: 3, depthIdentifier: 'schema' }, leaf, object, list, tuple, choice, all, branching) };
}).pair;

/** With the definitions that the leaves refer to. */
const documents = pair.map(({ schema, value }) => ({
  schema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'x',
    type: 'object',
    properties: { root: schema },
    $defs: { leaf: { const: 'leaf' }, tree: { type: 'object', properties: { child: { $ref: '#/$defs/tree' } } } },
  } as JsonObject,
  value: { root: value },
}));

describe('law: a schema in the words of Gemini (case 23)', () => {
  test('holds only what Gemini takes, and what was valid stays valid', () => {
    fc.assert(
      fc.property(documents, ({ schema, value }) => {
        const written = geminiSchema(schema).schema;
        expect(troubles(written)).toEqual([]);
        expect(takes(written, value)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('written again it loses nothing more', () => {
    fc.assert(
      fc.property(documents, ({ schema }) => {
        const once = geminiSchema(schema).schema;
        expect(geminiSchema(once).changes).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('any JSON at all becomes the schema of an object', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...KNOWN.split(' '), '$ref', 'allOf', 'oneOf', 'const', 'not', '$defs'),
          fc.jsonValue({ maxDepth: 4 }),
        ),
        (any) => {
          const { schema } = parametersSchema(JSON.parse(JSON.stringify(any)) as JsonObject);
          expect(schema.type).toBe('object');
        },
      ),
      { numRuns: 300 },
    );
  });
});

function written(schema: JsonObject): { schema: JsonObject; changes: string[] } {
  return geminiSchema(schema);
}

describe('one keyword at a time (case 23)', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['const', { const: 'a' }, { type: 'string', enum: ['a'] }],
    ['const null', { const: null }, { type: 'null' }],
    ['enum of numbers', { type: 'integer', enum: [1, 2] }, { type: 'integer', enum: [1, 2] }],
    ['enum with null', { type: ['string', 'null'], enum: ['a', null] }, { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] }],
    ['both booleans', { enum: [true, false] }, { type: 'boolean' }],
    ['two types', { type: ['string', 'integer'], minimum: 1 }, { anyOf: [{ type: 'string' }, { type: 'integer', minimum: 1 }] }],
    ['a type or null', { type: ['array', 'null'], items: { type: 'string' } }, { type: ['array', 'null'], items: { type: 'string' } }],
    [
      'exclusive bounds of whole numbers',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: 'integer', minimum: 1, maximum: 9 },
    ],
    [
      'a tuple of draft 7',
      { type: 'array', items: [{ type: 'string' }], additionalItems: false },
      { type: 'array', prefixItems: [{ type: 'string' }], maxItems: 1 },
    ],
    ['no type beside properties', { properties: { a: true } }, { type: 'object', properties: { a: {} } }],
    [
      'a format that only describes',
      { type: 'string', format: 'uri', description: 'Where.' },
      { type: 'string', description: 'Where. (format: uri)' },
    ],
    ['a format that Gemini knows', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
    [
      'allOf',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'number' } } },
          { properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
        ],
      },
      { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
    ],
    [
      'bounds of both',
      {
        allOf: [
          { type: 'integer', minimum: 1, maximum: 9 },
          { type: ['number', 'null'], minimum: 3, maximum: 7 },
        ],
      },
      { type: 'integer', minimum: 3, maximum: 7 },
    ],
    [
      'anyOf beside others',
      { type: 'object', properties: { a: true, b: true }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      {
        anyOf: [
          { type: 'object', properties: { a: {}, b: {} }, required: ['a'] },
          { type: 'object', properties: { a: {}, b: {} }, required: ['b'] },
        ],
      },
    ],
    [
      'a reference with a description',
      { $ref: '#/definitions/d~1e', description: 'here', definitions: { 'd/e': { type: 'string', description: 'there' } } },
      { type: 'string', description: 'here' },
    ],
    [
      'words about nothing',
      { $schema: 's', $id: 'i', $comment: 'c', examples: [1], deprecated: true, 'x-order': 1, type: 'string' },
      { type: 'string' },
    ],
  ])('%s means the same', (_name, schema, wanted) => {
    expect(written(schema)).toEqual({ schema: wanted, changes: [] });
  });

  test.each<[string, JsonObject, JsonObject, string[]]>([
    [
      'a reference that comes back to itself',
      { $ref: '#/$defs/t', $defs: { t: { type: 'object', properties: { next: { $ref: '#/$defs/t' } } } } },
      { type: 'object', properties: { next: { type: 'object' } } },
      ['a schema within itself ends after one round'],
    ],
    ['a reference that leads nowhere', { $ref: '#/nowhere' }, {}, ['a reference that leads nowhere (#/nowhere)']],
    [
      'oneOf',
      { oneOf: [{ type: 'string' }, { type: 'null' }] },
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      ['oneOf is read as anyOf'],
    ],
    [
      'a pattern, which the model is told',
      { type: 'string', pattern: '^a', minLength: 2 },
      { type: 'string', description: '(pattern: ^a, minLength: 2)' },
      ['pattern', 'minLength'],
    ],
    ['exclusive bounds of any numbers', { type: 'number', exclusiveMinimum: 0 }, { type: 'number', minimum: 0 }, ['exclusiveMinimum']],
    [
      'an object in a list of values',
      { enum: ['a', {}] },
      { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'object' }] },
      ['a list of values with arrays or objects'],
    ],
    ['what must not be', { not: { type: 'string' } }, {}, ['not']],
    [
      'names by pattern',
      { type: 'object', patternProperties: { a: true }, additionalProperties: false },
      { type: 'object' },
      ['patternProperties'],
    ],
  ])('%s is said to be lost', (_name, schema, wanted, changes) => {
    const result = written(schema);
    expect(result.schema).toEqual(wanted);
    expect(result.changes).toEqual(changes);
  });

  test('parameters are one object', () => {
    const alternatives = {
      oneOf: [
        { type: 'object', properties: { kind: { const: 'a' }, x: { type: 'string' } }, required: ['kind', 'x'] },
        { type: 'object', properties: { kind: { const: 'b' }, y: { type: 'number' } }, required: ['kind'] },
      ],
    };
    expect(parametersSchema(alternatives)).toEqual({
      schema: {
        type: 'object',
        properties: {
          kind: {
            anyOf: [
              { type: 'string', enum: ['a'] },
              { type: 'string', enum: ['b'] },
            ],
          },
          x: { type: 'string' },
          y: { type: 'number' },
        },
        required: ['kind'],
      },
      changes: ['oneOf is read as anyOf', 'alternatives of the whole are one object'],
    });
    expect(parametersSchema({}).schema).toEqual({ type: 'object' });
    expect(parametersSchema({ type: 'object', properties: {} })).toEqual({ schema: { type: 'object', properties: {} }, changes: [] });
  });

  test('a schema that unfolds without end, or very deep, comes to an end', () => {
    const doubling: JsonObject = { $defs: {} };
    for (let level = 0; level < 30; level++) {
      const next = { $ref: `#/$defs/d${level + 1}` };
      (doubling.$defs as JsonObject)[`d${level}`] = { type: 'object', properties: { left: next, right: next } };
    }
    const wide = geminiSchema({ ...doubling, $ref: '#/$defs/d0' });
    expect(JSON.stringify(wide.schema).length).toBeLessThan(1_000_000);
    expect(wide.changes).toContain('what lies too deep or is too much');
    let deep: JsonObject = { type: 'string' };
    for (let level = 0; level < 20_000; level++) deep = { type: 'array', items: deep };
    expect(geminiSchema(deep).changes).toEqual(['what lies too deep or is too much']);
    expect(fromOpenApi(deep).type).toBe('array');
  });
});

describe("OpenAPI's words", () => {
  test('become JSON Schema', () => {
    const parameters = {
      type: 'OBJECT',
      properties: {
        any_of: { type: 'STRING', format: 'enum', enum: ['a'], nullable: true },
        list: { type: 'ARRAY', items: { type: 'INTEGER', format: 'int64' }, min_items: '1', maxItems: '5' },
        either: { anyOf: [{ type: 'NUMBER' }, { type: 'BOOLEAN' }], nullable: true },
      },
      required: ['list'],
      property_ordering: ['list', 'any_of'],
    };
    expect(fromOpenApi(parameters)).toEqual({
      type: 'object',
      properties: {
        any_of: { type: ['string', 'null'], enum: ['a', null] },
        list: { type: 'array', items: { type: 'integer', format: 'int64' }, minItems: 1, maxItems: 5 },
        either: { anyOf: [{ type: 'number' }, { type: 'boolean' }, { type: 'null' }] },
      },
      required: ['list'],
      propertyOrdering: ['list', 'any_of'],
    });
  });
});
