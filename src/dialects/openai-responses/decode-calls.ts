import type { JsonObject } from '../../exchange/json.ts';
import type { CallKind, ResultContent, ToolCallPart, ToolResultPart } from '../../exchange/part.ts';
import { others, type Fields } from '../openai-fields.ts';
import { ERROR_MARK } from '../tool-results.ts';
import { freeArguments } from '../plain-tools.ts';
import { decodeOutput, extras } from './decode-content.ts';
import { callKind } from './read-call.ts';
import { CALL_ITEMS } from './wire.ts';

const OUTPUTS: Record<string, { kind?: CallKind }> = {
  function_call_output: {},
  custom_tool_call_output: { kind: 'custom' },
  local_shell_call_output: { kind: 'local-shell' },
  shell_call_output: { kind: 'shell' },
  apply_patch_call_output: { kind: 'apply-patch' },
};

const RESULT_FIELDS = new Set(['type', 'id', 'call_id', 'output', 'status', 'name', 'namespace']);

/** `undefined`: the item is no call that its client answers. */
export function decodeCall(item: JsonObject, path: string, fields: Fields): ToolCallPart | undefined {
  const known = callKind(item);
  if (!known) return undefined;
  const spec = CALL_ITEMS[known];
  const kind = known === 'function' ? undefined : known;
  const fixed = 'name' in spec ? spec.name : undefined;
  const namespace = fixed === undefined ? fields.string(item, 'namespace', path) : undefined;
  let json: string;
  if (kind === undefined) json = fields.string(item, spec.field, path) ?? '';
  else if (kind === 'custom') json = freeArguments(fields.needString(item, spec.field, path));
  else json = JSON.stringify(fields.needObject(item, spec.field, path) ?? {});
  // The id of the item names nothing that a model could know; calls and results are joined by `call_id`.
  const named = ['type', 'id', 'call_id', 'status', spec.field, ...(fixed === undefined ? ['name', 'namespace'] : [])];
  return {
    type: 'tool-call',
    id: fields.needString(item, 'call_id', path),
    name: fixed ?? fields.needString(item, 'name', path),
    ...(namespace && { namespace }),
    ...(kind && { kind }),
    arguments: json,
    ...extras({ ...others(item, new Set(named)), ...status(item) }),
  };
}

/** `undefined`: the item is no result of such a call, or does not say of which. */
export function decodeResult(item: JsonObject, type: string, path: string, fields: Fields): ToolResultPart | undefined {
  const known = Object.hasOwn(OUTPUTS, type) ? OUTPUTS[type] : undefined;
  if (!known) return undefined;
  const { kind } = known;
  // Local shell's output has only an `id` in OpenAI's types, and a `call_id` besides in its schema.
  const callId = fields.string(item, 'call_id', path) ?? (kind === 'local-shell' ? fields.string(item, 'id', path) : undefined);
  if (callId === undefined) return undefined;
  const content = kind === 'shell' ? shellOutput(item, path, fields) : decodeOutput(item.output, `${path}.output`, fields);
  const first = content[0];
  const marked = first?.type === 'text' && first.text.startsWith(ERROR_MARK);
  if (marked) {
    const text = first.text.slice(ERROR_MARK.length);
    if (text === '') content.shift();
    else content[0] = { ...first, text };
  }
  const failed = kind === 'apply-patch' && item.status === 'failed';
  return {
    type: 'tool-result',
    callId,
    ...(kind && { kind }),
    content,
    isError: marked || failed,
    ...extras({ ...others(item, RESULT_FIELDS), ...(kind !== 'apply-patch' && status(item)) }),
  };
}

/** What commands printed, with how each ended: as JSON, which every model can read. */
function shellOutput(item: JsonObject, path: string, fields: Fields): ResultContent[] {
  const list = fields.list(item, 'output', path) ?? [];
  return list.length === 0 ? [] : [{ type: 'text', text: JSON.stringify(list) }];
}

/** `completed` is what absence means. */
function status(item: JsonObject): JsonObject | undefined {
  return item.status !== undefined && item.status !== null && item.status !== 'completed' ? { status: item.status } : undefined;
}
