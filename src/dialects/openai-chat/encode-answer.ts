import type { ChatCompletion, ChatCompletionMessage } from 'openai/resources/chat/completions';
import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { assembleFor, type WholePart } from '../assemble.ts';
import type { EncoderContext } from '../dialect.ts';
import { asJson } from './as-json.ts';
import { writeFinish } from './finish.ts';
import { freeText } from '../plain-tools.ts';
import { isSealed, sealReasoning } from './reasoning-details.ts';
import { writeUsage } from './usage.ts';

type Message = ChatCompletionMessage & { reasoning_content?: string; reasoning?: string; reasoning_details?: Json[] };

/** A whole `chat.completion`, as OpenAI writes it. */
export function encodeAnswer(events: readonly AnswerEvent[], context: EncoderContext): JsonObject {
  const answer = assembleFor(events, ({ dialect }) => dialect !== 'openai-chat');
  const message: Message = { role: 'assistant', content: null, refusal: null };
  const rest: JsonObject = {};
  for (const part of answer.parts) {
    addPart(message, part, rest);
    for (const value of part.opaque) merge(rest, value);
  }
  const { logprobs = null, ...fields } = rest;
  const reason = answer.finish?.reason ?? (message.tool_calls ? 'tool-calls' : 'stop');
  const start = answer.start;
  const finishFields = answer.finish?.extras?.dialect === 'openai-chat' ? answer.finish.extras.fields : {};
  const { choice = {}, ...late } = finishFields;
  const body: JsonObject = {
    id: start?.id || `chatcmpl-${context.exchange}`,
    object: 'chat.completion' satisfies ChatCompletion['object'],
    created: start?.created ?? context.created,
    model: start?.model || context.head.model,
    ...(start?.extras?.dialect === 'openai-chat' && start.extras.fields),
    ...late,
    choices: [
      {
        index: 0,
        message: addFields(asJson(message), fields),
        logprobs,
        finish_reason: message.function_call && reason === 'tool-calls' ? 'function_call' : writeFinish(reason, message.refusal !== null),
        ...(isObject(choice) && choice),
      },
    ],
  };
  if (Object.keys(answer.usage).length > 0) body.usage = asJson(writeUsage(answer.usage));
  return body;
}

function addPart(message: Message, part: WholePart, rest: JsonObject): void {
  const { head } = part;
  switch (head.type) {
    case 'text':
      message.content = (message.content ?? '') + part.text;
      return;
    case 'refusal':
      message.refusal = (message.refusal ?? '') + part.text;
      return;
    case 'reasoning': {
      const own = head.extras?.dialect === 'openai-chat' ? head.extras.fields.field : undefined;
      const field = own === 'reasoning' ? 'reasoning' : 'reasoning_content';
      if (part.text !== '') message[field] = (message[field] ?? '') + part.text;
      if (isSealed(head, part)) {
        const sealed = sealReasoning({
          text: part.text,
          producer: head.producer,
          ...(part.signature !== undefined && { signature: part.signature }),
          ...(head.redacted !== undefined && { redacted: head.redacted }),
        });
        merge(rest, { reasoning_details: [sealed] });
      }
      return;
    }
    case 'tool-call': {
      const args = part.arguments || '{}';
      if (head.extras?.dialect === 'openai-chat' && head.extras.fields.function_call === true) {
        message.function_call = { name: head.name, arguments: args };
      } else if (head.kind === 'custom') {
        (message.tool_calls ??= []).push({ id: head.id, type: 'custom', custom: { name: head.name, input: freeText(args) } });
      } else (message.tool_calls ??= []).push({ id: head.id, type: 'function', function: { name: head.name, arguments: args } });
      return;
    }
    case 'opaque':
      if (head.producer.dialect === 'openai-chat') merge(rest, head.value);
  }
}

/** Adds up pieces of deltas: lists and texts grow, the rest is replaced. */
function merge(into: JsonObject, piece: Json): void {
  if (!isObject(piece)) return;
  for (const [name, value] of Object.entries(piece)) {
    const before = into[name];
    if (Array.isArray(before) && Array.isArray(value)) into[name] = [...before, ...value];
    else if (isObject(before) && isObject(value)) {
      const inner = { ...before };
      merge(inner, value);
      into[name] = inner;
    } else if (typeof before === 'string' && typeof value === 'string' && name !== 'id') into[name] = before + value;
    else if (value !== undefined) into[name] = value;
  }
}

/** Fields that chat's own decoder carried whole; custom tool calls come after the function calls. */
function addFields(message: JsonObject, fields: JsonObject): JsonObject {
  const { tool_calls: calls, content, ...rest } = fields;
  Object.assign(message, rest);
  if (Array.isArray(calls)) {
    const functions = Array.isArray(message.tool_calls) ? message.tool_calls : [];
    message.tool_calls = [...functions, ...calls.map((call) => (isObject(call) ? withoutIndex(call) : call))];
  }
  if (Array.isArray(content) && content.length > 0) {
    const text = typeof message.content === 'string' && message.content !== '' ? [{ type: 'text', text: message.content }] : [];
    message.content = [...text, ...content];
  }
  return message;
}

function withoutIndex({ index: _index, ...call }: JsonObject): JsonObject {
  return call;
}
