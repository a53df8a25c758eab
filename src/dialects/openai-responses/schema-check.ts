/** For tests: published schemas of this dialect as judges of what we write. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';

const SPECS = `${process.env.UNDERSTUDY_CORPORA ?? '/work/shared/corpora'}/specs`;

/** What `value` has wrong by the schema of this name: places and reasons; empty when nothing. */
export type Check = (name: string, value: Json) => string[];

/** Open Responses (https://openresponses.org); `undefined` where it is not at hand. */
export function openResponses(): Check | undefined {
  return load('openresponses-2026-04-24.json', (bytes) => bytes);
}

/** OpenAI's own OpenAPI, which its own answers do not always keep to. */
export function openaiSchemas(): Check | undefined {
  return load('openai-openapi.json.gz', gunzipSync);
}

function load(file: string, unpack: (bytes: Buffer) => Buffer): Check | undefined {
  const path = `${SPECS}/${file}`;
  if (!existsSync(path)) return undefined;
  const document = JSON.parse(unpack(readFileSync(path)).toString()) as { components: { schemas: Record<string, JsonObject> } };
  const { schemas } = document.components;
  return (name, value) => check(schemas, schemas[name] ?? missing(name), value, name);
}

/** As much of JSON Schema as these documents use. */
function check(schemas: Record<string, JsonObject>, schema: JsonObject, value: Json, at: string): string[] {
  const { $ref: reference, type, properties, required, items, allOf } = schema;
  if (typeof reference === 'string') {
    const name = reference.replace('#/components/schemas/', '');
    return check(schemas, schemas[name] ?? missing(name), value, at);
  }
  const problems: string[] = [];
  if (typeof type === 'string' && !isOf(type, value)) return [`${at}: ${JSON.stringify(value)?.slice(0, 60)} is no ${type}`];
  if (Array.isArray(schema.enum) && !schema.enum.includes(value as string))
    problems.push(`${at}: ${JSON.stringify(value)} is not among the values`);
  for (const part of list(allOf)) problems.push(...check(schemas, part, value, at));
  for (const choices of [schema.oneOf, schema.anyOf]) {
    const tried = list(choices).map((choice) => check(schemas, choice, value, at));
    const closest = tried.find((found) => !found.some((problem) => problem.startsWith(`${at}.type: `))) ?? tried[0];
    // The alternative that was meant is the one whose type fits.
    if (closest && tried.every((found) => found.length > 0)) problems.push(...closest);
  }
  if (isObject(value)) {
    for (const name of Array.isArray(required) ? required : []) {
      if (typeof name === 'string' && value[name] === undefined) problems.push(`${at}.${name} is missing`);
    }
    for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
      const inner = value[name];
      if (inner !== undefined && isObject(property)) problems.push(...check(schemas, property, inner, `${at}.${name}`));
    }
  }
  if (Array.isArray(value) && isObject(items)) {
    for (const [index, entry] of value.entries()) problems.push(...check(schemas, items, entry, `${at}[${index}]`));
  }
  return problems;
}

function isOf(type: string, value: Json): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function list(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function missing(name: string): never {
  throw new Error(`the document has no schema ${name}`);
}
