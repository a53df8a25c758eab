import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { OpaquePart, Part, TextPart } from '../../exchange/part.ts';
import type { Message, Tool } from '../../exchange/request.ts';
import { others, type Fields } from '../openai-fields.ts';
import { decodeCall, decodeResult } from './decode-calls.ts';
import { decodeContent, extras } from './decode-content.ts';
import { decodeToolList } from './decode-tools.ts';
import { decodeReasoning } from './reasoning-item.ts';
import { isReference } from './references.ts';
import { PRODUCER } from './wire.ts';

export interface Conversation {
  system: (TextPart | OpaquePart)[];
  messages: Message[];
  /** Those that came as items. */
  tools: Tool[];
}

/** Of a message item; its id and its status name nothing that a model could know. */
const MESSAGE_FIELDS = new Set(['type', 'id', 'role', 'content', 'status', 'phase']);

/** Items that come from the client's side, besides messages and outputs. All other items without a neutral word are the model's. */
const CLIENT_ITEM = /_(output|response)$|^(configuration_update|compaction_trigger)$/;

/** Calls of kinds that a vendor may also answer itself. */
const RUN_BY_VENDOR = /^(shell|custom_tool)_call$/;

/**
 * Items, each of which stands alone on the wire, gathered into turns: reasoning, text and calls up to the next word of the client are one
 * message of the assistant, results of tools and the user's words after them are one of the user. Two messages that follow each other stay
 * two. Leading instructions become the system prompt.
 */
export function decodeInput(input: Json | undefined, fields: Fields): Conversation {
  const system: (TextPart | OpaquePart)[] = [];
  const messages: Message[] = [];
  const tools: Tool[] = [];
  if (typeof input === 'string') return { system, messages: [{ role: 'user', parts: decodeContent(input, 'input', fields) }], tools };
  if (input === undefined || input === null) return { system, messages, tools };
  if (!Array.isArray(input)) {
    fields.report('input', 'must be a string or a list of items');
    return { system, messages, tools };
  }
  /** The message that still gathers, and whether the last of it was a message item. */
  let open: { message: Message; spoken: boolean } | undefined;
  /** Ids of calls that look like the client's and that the vendor runs itself (read-call.ts); so their outputs are its own too. */
  const hosted = new Set<Json | undefined>();

  function add(role: 'user' | 'assistant', parts: Part[], spoken: boolean): void {
    if (open?.message.role !== role || (spoken && open.spoken)) {
      messages.push({ role, parts });
      open = { message: messages.at(-1)!, spoken };
      return;
    }
    open.message.parts.push(...parts);
    open.spoken = spoken;
  }

  for (const [index, given] of input.entries()) {
    const path = `input[${index}]`;
    if (!isObject(given)) {
      fields.report(path, 'must be an object');
      continue;
    }
    const item = referred(given, input);
    if (isReference(item) && typeof item.id !== 'string') {
      fields.report(`${path}.type`, 'is missing, it must say what kind of item this is');
      continue;
    }
    const type = fields.string(item, 'type', path) ?? (item.role === undefined ? 'item_reference' : 'message');
    if (type === 'message') {
      const role = fields.needString(item, 'role', path);
      const parts = decodeMessage(item, path, fields);
      if (role === 'user' || role === 'assistant') {
        add(role, parts, true);
        // After a user's words results of tools would be out of place: what comes is a turn of its own.
        if (role === 'user') open = undefined;
      } else if (role === 'system' || role === 'developer') {
        open = undefined;
        const instructions = parts.filter((part) => part.type === 'text' || part.type === 'opaque');
        if (instructions.length < parts.length) fields.report(`${path}.content`, 'only text can stand in an instruction');
        if (messages.length === 0) system.push(...instructions);
        else messages.push({ role: 'system', parts: instructions });
      } else fields.report(`${path}.role`, `must be system, developer, user or assistant, not ${JSON.stringify(role)}`);
      continue;
    }
    if (type === 'additional_tools') {
      tools.push(...decodeToolList(item, path, fields));
      continue;
    }
    if (type === 'reasoning') {
      add('assistant', [decodeReasoning(item)], false);
      continue;
    }
    const call = decodeCall(item, path, fields);
    const result = call || hosted.has(item.call_id) ? undefined : decodeResult(item, type, path, fields);
    if (call) add('assistant', [call], false);
    else if (result) add('user', [result], false);
    else {
      const theirs = CLIENT_ITEM.test(type) && !hosted.has(item.call_id);
      if (RUN_BY_VENDOR.test(type)) hosted.add(item.call_id);
      add(theirs ? 'user' : 'assistant', [{ type: 'opaque', producer: PRODUCER, value: { ...item, type } }], false);
    }
  }
  return { system, messages, tools };
}

/** What an `item_reference` names, where that stands in the same input; otherwise the reference, which only its vendor can follow. */
function referred(item: JsonObject, input: readonly Json[]): JsonObject {
  if (!isReference(item)) return item;
  const named = input.find((other) => isObject(other) && other.id === item.id && !isReference(other));
  return isObject(named) ? named : item;
}

/** Fields of the item as a whole ride on its first part. */
function decodeMessage(item: JsonObject, path: string, fields: Fields): Part[] {
  if (item.content === undefined || item.content === null)
    fields.report(`${path}.content`, 'is missing, it must be a string or a list of parts');
  const parts = decodeContent(item.content, `${path}.content`, fields);
  const more = others(item, MESSAGE_FIELDS);
  const about: JsonObject = { ...(typeof item.phase === 'string' && { phase: item.phase }), ...(more && { item: more }) };
  const first = parts.find((part) => part.type === 'text');
  if (!first || Object.keys(about).length === 0) return parts;
  return parts.map((part) => (part === first ? { ...first, ...extras({ ...first.extras?.fields, ...about }) } : part));
}
