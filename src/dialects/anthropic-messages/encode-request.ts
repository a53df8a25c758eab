import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages/messages.js';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { FunctionTool, Request, Tool } from '../../exchange/request.ts';
import type { EncodedRequest, Loss } from '../dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { SCHEMA_NAME } from './decode-request.ts';
import { blockWriter, extras, type Lose } from './encode-blocks.ts';
import { encodeThinking, lacksThinking, type Thinking } from './encode-thinking.ts';
import { legalToolName, restore } from '../legal-names.ts';
import { asFunction, calledTools, flatName } from '../plain-tools.ts';
import { encodeTurns } from './turns.ts';
import { DIALECT, ownFields, VERSION } from './wire.ts';

/**
 * `max_tokens` is required. Where neither the client nor the facts bound the answer: what every Claude since 3.5 (June 2024)
 * can write.
 */
export const DEFAULT_MAX_TOKENS = 8192;

export function encodeRequest(request: Request, facts: TargetFacts): EncodedRequest {
  const losses: Loss[] = [];
  const lose: Lose = (what, why, foreignReasoning) => losses.push({ what, why, ...(foreignReasoning && { foreignReasoning }) });
  const writer = blockWriter(facts, lose);
  const own = { ...ownFields(request.extras) };
  extras(request.extras, '', lose);

  const maxTokens = encodeMaxTokens(request, facts, lose);
  const messages = encodeTurns(request, facts, writer, lose);
  const { thinking, effort } = fitThinking(encodeThinking(request, facts, maxTokens, lose), messages, lose);
  const format = encodeFormat(request, facts, lose);
  const system = request.system.flatMap((part, index) => writer.part(part, `system[${index}]`));
  if (format.instruction) system.push({ type: 'text', text: format.instruction });
  const tools = facts.tools === false ? [] : request.tools.flatMap((tool, index) => encodeTool(tool, `tools[${index}]`, facts, lose));
  if (facts.tools === false && request.tools.length > 0) lose('tools', `${facts.model} does not take tools`);
  const outputConfig = { ...asFields(own.output_config), ...(effort && { effort }), ...(format.format && { format: format.format }) };
  const metadata = { ...asFields(own.metadata), ...(request.user !== undefined && { user_id: request.user }) };

  const body: JsonObject = {
    ...own,
    model: facts.model,
    max_tokens: maxTokens,
    ...(request.stream && { stream: true }),
    ...(system.length > 0 && { system }),
    messages,
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && encodeToolChoice(request)),
    ...encodeSampling(request, facts, thinking?.type, lose),
    ...(thinking && { thinking }),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...(request.stop.length > 0 && { stop_sequences: request.stop }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  } satisfies Partial<Record<keyof MessageCreateParams, unknown>>;
  const calls = calledTools(request, (name) => restore(legalToolName(name).name));
  return { body, headers: { 'anthropic-version': VERSION }, losses, ...(calls.size > 0 && { calls }) };
}

function fitThinking(wanted: Thinking, messages: JsonObject[], lose: Lose): Thinking {
  if (wanted.thinking?.type !== 'enabled' || !lacksThinking(messages)) return wanted;
  lose('thinking', 'the last assistant turn calls tools and its reasoning is not here; Anthropic would refuse it');
  return {};
}

function asFields(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function encodeMaxTokens(request: Request, facts: TargetFacts, lose: Lose): number {
  const asked = request.maxOutputTokens ?? facts.maxOutput ?? DEFAULT_MAX_TOKENS;
  if (facts.maxOutput === undefined || asked <= facts.maxOutput) return asked;
  lose('max_tokens', `${facts.model} writes at most ${facts.maxOutput} tokens`);
  return facts.maxOutput;
}

function encodeFormat(request: Request, facts: TargetFacts, lose: Lose): { format?: JsonObject; instruction?: string } {
  const output = request.output;
  if (output.type === 'text') return {};
  if (output.type === 'json') {
    lose('output', 'Anthropic has no JSON mode without a schema; the model is asked for JSON in the system prompt');
    return { instruction: 'Answer with one valid JSON object and nothing else: no prose, no code fence.' };
  }
  if (output.description !== undefined) lose('output.description', 'Anthropic has no description of a schema');
  if (output.name !== SCHEMA_NAME) lose('output.name', 'Anthropic has no name of a schema');
  if (output.strict === false) lose('output.strict', 'Anthropic always enforces the schema');
  if (facts.structuredOutput !== false) return { format: { type: 'json_schema', schema: output.schema } };
  lose('output', `${facts.model} does not enforce schemas; the model is asked for it in the system prompt`);
  const schema = JSON.stringify(output.schema);
  return {
    instruction: `Answer with one valid JSON value that matches this JSON Schema and nothing else: no prose, no code fence.\n${schema}`,
  };
}

function encodeTool(tool: Tool, at: string, facts: TargetFacts, lose: Lose): JsonObject[] {
  if (tool.type !== 'server') return [encodeFunction(asFunction(tool), at, lose)];
  const { producer, value } = tool.definition;
  const accepted = producer.dialect === DIALECT && (producer.vendor === undefined || producer.vendor === facts.vendor);
  if (accepted && isObject(value)) return [value];
  lose(at, `only ${producer.vendor ?? producer.dialect} runs ${tool.name}`);
  return [];
}

function encodeFunction(tool: FunctionTool, at: string, lose: Lose): JsonObject {
  return {
    name: toolName(tool.name, at, lose),
    ...(tool.description !== undefined && { description: tool.description }),
    // The API insists on the type of the outermost schema.
    input_schema: tool.parameters.type === undefined ? { type: 'object', ...tool.parameters } : tool.parameters,
    ...(tool.strict !== undefined && { strict: tool.strict }),
    ...extras(tool.extras, at, lose),
  };
}

function toolName(name: string, at: string, lose: Lose): string {
  const legal = legalToolName(name);
  if (legal.shortened) lose(`${at}.name`, `Anthropic takes 128 characters; calls come back as ${legal.name}`);
  return legal.name;
}

function encodeToolChoice(request: Request): { tool_choice?: JsonObject } {
  const choice = request.toolChoice ?? (request.parallelToolCalls === false ? { type: 'auto' as const } : undefined);
  if (!choice) return {};
  if (choice.type === 'none') return { tool_choice: { type: 'none' } };
  const parallel = request.parallelToolCalls;
  return {
    tool_choice: {
      ...(choice.type === 'tool'
        ? { type: 'tool', name: legalToolName(flatName(choice)).name }
        : { type: choice.type === 'required' ? 'any' : 'auto' }),
      ...(parallel !== undefined && { disable_parallel_tool_use: !parallel }),
    },
  };
}

function encodeSampling(request: Request, facts: TargetFacts, thinking: unknown, lose: Lose): JsonObject {
  const { temperature, topP, topK, seed, presencePenalty, frequencyPenalty } = request.sampling;
  if (seed !== undefined) lose('seed', 'Anthropic has no seed');
  if (presencePenalty !== undefined) lose('presence_penalty', 'Anthropic has no penalties');
  if (frequencyPenalty !== undefined) lose('frequency_penalty', 'Anthropic has no penalties');
  const sampling: JsonObject = {
    ...(temperature !== undefined && { temperature: Math.min(1, temperature) }),
    ...(topP !== undefined && { top_p: topP }),
    ...(topK !== undefined && { top_k: topK }),
  };
  if (facts.fixedSampling) {
    for (const field of Object.keys(sampling)) lose(field, `${facts.model} refuses it`);
    return {};
  }
  if (temperature !== undefined && temperature > 1) lose('temperature', 'Anthropic goes up to 1');
  if (thinking === 'enabled' || thinking === 'adaptive') {
    // Extended thinking takes no other temperature than 1, no top_k, and a top_p of 0.95 at least.
    if (sampling.temperature === 1) delete sampling.temperature;
    for (const field of Object.keys(sampling)) {
      if (field === 'top_p' && topP !== undefined && topP >= 0.95) continue;
      lose(field, 'it does not go with thinking');
      delete sampling[field];
    }
  }
  if (sampling.temperature !== undefined && sampling.top_p !== undefined) {
    lose('top_p', 'Claude since 4.1 takes temperature or top_p, not both');
    delete sampling.top_p;
  }
  return sampling;
}
