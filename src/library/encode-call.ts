import type { EncodedRequest, Loss } from '../dialects/dialect.ts';
import type { TargetFacts } from '../dialects/target-facts.ts';
import { isObject, type JsonObject, parseObject } from '../exchange/json.ts';
import type { Message, Request, Tool } from '../exchange/request.ts';
import { forMaker, lacksReasoning } from './for-maker.ts';
import { isNameOf, type Maker } from './maker.ts';

/** A request for one wrapped model: the originals where there are some, and new turns in the AI SDK's words. `facts.vendor`: the model's maker. */
export function encodeCall(request: Request, facts: TargetFacts, lead: boolean): EncodedRequest {
  const maker = facts.vendor;
  const told = forMaker(request.messages.map(original), maker, lead);
  const losses = [...told.losses];
  const tools = request.tools.flatMap((tool) => offered(tool, maker, losses));
  const { responseFormat, ...fields } = request.extras?.fields ?? {};
  const rest = facts.reasoning === 'budget' && lacksReasoning(told.messages) ? withoutThought(fields, losses) : fields;
  const chosen = request.toolChoice;
  const chosenIsThere = chosen?.type !== 'tool' || tools.some(({ name }) => name === chosen.name);
  const body: JsonObject = {
    ...rest,
    messages: told.messages,
    ...(request.maxOutputTokens !== undefined && { maxOutputTokens: request.maxOutputTokens }),
    ...(request.stop.length > 0 && { stopSequences: request.stop }),
    ...(request.output.type !== 'text' && responseFormat !== undefined && { responseFormat }),
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 &&
      chosen &&
      chosenIsThere && { toolChoice: chosen.type === 'tool' ? { type: 'tool', toolName: chosen.name } : { ...chosen } }),
  };
  return { body, headers: {}, losses };
}

/** A turn that the engine has put there (the words so far, the note that asks to go on) has no original. */
function original(message: Message): JsonObject {
  if (message.extras) return message.extras.fields;
  const texts = message.parts.flatMap((part) => (part.type === 'text' ? [{ type: 'text', text: part.text }] : []));
  if (message.role === 'system') return { role: 'system', content: texts.map(({ text }) => text).join('\n\n') };
  const calls = message.parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ type: 'tool-call', toolCallId: part.id, toolName: part.name, input: parseObject(part.arguments || '{}') ?? {} }]
      : [],
  );
  return { role: message.role, content: [...texts, ...calls] };
}

function offered(tool: Tool, maker: Maker, losses: Loss[]): JsonObject[] {
  if (tool.type === 'function' && tool.extras) return [tool.extras.fields];
  const definition = tool.type === 'server' && isObject(tool.definition.value) ? tool.definition.value : undefined;
  if (!definition) return [];
  if (isNameOf(String(definition.id).split('.', 1)[0]!, maker)) return [definition];
  losses.push({ what: `tools.${tool.name}`, why: `only the provider of ${String(definition.id)} has it` });
  return [];
}

/** Anthropic refuses thinking by budget in the middle of a turn whose beginning had none of its own. */
function withoutThought(fields: JsonObject, losses: Loss[]): JsonObject {
  const { reasoning, providerOptions, ...rest } = fields;
  const anthropic = isObject(providerOptions) && isObject(providerOptions.anthropic) ? providerOptions.anthropic : undefined;
  const thinks = isObject(anthropic?.thinking) && anthropic.thinking.type === 'enabled';
  if (reasoning === undefined && !thinks) return fields;
  losses.push({ what: 'reasoning', why: 'the turn under way calls tools and the reasoning behind it is another maker’s' });
  if (!isObject(providerOptions)) return rest;
  const { thinking: _, ...others } = anthropic ?? {};
  return { ...rest, providerOptions: anthropic ? { ...providerOptions, anthropic: others } : providerOptions };
}
