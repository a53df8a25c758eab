import type { Json, JsonObject } from '../../exchange/json.ts';
import { anyOf, type Change } from './schema-merge.ts';

/**
 * A list of allowed values (`enum`, `const`) as Gemini has it: of strings and of numbers. `null` and both of the booleans are types; single
 * booleans, lists and objects can't be told, nor can the empty string, which the API refuses in a list. `undefined`: of these types
 * nothing is allowed.
 */
export function allowedValues(values: readonly Json[], types: readonly string[] | undefined, change: Change): JsonObject | undefined {
  const fitting = values.filter((value) => types === undefined || types.some((type) => isType(value, type)));
  if (fitting.length === 0) return undefined;
  const strings = fitting.filter((value) => typeof value === 'string');
  const numbers = fitting.filter((value) => typeof value === 'number');
  const booleans = new Set(fitting.filter((value) => typeof value === 'boolean'));
  const list: JsonObject[] = [];
  if (strings.includes('')) {
    change('the empty string in a list of values');
    list.push({ type: 'string' });
  } else if (strings.length > 0) {
    list.push({ type: 'string', enum: [...new Set(strings)] });
  }
  if (numbers.length > 0) list.push({ type: numbers.every(Number.isInteger) ? 'integer' : 'number', enum: [...new Set(numbers)] });
  if (booleans.size > 0) list.push({ type: 'boolean' });
  if (booleans.size === 1) change('a list of values with one boolean');
  if (fitting.includes(null)) list.push({ type: 'null' });
  if (fitting.some(Array.isArray)) list.push({ type: 'array' });
  if (fitting.some((value) => typeof value === 'object' && value !== null && !Array.isArray(value))) list.push({ type: 'object' });
  if (fitting.some((value) => typeof value === 'object' && value !== null)) change('a list of values with arrays or objects');
  return anyOf(list, {});
}

function isType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
