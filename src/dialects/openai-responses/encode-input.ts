import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { Part, ToolCallPart, ToolResultPart } from '../../exchange/part.ts';
import type { Message, Request } from '../../exchange/request.ts';
import type { LossLog } from '../losses.ts';
import { UNKNOWN_RESULT } from '../tool-results.ts';
import { toolsAsText } from '../tools-as-text.ts';
import type { TargetFacts } from '../target-facts.ts';
import { wireCallId } from './call-ids.ts';
import { encodeAssistant, type SaidItem } from './encode-assistant.ts';
import { encodeResult } from './encode-calls.ts';
import { waitingCalls } from '../waiting-calls.ts';
import { encodePart, encodeParts, inputText, ownValue } from './encode-content.ts';

/** A call that waits for its result. */
interface Call {
  part: ToolCallPart;
  /** Its id on the wire. */
  written: string;
}

/**
 * Items of a conversation. Every call must have its output (`No tool output found for function call …`) and every output its call: outputs
 * are taken from wherever they stand before the assistant speaks again and put right behind the calls, missing ones are filled in, and
 * those that answer no call are told as text.
 */
export function encodeInput(request: Request, facts: TargetFacts, losses: LossLog): JsonObject[] {
  const items: JsonObject[] = [];
  /** Ids that are taken, each with the number from which a free one is looked for. */
  const used = new Map<string, number>();
  const messages = facts.tools === false ? toolsAsText(request.messages, losses) : request.messages;
  for (let at = 0; at < messages.length;) {
    if (messages[at]!.role !== 'assistant') {
      items.push(...encodeTurn(messages[at]!, messages[at]!.parts, `messages[${at}]`, facts, losses));
      at++;
      continue;
    }
    const calls: Call[] = [];
    const written = new Map<ToolCallPart, string>();
    const said: SaidItem[] = [];
    for (; messages[at]?.role === 'assistant'; at++) {
      const message = messages[at]!;
      for (const part of message.parts) {
        if (part.type !== 'tool-call') continue;
        const id = unused(wireCallId(part.id), used);
        calls.push({ part, written: id });
        written.set(part, id);
      }
      const idOf = (call: ToolCallPart): string => written.get(call)!;
      said.push(...encodeAssistant(message, idOf, `messages[${at}]`, facts, losses));
    }
    items.push(...withoutLooseReasoning(said, losses));
    let stop = at;
    while (stop < messages.length && messages[stop]!.role !== 'assistant') stop++;
    items.push(...encodeReplies(messages.slice(at, stop), at, calls, facts, losses));
    at = stop;
  }
  // A stored prompt or conversation is input enough.
  if (items.length === 0 && request.messages.length > 0) {
    losses.lose('messages', 'nothing is left of them; a turn "(continued)" stands in their place');
    items.push({ type: 'message', role: 'user', content: [inputText('(continued)')] });
  }
  return items;
}

/** Reasoning must stand before what it led to (`'rs_…' of type 'reasoning' was provided without its required following item`). */
function withoutLooseReasoning(said: SaidItem[], losses: LossLog): JsonObject[] {
  const kept = [...said];
  for (let last = kept.at(-1); last?.item.type === 'reasoning'; last = kept.at(-1)) {
    losses.lose(last.where, 'reasoning that nothing follows would be refused');
    kept.pop();
  }
  return kept.map(({ item }) => item);
}

/** Some services number the calls of each turn from 0: an id that was used before becomes another. */
function unused(id: string, used: Map<string, number>): string {
  let free = id;
  for (let count = used.get(id) ?? 2; used.has(free); count++) {
    free = wireCallId(`${id.slice(0, 60)}_${count}`);
    used.set(id, count + 1);
  }
  used.set(free, used.get(free) ?? 2);
  return free;
}

/** What the client says between two answers: outputs first, then everything else. */
function encodeReplies(turns: Message[], offset: number, calls: readonly Call[], facts: TargetFacts, losses: LossLog): JsonObject[] {
  const items: JsonObject[] = [];
  const taken = new Set<Part>();
  const open = waitingCalls(calls, ({ part }) => part.id);
  for (const [turn, message] of turns.entries()) {
    for (const [place, part] of message.parts.entries()) {
      const call = part.type === 'tool-result' ? open.take(part.callId) : undefined;
      if (!call || part.type !== 'tool-result') continue;
      taken.add(part);
      items.push(encodeResult(part, call.written, call.part.kind, `messages[${offset + turn}].parts[${place}]`, facts, losses));
    }
  }
  for (const { part, written } of open.rest()) {
    const unknown: ToolResultPart = {
      type: 'tool-result',
      callId: part.id,
      content: [{ type: 'text', text: UNKNOWN_RESULT }],
      isError: false,
    };
    items.push(encodeResult(unknown, written, part.kind, '', facts, losses));
  }
  for (const [turn, message] of turns.entries()) {
    const rest = message.parts.filter((part) => !taken.has(part));
    if (rest.length > 0) items.push(...encodeTurn(message, rest, `messages[${offset + turn}]`, facts, losses));
  }
  return items;
}

/** A user's or a system message without the results that belong to calls. Items without a neutral word stand between its words. */
function encodeTurn(message: Message, parts: Part[], where: string, facts: TargetFacts, losses: LossLog): JsonObject[] {
  const items: JsonObject[] = [];
  let content: JsonObject[] = [];
  const role = message.role === 'system' ? facts.systemRole : 'user';
  function close(): void {
    if (content.length > 0) items.push({ type: 'message', role, content });
    content = [];
  }
  if (message.name !== undefined) losses.lose(`${where}.name`, 'Responses have no names of participants');
  losses.own(message.extras, where);
  for (const part of parts) {
    const at = `${where}.parts[${message.parts.indexOf(part)}]`;
    if (part.type === 'tool-result') {
      content.push(...orphan(part, at, facts, losses));
      continue;
    }
    const own = part.type === 'opaque' ? ownValue(part, facts) : undefined;
    if (own && !(isObject(own.content) && own.type === undefined)) {
      close();
      items.push(own);
      continue;
    }
    const piece = encodePart(part, at, facts, losses);
    if (piece) content.push(piece);
  }
  close();
  return items;
}

function orphan(part: ToolResultPart, where: string, facts: TargetFacts, losses: LossLog): JsonObject[] {
  losses.lose(where, 'answers no call of the turn before it: OpenAI refuses such a result, so the model is told it as text');
  const content = encodeParts(part.content, `${where}.content`, facts, losses);
  return [inputText(`Result of an earlier tool call (${part.callId})${part.isError ? ', which failed' : ''}:`), ...content];
}
