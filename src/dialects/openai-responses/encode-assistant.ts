import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { ReasoningPart, RefusalPart, TextPart, ToolCallPart } from '../../exchange/part.ts';
import type { Message } from '../../exchange/request.ts';
import type { LossLog } from '../losses.ts';
import type { TargetFacts } from '../target-facts.ts';
import { encodeCall } from './encode-calls.ts';
import { ownValue } from './encode-content.ts';
import { isReadable, summaryOf } from './reasoning-item.ts';
import { VENDOR } from './wire.ts';

/** An item of an earlier answer, and the part that it comes from. */
export interface SaidItem {
  item: JsonObject;
  where: string;
}

/** An earlier answer: its parts in order, each an item, with texts that follow each other in one message. */
export function encodeAssistant(
  message: Message,
  callId: (call: ToolCallPart) => string,
  where: string,
  facts: TargetFacts,
  losses: LossLog,
): SaidItem[] {
  const items: SaidItem[] = [];
  /** The message item that takes more text, and what is said of it. */
  let open: { content: JsonObject[]; about: string } | undefined;

  function add(item: JsonObject, at: string): void {
    items.push({ item, where: at });
    open = undefined;
  }

  function say(content: JsonObject, about: JsonObject, at: string): void {
    const key = JSON.stringify(about);
    if (open && (key === '{}' || key === open.about)) {
      open.content.push(content);
      return;
    }
    const said = [content];
    add({ type: 'message', role: 'assistant', content: said, ...about }, at);
    open = { content: said, about: key };
  }

  if (message.name !== undefined) losses.lose(`${where}.name`, 'Responses have no names of participants');
  losses.own(message.extras, where);
  for (const [index, part] of message.parts.entries()) {
    const at = `${where}.parts[${index}]`;
    switch (part.type) {
      case 'text':
      case 'refusal': {
        const { content, about } = encodeWords(part, at, losses);
        if (content) say(content, about, at);
        break;
      }
      case 'tool-call':
        add(encodeCall(part, callId(part), at, facts, losses), at);
        break;
      case 'reasoning': {
        const item = encodeReasoning(part, at, facts, losses);
        if (item) add(item, at);
        break;
      }
      case 'opaque': {
        const own = ownValue(part, facts);
        if (!own) losses.lose(at, `only ${part.producer.vendor ?? part.producer.dialect} knows this part`);
        else if (isObject(own.content) && own.type === undefined) say(own.content, {}, at);
        else add(own, at);
        break;
      }
      default:
        losses.lose(at, `an earlier answer has no place for a part of type ${part.type}`);
    }
  }
  return items;
}

function encodeWords(part: TextPart | RefusalPart, where: string, losses: LossLog): { content?: JsonObject; about: JsonObject } {
  if (part.type === 'refusal') return { content: { type: 'refusal', refusal: part.text }, about: {} };
  const { phase, item, id: _id, status: _status, ...own } = losses.own(part.extras, where);
  const about: JsonObject = { ...(phase !== undefined && { phase }), ...(isObject(item) && item) };
  return part.text === '' ? { about } : { content: { type: 'output_text', text: part.text, ...own }, about };
}

/** Reasoning as it came, but without its id: nothing is stored under that where nothing is stored (`store: false`). */
function encodeReasoning(part: ReasoningPart, where: string, facts: TargetFacts, losses: LossLog): JsonObject | undefined {
  if (!isReadable(part.producer, facts)) {
    losses.loseReasoning(where, `reasoning is sent only to the vendor that made it (${part.producer.vendor ?? part.producer.dialect})`);
    return undefined;
  }
  const { id: _id, summary, ...own } = losses.own(part.extras, where);
  if (part.signature === undefined && (facts.vendor === VENDOR || own.content === undefined)) {
    losses.lose(where, 'without its encrypted content reasoning cannot be read again');
    return undefined;
  }
  return {
    type: 'reasoning',
    summary: summary ?? summaryOf(part.text),
    ...(part.signature !== undefined && { encrypted_content: part.signature }),
    ...own,
  };
}
