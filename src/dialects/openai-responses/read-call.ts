import { isObject, parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { CalledTool, CallKind } from '../../exchange/part.ts';
import { restore } from '../legal-names.ts';
import { carry, carryChanges, changed, missing, say, type NextPart, type OpenItem, type Reading } from './reading.ts';
import { CALL_ITEMS, extrasOf, textOf } from './wire.ts';

const KINDS: Record<string, CallKind | 'function'> = {
  function_call: 'function',
  custom_tool_call: 'custom',
  local_shell_call: 'local-shell',
  shell_call: 'shell',
  apply_patch_call: 'apply-patch',
};

/** What a custom call's arguments begin with: its text is the only field. */
const FREE_OPENING = '{"input":"';

/**
 * What kind of call an item is; `undefined` when it is none that the client has to answer: a shell in OpenAI's container, or one of xAI's
 * own searches, which look like a client's custom calls and are told by their ids.
 */
export function callKind(item: JsonObject): CallKind | 'function' | undefined {
  const kind = typeof item.type === 'string' && Object.hasOwn(KINDS, item.type) ? KINDS[item.type] : undefined;
  if (kind === 'shell' && isObject(item.environment) && item.environment.type !== 'local') return undefined;
  if (kind === 'custom' && textOf(item.call_id).startsWith('xs_call_')) return undefined;
  return kind;
}

/** A call that the client answers. */
export function readCall(item: JsonObject, kind: CallKind | 'function', nextPart: NextPart, reading: Reading): OpenItem {
  const { field } = CALL_ITEMS[kind];
  const known = new Set(['type', 'call_id', 'status', field, ...('name' in CALL_ITEMS[kind] ? [] : ['name', 'namespace'])]);
  const closing = new Set([...known, 'id']);
  closing.delete('status');
  let part: number | undefined;
  let said = '';
  start(item, reading);

  function start(from: JsonObject, reading: Reading): void {
    const called = calledTool(from, kind);
    if (!called || typeof from.call_id !== 'string' || from.call_id === '') return;
    const extras = extrasOf(from, known);
    part = nextPart();
    const index = part;
    reading.events.push({ type: 'part-start', index, part: { type: 'tool-call', id: from.call_id, ...called, ...(extras && { extras }) } });
  }

  function speak(piece: Json | undefined, reading: Reading): void {
    if (typeof piece !== 'string' || piece === '') return;
    // Without its head nothing can be said of a call: what follows is written anew, with all of it, at the end.
    if (part === undefined) {
      reading.clean = false;
      return;
    }
    const opening = kind === 'custom' && said === '' ? FREE_OPENING : '';
    said += piece;
    say(reading, part, { type: 'arguments', json: kind === 'custom' ? opening + JSON.stringify(piece).slice(1, -1) : piece });
  }

  function mend(full: Json | undefined, reading: Reading): void {
    const rest = missing(said, full);
    if (rest === '') return;
    if (rest !== undefined) {
      // All of them at once is how LM Studio sends them, and the official client takes it so; a hole is another thing.
      if (said !== '') reading.clean = false;
      return speak(rest, reading);
    }
    // Some services lay the same object out in another way when they repeat it.
    if (kind !== 'function' || !sameObject(said, textOf(full))) {
      reading.problem ??= 'the arguments that are repeated at the end are not those that came in pieces';
    }
  }

  return {
    id: typeof item.id === 'string' ? item.id : undefined,
    event(type, body, reading) {
      switch (type) {
        case 'response.function_call_arguments.delta':
        case 'response.custom_tool_call_input.delta':
          return speak(body.delta, reading);
        case 'response.function_call_arguments.done':
          return mend(body.arguments, reading);
        case 'response.custom_tool_call_input.done':
          return mend(body.input, reading);
        default:
          if (part !== undefined) carry(reading, part, type, body);
      }
    },
    done(final, reading) {
      if (part === undefined) {
        reading.clean = false;
        start(final, reading);
      }
      if (part === undefined) {
        reading.problem ??= `a ${String(final.type)} without a name or call_id`;
        return;
      }
      const value = final[field];
      if (kind === 'function' || kind === 'custom') {
        if (isObject(value)) reading.clean = false;
        mend(isObject(value) ? JSON.stringify(value) : value, reading);
        if (kind === 'custom' && !isCutCall(final))
          say(reading, part, { type: 'arguments', json: said === '' ? `${FREE_OPENING}"}` : '"}' });
      } else say(reading, part, { type: 'arguments', json: JSON.stringify(isObject(value) ? value : {}) });
      // Of the statuses only this one does not follow from how the answer ends: a program of OpenAI's waits for the call.
      const status = final.status === 'in_progress' ? final.status : 'completed';
      carryChanges(reading, part, changed({ ...item, status: 'completed' }, { ...final, status }, closing));
      reading.events.push({ type: 'part-end', index: part });
    },
  };
}

/** A call in whose middle the answer's token limit was reached. */
export function isCutCall(item: JsonObject): boolean {
  if (item.status !== 'incomplete') return false;
  return item.type === 'custom_tool_call' || (item.type === 'function_call' && parseObject(textOf(item.arguments)) === undefined);
}

function calledTool(item: JsonObject, kind: CallKind | 'function'): CalledTool | undefined {
  const spec = CALL_ITEMS[kind];
  if ('name' in spec) return { name: spec.name, kind: kind as CallKind };
  if (typeof item.name !== 'string' || item.name === '') return undefined;
  return {
    name: restore(item.name),
    ...(typeof item.namespace === 'string' && item.namespace !== '' && { namespace: item.namespace }),
    ...(kind !== 'function' && { kind }),
  };
}

function sameObject(one: string, other: string): boolean {
  const parsed = parseObject(one);
  return parsed !== undefined && JSON.stringify(parsed) === JSON.stringify(parseObject(other));
}
