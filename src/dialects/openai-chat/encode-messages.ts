import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Part, ToolResultPart } from '../../exchange/part.ts';
import type { Message, Request } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import { asJson } from './as-json.ts';
import { encodeAssistant } from './encode-assistant.ts';
import { encodePart, plain, text } from './encode-content.ts';
import { encodeSystem } from './encode-system.ts';
import type { LossLog } from '../losses.ts';
import { wireId } from './names.ts';
import { toolsAsText } from '../tools-as-text.ts';
import { ERROR_MARK, UNKNOWN_RESULT } from '../tool-results.ts';

/**
 * Chat's order is strict: after an assistant message with calls come the results, one message each, every call answered,
 * nothing in between. So results are taken from wherever they stand before the next assistant message, missing ones are
 * filled in, and those that answer no call are told as text.
 */
export function encodeMessages(request: Request, facts: TargetFacts, losses: LossLog): JsonObject[] {
  const wire = encodeSystem(request, facts, losses);
  const messages = facts.tools === false ? toolsAsText(request.messages, losses) : request.messages;
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at]!;
    const where = `messages[${at}]`;
    if (message.role !== 'assistant') {
      wire.push(...encodeTurn(message, message.parts, [], where, facts, losses));
      continue;
    }
    const assistant = encodeAssistant(message, where, facts, losses);
    if (assistant) wire.push(assistant);
    const calls = assistant ? callIds(message.parts) : [];
    if (calls.length === 0) continue;
    let stop = at + 1;
    while (stop < messages.length && messages[stop]!.role !== 'assistant') stop++;
    wire.push(...encodeResults(messages.slice(at + 1, stop), at + 1, calls, facts, losses));
    at = stop - 1;
  }
  return wire;
}

function callIds(parts: Part[]): string[] {
  const ids: string[] = [];
  for (const part of parts) {
    if (part.type === 'tool-call') ids.push(part.id);
    else if (
      part.type === 'opaque' &&
      part.producer.dialect === 'openai-chat' &&
      isObject(part.value) &&
      Array.isArray(part.value.tool_calls)
    ) {
      for (const call of part.value.tool_calls) if (isObject(call) && typeof call.id === 'string') ids.push(call.id);
    }
  }
  return ids;
}

/** The messages between a call and the next answer: results first, then images out of them, then what else was said. */
function encodeResults(turns: Message[], offset: number, calls: string[], facts: TargetFacts, losses: LossLog): JsonObject[] {
  const wire: JsonObject[] = [];
  const attachments: JsonObject[] = [];
  const open = new Set(calls);
  const taken = new Set<Part>();
  for (const [turn, message] of turns.entries()) {
    for (const [place, part] of message.parts.entries()) {
      if (part.type !== 'tool-result' || !open.delete(part.callId)) continue;
      taken.add(part);
      wire.push(encodeResult(part, `messages[${offset + turn}].parts[${place}]`, attachments, facts, losses));
    }
  }
  for (const id of open) {
    wire.push({ role: 'tool', tool_call_id: wireId(id, facts.vendor), content: UNKNOWN_RESULT });
  }
  const answered = wire.length;
  let waiting = attachments;
  for (const [turn, message] of turns.entries()) {
    const rest = message.parts.filter((part) => !taken.has(part));
    if (rest.length === 0) continue;
    const prefix = message.role === 'user' ? waiting : [];
    wire.push(...encodeTurn(message, rest, prefix, `messages[${offset + turn}]`, facts, losses));
    if (message.role === 'user') waiting = [];
  }
  if (waiting.length > 0) wire.splice(answered, 0, { role: 'user', content: waiting });
  return wire;
}

/** A `tool` message carries text only: anything else goes into the user message after all of them, labelled with the call. */
function encodeResult(part: ToolResultPart, where: string, attachments: JsonObject[], facts: TargetFacts, losses: LossLog): JsonObject {
  const id = wireId(part.callId, facts.vendor);
  const texts: string[] = [];
  let moved = 0;
  for (const [index, content] of part.content.entries()) {
    const at = `${where}.content[${index}]`;
    const piece = encodePart(content, at, facts, losses);
    if (!piece) continue;
    if (piece.type === 'text' && typeof piece.text === 'string') {
      texts.push(piece.text);
      continue;
    }
    if (moved === 0) attachments.push(asJson(text(`From the result of tool call ${id}:`)));
    moved++;
    attachments.push(piece);
    losses.lose(
      at,
      'moved into the user message after the tool results, labelled with its call: tool messages carry only text. Nothing is lost',
    );
  }
  if (moved > 0) texts.push(`[${moved === 1 ? 'One attachment' : `${moved} attachments`} of this result: see the next user message.]`);
  const extras = losses.own(part.extras, where);
  if (part.isError) texts[0] = ERROR_MARK + (texts[0] ?? '');
  return { role: 'tool', tool_call_id: id, content: plain(texts.map((value) => asJson(text(value)))), ...extras };
}

/** A user's or a system message without the results that belong to calls. */
function encodeTurn(
  message: Message,
  parts: Part[],
  prefix: JsonObject[],
  where: string,
  facts: TargetFacts,
  losses: LossLog,
): JsonObject[] {
  const content: JsonObject[] = [...prefix];
  for (const part of parts) {
    const at = `${where}.parts[${message.parts.indexOf(part)}]`;
    if (part.type === 'tool-result') {
      content.push(...orphan(part, at, facts, losses));
      continue;
    }
    const piece = encodePart(part, at, facts, losses);
    if (piece) content.push(piece);
  }
  const role = message.role === 'system' ? facts.systemRole : 'user';
  const extras = losses.own(message.extras, where);
  if (content.length === 0 && parts.length > 0) return [];
  return [{ role, content: plain(content), ...(message.name !== undefined && { name: message.name }), ...extras }];
}

function orphan(part: ToolResultPart, where: string, facts: TargetFacts, losses: LossLog): JsonObject[] {
  losses.lose(where, 'answers no call of the message before it: chat refuses such a result, so the model is told it as text');
  const content = part.content.flatMap((piece, index): JsonObject[] => {
    const encoded = encodePart(piece, `${where}.content[${index}]`, facts, losses);
    return encoded ? [encoded] : [];
  });
  const label = `Result of an earlier tool call (${part.callId})${part.isError ? ', which failed' : ''}:`;
  return [asJson(text(label)), ...content];
}
