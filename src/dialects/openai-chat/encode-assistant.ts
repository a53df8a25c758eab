import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Producer, ReasoningPart, ToolCallPart } from '../../exchange/part.ts';
import type { Message } from '../../exchange/request.ts';
import type { TargetFacts } from '../target-facts.ts';
import type { LossLog } from '../losses.ts';
import { wireId } from './names.ts';
import { wireName } from '../openai-names.ts';
import { flatName, freeText } from '../plain-tools.ts';
import { takesCustomTools } from './custom-tools.ts';

/** An earlier answer: text, refusal and calls in one message. `undefined`: nothing of it can be said to this target. */
export function encodeAssistant(message: Message, where: string, facts: TargetFacts, losses: LossLog): JsonObject | undefined {
  let content = '';
  let refusal = '';
  /** Something that chat keeps elsewhere stood between two texts. */
  let parted = false;
  const calls: Json[] = [];
  const more: JsonObject = {};
  for (const [index, part] of message.parts.entries()) {
    const at = `${where}.parts[${index}]`;
    switch (part.type) {
      case 'text':
        losses.own(part.extras, at);
        // Two texts side by side are one text in two blocks; between others a paragraph ended.
        content += parted && content !== '' ? `\n\n${part.text}` : part.text;
        parted = false;
        continue;
      case 'refusal':
        refusal += part.text;
        break;
      case 'tool-call':
        calls.push(encodeCall(part, at, facts, losses));
        break;
      case 'reasoning':
        addReasoning(more, part, at, facts, losses);
        break;
      case 'opaque':
        if (part.producer.dialect === 'openai-chat' && isObject(part.value)) addFragment(more, calls, part.value);
        else losses.lose(at, `only ${part.producer.dialect} knows this part`);
        break;
      default:
        losses.lose(at, `chat's assistant messages have no place for a part of type ${part.type}`);
    }
    parted = true;
  }
  // DeepSeek refuses calls without the reasoning that led to them; an empty one stands for what somebody else thought.
  if (facts.reasoningGoesBack && calls.length > 0) more.reasoning_content ??= '';
  // Only OpenAI knows the field; other services would not see the words.
  if (refusal !== '' && facts.vendor !== 'openai') content = content === '' ? refusal : `${content}\n\n${refusal}`;
  else if (refusal !== '') more.refusal = refusal;
  const extras = losses.own(message.extras, where);
  if (content === '' && calls.length === 0 && Object.keys(more).length === 0) return undefined;
  return {
    role: 'assistant',
    content: content === '' && (calls.length > 0 || more.refusal !== undefined || more.audio !== undefined) ? null : content,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...more,
    ...(message.name !== undefined && { name: message.name }),
    ...extras,
  };
}

function encodeCall(part: ToolCallPart, where: string, facts: TargetFacts, losses: LossLog): JsonObject {
  const { function_call: _legacy, index: _index, ...extras } = losses.own(part.extras, where);
  const name = wireName(flatName(part));
  if (part.kind === 'custom' && takesCustomTools(facts)) {
    return { id: wireId(part.id, facts.vendor), type: 'custom', custom: { name, input: freeText(part.arguments) }, ...extras };
  }
  return {
    id: wireId(part.id, facts.vendor),
    type: 'function',
    function: { name, arguments: part.arguments === '' ? '{}' : part.arguments },
    ...extras,
  };
}

/**
 * Reasoning goes only to the vendor that made it. Where that is not known, the model has to be the same; and what a chat client sent
 * by itself goes back to any chat service (DeepSeek demands it) but OpenAI, which never shows reasoning in chat.
 */
function isReadable(producer: Producer, facts: TargetFacts): boolean {
  if (producer.dialect !== 'openai-chat') return false;
  if (producer.vendor !== undefined) return producer.vendor === facts.vendor;
  return producer.model === undefined ? facts.vendor !== 'openai' : producer.model === facts.model;
}

function addReasoning(more: JsonObject, part: ReasoningPart, where: string, facts: TargetFacts, losses: LossLog): void {
  if (!isReadable(part.producer, facts)) {
    losses.loseReasoning(where, `reasoning is sent only to the vendor that made it (${part.producer.vendor ?? part.producer.dialect})`);
    return;
  }
  const { field, reasoning_details: details } = losses.own(part.extras, where);
  const name = field === 'reasoning' ? 'reasoning' : 'reasoning_content';
  const before = more[name];
  if (part.text !== '') more[name] = (typeof before === 'string' ? `${before}\n\n` : '') + part.text;
  if (Array.isArray(details))
    more.reasoning_details = [...(Array.isArray(more.reasoning_details) ? more.reasoning_details : []), ...details];
}

/** Custom tool calls join the others; of an answer's audio only the id goes back; citations and probabilities do not. */
function addFragment(more: JsonObject, calls: Json[], value: JsonObject): void {
  if (Array.isArray(value.tool_calls)) {
    for (const call of value.tool_calls) {
      if (!isObject(call)) continue;
      const { index: _index, ...rest } = call;
      calls.push(rest);
    }
  }
  if (isObject(value.audio) && typeof value.audio.id === 'string') more.audio = { id: value.audio.id };
}
