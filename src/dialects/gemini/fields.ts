import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { fields as plainFields, type Fields as PlainFields } from '../fields.ts';
import { camel } from './camel.ts';

export interface Fields extends PlainFields {
  /** With its names in camelCase; `object` leaves them as they are: JSON of the user's own. */
  message(value: Json | undefined, field: string): JsonObject;
}

export function fields(): Fields {
  const plain = plainFields(numberOf);
  return { ...plain, message: (value, field) => (isObject(value) ? camel(value) : plain.object(value, field)) };
}

/** Protobuf JSON has numbers as strings too. */
function numberOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}
