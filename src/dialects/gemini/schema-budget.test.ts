import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../exchange/json.ts';
import { schemaBudget } from './schema-budget.ts';
import { geminiSchema } from './schema.ts';

describe('a schema that unfolds into more than it is', () => {
  const size = (schema: JsonObject): number => JSON.stringify(geminiSchema(schema).schema).length;
  const told = (schema: JsonObject): string[] => geminiSchema(schema).changes;
  const TOLD = ['what lies too deep or is too much'];

  test('required names that only additionalProperties describes, within each other', () => {
    let schema: JsonObject = { type: 'string' };
    for (let level = 0; level < 40; level++) schema = { type: 'object', required: ['a', 'b'], additionalProperties: schema };
    expect(size(schema)).toBeLessThan(4_000_000);
    expect(told(schema)).toEqual(TOLD);
  });

  test('a long description behind thousands of references', () => {
    const properties = Object.fromEntries(Array.from({ length: 3900 }, (_, index) => [`p${index}`, { $ref: '#/$defs/long' }]));
    const schema = { $defs: { long: { type: 'string', description: 'x'.repeat(100_000) } }, type: 'object', properties };
    expect(size(schema)).toBeLessThan(4_000_000);
    expect(told(schema)).toEqual(TOLD);
  });

  test('conditions on tens of thousands of names at once', () => {
    const allOf = Array.from({ length: 60 }, (_, one) => ({
      properties: Object.fromEntries(Array.from({ length: 1000 }, (_, other) => [`p${one}_${other}`, true])),
    }));
    expect(told({ type: 'object', allOf })).toEqual(TOLD);
  });

  test('many tools share what one request may unfold into', () => {
    const budget = schemaBudget();
    const $defs: JsonObject = Object.fromEntries(
      Array.from({ length: 11 }, (_, at) => [
        `d${at}`,
        { type: 'object', properties: { x: { $ref: `#/$defs/d${at + 1}` }, y: { $ref: `#/$defs/d${at + 1}` } } },
      ]),
    );
    $defs.d11 = { type: 'string' };
    const tool = { type: 'object', properties: { all: { $ref: '#/$defs/d0' } }, $defs };
    const sizes = Array.from({ length: 50 }, () => JSON.stringify(geminiSchema(tool, budget).schema).length);
    expect(sizes[0]).toBe(size(tool));
    expect(sizes.at(-1)).toBeLessThan(100);
  });
});
