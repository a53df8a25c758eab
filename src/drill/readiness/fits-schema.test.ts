import { expect, it } from 'vitest';
import type { Json } from '../../exchange/json.ts';
import { misfit } from './fits-schema.ts';

const SCHEMA: Json = {
  type: 'object',
  $defs: { Price: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] } },
  properties: {
    items: { type: 'array', items: { $ref: '#/$defs/Price' } },
    kind: { enum: ['ferry', 'train'] },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    when: { type: ['string', 'integer'] },
  },
  required: ['items'],
  additionalProperties: false,
};

it.each<[string, Json, string | undefined]>([
  ['fits', { items: [{ amount: 1 }], kind: 'ferry', note: null, when: 3 }, undefined],
  ['lacks a member', { kind: 'ferry' }, 'items: is missing'],
  ['has one too many', { items: [], colour: 'red' }, 'colour: was not asked for'],
  ['has a wrong type deep inside', { items: [{ amount: 1 }, { amount: 'much' }] }, 'items[1].amount: is no number'],
  ['names what is no choice', { items: [], kind: 'boat' }, 'kind: is none of the words that are allowed'],
  ['fits none of the forms', { items: [], note: 4 }, 'note: fits none of its forms'],
  ['is of none of the types', { items: [], when: true }, 'when: is no string or integer'],
  ['is something else altogether', [], 'the whole: is no object'],
])('what %s', (_name, value, expected) => {
  expect(misfit(value, SCHEMA)).toBe(expected);
});

it('does not go round in circles', () => {
  const schema: Json = { $ref: '#' };
  expect(misfit({}, schema)).toBeUndefined();
});
