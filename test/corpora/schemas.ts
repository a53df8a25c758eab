/** Published schemas as judges of what we write, checked by ajv. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { isObject, type Json, type JsonObject } from '../../src/exchange/json.ts';

const SPECS = join(process.env['UNDERSTUDY_CORPORA'] ?? '/work/shared/corpora', 'specs');

export interface Checker {
  /** What is wrong with the value by the schema of this name; a problem is `/place: what`. */
  check(schema: string, value: Json): string[];
  /** The schema for events of this type; `undefined` where the document has none. */
  ofEvent(type: string): string | undefined;
}

export const SPEC_FILES = {
  'Open Responses': 'openresponses-2026-04-24.json',
  OpenAI: 'openai-openapi.json.gz',
  'llmprobe: Anthropic': 'anthropic-messages.llmprobe.json',
  'llmprobe: chat': 'chat-completions.llmprobe.json',
} as const;

export type Spec = keyof typeof SPEC_FILES;

/** `undefined` where the document is not at hand. */
export function checkerOf(spec: Spec): Checker | undefined {
  const path = join(SPECS, SPEC_FILES[spec]);
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  const document = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()) as JsonObject;
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false, logger: false });
  ajv.addSchema({ $id: 'spec:', ...(ofJsonSchema(document) as JsonObject) });
  const compiled = new Map<string, ValidateFunction>();
  const events = eventSchemas(document);
  return {
    check(schema, value) {
      const validate = compiled.get(schema) ?? ajv.compile({ $ref: `spec:#/components/schemas/${schema}` });
      compiled.set(schema, validate);
      return validate(value) ? [] : problems(validate.errors ?? []);
    },
    ofEvent: (type) => events.get(type),
  };
}

/** Schemas of events by the one value of their `type`; a union of all would only say that none of them fits. */
function eventSchemas({ components }: JsonObject): Map<string, string> {
  const schemas = isObject(components) && isObject(components.schemas) ? components.schemas : {};
  const found = new Map<string, string>();
  for (const [name, schema] of Object.entries(schemas)) {
    const type = isObject(schema) && isObject(schema.properties) && isObject(schema.properties.type) ? schema.properties.type : {};
    const values = Array.isArray(type.enum) ? type.enum : [type.const];
    const [only] = values;
    if (name.endsWith('Event') && values.length === 1 && typeof only === 'string' && !found.has(only)) found.set(only, name);
  }
  return found;
}

/** OpenAPI's own words, which ajv does not know: `nullable` and discriminators, whose alternatives `oneOf` and `anyOf` list all the same. */
function ofJsonSchema(value: Json): Json {
  if (Array.isArray(value)) return value.map(ofJsonSchema);
  if (!isObject(value)) return value;
  const { nullable, discriminator: _discriminator, example: _example, ...rest } = value;
  const schema = Object.fromEntries(Object.entries(rest).map(([name, inner]) => [name, ofJsonSchema(inner ?? null)]));
  return nullable === true && schema.anyOf === undefined ? { anyOf: [schema, { type: 'null' }] } : schema;
}

/** Of alternatives only what is wrong with the one that got furthest. */
function problems(errors: readonly ErrorObject[]): string[] {
  const told = errors.map(({ instancePath, message = '', params, keyword }) => ({
    keyword,
    text: `${instancePath}: ${message} ${JSON.stringify(params)}`,
  }));
  const deep = told.filter(({ keyword }) => !['oneOf', 'anyOf', 'const', 'enum'].includes(keyword));
  return (deep.length > 0 ? deep : told).map(({ text }) => text);
}
