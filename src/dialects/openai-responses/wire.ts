import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { CallKind, Extras, Producer } from '../../exchange/part.ts';

export const DIALECT = 'openai-responses';

/** The vendor whose encrypted reasoning this dialect's clients send back bare; everybody else's is wrapped. */
export const VENDOR = 'openai';

/** Who made an item: the wire does not say which vendor, only whose format it is. */
export const PRODUCER: Producer = { dialect: DIALECT };

/** A producer whose parts a client of this dialect could not send back bare: it speaks otherwise, or is known not to be OpenAI. */
export function isForeign(producer: Producer): boolean {
  return producer.dialect !== DIALECT || (producer.vendor !== undefined && producer.vendor !== VENDOR);
}

/** Fields of `object` besides `known`; `undefined` when there are none. */
export function extrasOf(object: JsonObject, known: ReadonlySet<string>): Extras | undefined {
  let fields: JsonObject | undefined;
  for (const key in object) {
    if (known.has(key) || object[key] === undefined) continue;
    fields ??= {};
    fields[key] = object[key];
  }
  return fields && { dialect: DIALECT, fields };
}

/** What this dialect's own extras say; nothing for another's. */
export function ownFields(extras: Extras | undefined): JsonObject | undefined {
  return extras?.dialect === DIALECT ? extras.fields : undefined;
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

export function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Kinds of calls that are items of their own: the item's type, the field that says what to do, the tool's name where the item has none. */
export const CALL_ITEMS = {
  function: { type: 'function_call', field: 'arguments', prefix: 'fc' },
  custom: { type: 'custom_tool_call', field: 'input', prefix: 'ctc' },
  'local-shell': { type: 'local_shell_call', field: 'action', prefix: 'lsh', name: 'local_shell' },
  shell: { type: 'shell_call', field: 'action', prefix: 'sh', name: 'shell' },
  'apply-patch': { type: 'apply_patch_call', field: 'operation', prefix: 'apc', name: 'apply_patch' },
} as const satisfies Record<CallKind | 'function', { type: string; field: string; prefix: string; name?: string }>;
