import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Extras, OpaquePart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from '../../exchange/part.ts';
import type { Message } from '../../exchange/request.ts';
import { decodeContent, decodeText } from './decode-content.ts';
import { others, type Fields } from '../openai-fields.ts';
import { openReasoning } from './reasoning-details.ts';
import { freeArguments } from '../plain-tools.ts';
import { ERROR_MARK } from '../tool-results.ts';

const KNOWN = {
  plain: new Set(['role', 'content', 'name']),
  tool: new Set(['role', 'content', 'tool_call_id']),
  assistant: new Set([
    'role',
    'content',
    'name',
    'refusal',
    'tool_calls',
    'function_call',
    'reasoning_content',
    'reasoning',
    'reasoning_details',
    'audio',
  ]),
};

export interface Conversation {
  system: (TextPart | OpaquePart)[];
  messages: Message[];
}

/**
 * Leading system and developer messages become the system prompt. Results of tools, each a message of its own in chat, are
 * gathered into one user message; a user message right after them belongs to the same turn.
 */
export function decodeMessages(list: Json[], fields: Fields): Conversation {
  const system: (TextPart | OpaquePart)[] = [];
  const messages: Message[] = [];
  let leading = true;
  /** The user message that gathers results, while no other role has spoken. */
  let results: Message | undefined;
  for (const [index, message] of list.entries()) {
    const path = `messages[${index}]`;
    if (!isObject(message)) {
      fields.report(path, 'must be an object with a role');
      break;
    }
    const role = fields.needString(message, 'role', path);
    if (role === 'system' || role === 'developer') {
      const parts = decodeText(message, path, fields);
      if (leading) system.push(...parts.map((part) => withFields(part, others(message, new Set(['role', 'content'])))));
      else messages.push({ role: 'system', parts, ...head(message, KNOWN.plain, path, fields) });
      if (!leading) results = undefined;
      continue;
    }
    leading = false;
    if (role === 'tool' || role === 'function') {
      const part = decodeResult(message, role, messages, path, fields);
      if (results) results.parts.push(part);
      else messages.push((results = { role: 'user', parts: [part] }));
    } else if (role === 'user') {
      if (message.content === undefined || message.content === null)
        fields.report(`${path}.content`, 'is missing, it must be a string or a list of parts');
      const parts = decodeContent(message, path, fields);
      const about = head(message, KNOWN.plain, path, fields);
      if (results && Object.keys(about).length === 0) results.parts.push(...parts);
      else messages.push({ role: 'user', parts, ...about });
      results = undefined;
    } else if (role === 'assistant') {
      messages.push({
        role: 'assistant',
        parts: decodeAssistant(message, index, path, fields),
        ...head(message, KNOWN.assistant, path, fields),
      });
      results = undefined;
    } else fields.report(`${path}.role`, `must be system, developer, user, assistant or tool, not ${JSON.stringify(role)}`);
  }
  return { system, messages };
}

function head(message: JsonObject, known: ReadonlySet<string>, path: string, fields: Fields): { name?: string; extras?: Extras } {
  const name = fields.string(message, 'name', path);
  const rest = others(message, known);
  return { ...(name !== undefined && { name }), ...(rest && { extras: { dialect: 'openai-chat' as const, fields: rest } }) };
}

function withFields(part: TextPart, rest: JsonObject | undefined): TextPart {
  return rest ? { ...part, extras: { dialect: 'openai-chat', fields: { ...part.extras?.fields, message: rest } } } : part;
}

function decodeResult(message: JsonObject, role: 'tool' | 'function', before: Message[], path: string, fields: Fields): ToolResultPart {
  const content = decodeText(message, path, fields);
  const callId =
    role === 'tool' ? fields.needString(message, 'tool_call_id', path) : functionCallId(before, fields.needString(message, 'name', path));
  const first = content[0];
  const isError = first !== undefined && first.text.startsWith(ERROR_MARK);
  if (isError) content[0] = { ...first, text: first.text.slice(ERROR_MARK.length) };
  const rest = role === 'tool' ? others(message, KNOWN.tool) : undefined;
  return { type: 'tool-result', callId, content, isError, ...(rest && { extras: { dialect: 'openai-chat', fields: rest } }) };
}

/** The older form has no ids: a result belongs to the last call of that name. */
function functionCallId(before: Message[], name: string): string {
  for (const message of before.toReversed()) {
    for (const part of message.parts) if (part.type === 'tool-call' && part.name === name) return part.id;
  }
  return `function_${name}`;
}

function decodeAssistant(message: JsonObject, index: number, path: string, fields: Fields): Part[] {
  const parts: Part[] = [...decodeReasoning(message, path, fields), ...decodeContent(message, path, fields)];
  const refusal = fields.string(message, 'refusal', path);
  if (refusal) parts.push({ type: 'refusal', text: refusal });
  for (const [place, call] of (fields.list(message, 'tool_calls', path) ?? []).entries()) {
    const part = decodeCall(call, `${path}.tool_calls[${place}]`, fields);
    if (part) parts.push(part);
  }
  const legacy = fields.object(message, 'function_call', path);
  if (legacy) {
    const name = fields.needString(legacy, 'name', `${path}.function_call`);
    const args = fields.string(legacy, 'arguments', `${path}.function_call`) ?? '';
    parts.push({ type: 'tool-call', id: `function_${index}_${name}`.slice(0, 40), name, arguments: args });
  }
  if (isObject(message.audio)) parts.push({ type: 'opaque', producer: { dialect: 'openai-chat' }, value: { audio: message.audio } });
  return parts;
}

function decodeCall(call: Json, path: string, fields: Fields): ToolCallPart | OpaquePart | undefined {
  if (!isObject(call)) return fields.report(path, 'must be an object');
  const type = fields.string(call, 'type', path) ?? 'function';
  if (type === 'custom') {
    const body = fields.needObject(call, 'custom', path);
    if (!body) return undefined;
    const rest = others(call, new Set(['type', 'id', 'custom', 'index']));
    return {
      type: 'tool-call',
      kind: 'custom',
      id: fields.needString(call, 'id', path),
      name: fields.needString(body, 'name', `${path}.custom`),
      arguments: freeArguments(fields.string(body, 'input', `${path}.custom`) ?? ''),
      ...(rest && { extras: { dialect: 'openai-chat', fields: rest } }),
    };
  }
  if (type !== 'function') return { type: 'opaque', producer: { dialect: 'openai-chat' }, value: { tool_calls: [call] } };
  const body = fields.needObject(call, 'function', path);
  if (!body) return undefined;
  const id = fields.needString(call, 'id', path);
  const name = fields.needString(body, 'name', `${path}.function`);
  const rest = others(call, new Set(['type', 'id', 'function', 'index']));
  return {
    type: 'tool-call',
    id,
    name,
    arguments: fields.string(body, 'arguments', `${path}.function`) ?? '',
    ...(rest && { extras: { dialect: 'openai-chat', fields: rest } }),
  };
}

/**
 * What we sealed comes back as it was, and the plain text beside it, which says the same once more, is left out. Other services' reasoning is
 * chat's own; its vendor is not known.
 */
function decodeReasoning(message: JsonObject, path: string, fields: Fields): ReasoningPart[] {
  const details = fields.list(message, 'reasoning_details', path) ?? [];
  const own = details.flatMap((entry) => openReasoning(entry) ?? []);
  const field = message.reasoning_content !== undefined && message.reasoning_content !== null ? 'reasoning_content' : 'reasoning';
  const text = fields.string(message, field, path) ?? '';
  if (own.length > 0) return own;
  if (text === '' && details.length === 0) return [];
  const rest: JsonObject = {};
  if (field === 'reasoning') rest.field = field;
  if (details.length > 0) rest.reasoning_details = details;
  return [
    {
      type: 'reasoning',
      text,
      producer: { dialect: 'openai-chat' },
      ...(Object.keys(rest).length > 0 && { extras: { dialect: 'openai-chat', fields: rest } }),
    },
  ];
}
