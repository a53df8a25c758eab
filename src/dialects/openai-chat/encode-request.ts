import type { ChatCompletionCreateParamsBase } from 'openai/resources/chat/completions';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { CustomTool, FunctionTool, Request } from '../../exchange/request.ts';
import type { EncodedRequest } from '../dialect.ts';
import type { TargetFacts } from '../target-facts.ts';
import { wireEffort } from '../openai-effort.ts';
import { encodeMessages } from './encode-messages.ts';
import { encodeOutput } from './encode-output.ts';
import { lossLog, type LossLog } from '../losses.ts';
import { restore } from '../legal-names.ts';
import { isShortened, wireName, wireUser } from '../openai-names.ts';
import { takesCustomTools } from './custom-tools.ts';
import { asFunction, calledTools, flatName } from '../plain-tools.ts';
import { strictProblem } from '../strict-schema.ts';

/** OpenAI's limit, which others share or have inherited. */
const MAX_STOPS = 4;

type Field = keyof ChatCompletionCreateParamsBase;

export function encodeRequest(request: Request, facts: TargetFacts): EncodedRequest {
  const losses = lossLog('openai-chat', 'chat services cache by themselves');
  const messages = encodeMessages(request, facts, losses);
  const body: JsonObject = { model: facts.model, messages };
  function set(field: Field, value: JsonObject[Field]): void {
    if (value !== undefined) body[field] = value;
  }
  const { n, ...extras } = losses.own(request.extras, '');
  Object.assign(body, extras);
  if (n !== undefined) losses.lose('n', 'only a native target is asked for several candidates');
  const tools = encodeTools(request, facts, losses);
  if (tools.length > 0) {
    set('tools', tools);
    set('tool_choice', encodeToolChoice(request, facts) ?? extras.tool_choice);
    set('parallel_tool_calls', request.parallelToolCalls);
  } else {
    delete body.tool_choice;
    const choice = request.toolChoice?.type;
    if (choice && choice !== 'auto' && choice !== 'none') losses.lose('tool_choice', 'no tool is left to choose');
  }
  const output = encodeOutput(request, facts, messages, losses);
  set('response_format', output ?? extras.response_format);
  body[facts.maxTokensField] = encodeLimit(request, facts, losses);
  if (body[facts.maxTokensField] === undefined) delete body[facts.maxTokensField];
  encodeSampling(request, facts, losses, set);
  encodeReasoning(request, facts, losses, set);
  if (request.user !== undefined) {
    const user = wireUser(request.user);
    set('user', user);
    if (user !== request.user) losses.lose('user', 'longer than 64 characters: sent as its hash');
  }
  if (request.stream) {
    set('stream', true);
    const options = isObject(extras.stream_options) ? extras.stream_options : {};
    set('stream_options', { ...options, include_usage: true });
  } else delete body.stream_options;
  const calls = calledTools(request, (name) => restore(wireName(name)));
  return { body, headers: {}, losses: losses.list(), ...(calls.size > 0 && { calls }) };
}

function encodeTools(request: Request, facts: TargetFacts, losses: LossLog): JsonObject[] {
  const tools: JsonObject[] = [];
  for (const [index, tool] of request.tools.entries()) {
    const where = `tools[${index}]`;
    if (facts.tools === false) {
      losses.lose(where, `${facts.model} calls no tools`);
    } else if (tool.type === 'custom' && takesCustomTools(facts)) {
      tools.push(encodeCustom(tool, where, losses));
    } else if (tool.type !== 'server') {
      tools.push(encodeFunction(asFunction(tool), where, losses));
    } else if (tool.definition.producer.dialect === 'openai-chat' && isObject(tool.definition.value)) {
      tools.push(tool.definition.value);
    } else {
      losses.lose(where, `${tool.name} runs only at ${tool.definition.producer.vendor ?? tool.definition.producer.dialect}`);
    }
  }
  return tools;
}

function encodeFunction(tool: FunctionTool, where: string, losses: LossLog): JsonObject {
  const { tool: beside, ...extras } = losses.own(tool.extras, where);
  const name = wireName(tool.name);
  if (isShortened(tool.name)) losses.lose(`${where}.name`, `sent as ${name}: chat allows 64 characters`);
  let strict = tool.strict;
  const problem = strict === true ? strictProblem(tool.parameters) : undefined;
  if (problem) {
    losses.lose(`${where}.strict`, `chat's strict mode would refuse this schema: ${problem}`);
    strict = false;
  }
  return {
    type: 'function',
    function: {
      name,
      ...(tool.description !== undefined && { description: tool.description }),
      parameters: tool.parameters,
      ...(strict !== undefined && { strict }),
      ...extras,
    },
    ...(isObject(beside) && beside),
  };
}

function encodeCustom(tool: CustomTool, where: string, losses: LossLog): JsonObject {
  return {
    type: 'custom',
    custom: {
      name: wireName(flatName(tool)),
      ...(tool.description !== undefined && { description: tool.description }),
      ...(tool.grammar && { format: { type: 'grammar', grammar: { ...tool.grammar } } }),
      ...losses.own(tool.extras, where),
    },
  };
}

function encodeToolChoice(request: Request, facts: TargetFacts): JsonObject[string] {
  const choice = request.toolChoice;
  if (!choice) return undefined;
  if (
    choice.type === 'tool' &&
    takesCustomTools(facts) &&
    request.tools.some((tool) => tool.type === 'custom' && tool.name === choice.name)
  ) {
    return { type: 'custom', custom: { name: wireName(flatName(choice)) } };
  }
  return choice.type === 'tool' ? { type: 'function', function: { name: wireName(flatName(choice)) } } : choice.type;
}

function encodeLimit(request: Request, facts: TargetFacts, losses: LossLog): number | undefined {
  const asked = request.maxOutputTokens;
  if (asked === undefined || facts.maxOutput === undefined || asked <= facts.maxOutput) return asked;
  losses.lose(facts.maxTokensField, `cut from ${asked} to ${facts.maxOutput}, the most that ${facts.model} writes`);
  return facts.maxOutput;
}

function encodeSampling(
  request: Request,
  facts: TargetFacts,
  losses: LossLog,
  set: (field: Field, value: JsonObject[string]) => void,
): void {
  const { temperature, topP, topK, seed, presencePenalty, frequencyPenalty } = request.sampling;
  const steering: [Field, number | undefined][] = [
    ['temperature', temperature],
    ['top_p', topP],
    ['presence_penalty', presencePenalty],
    ['frequency_penalty', frequencyPenalty],
  ];
  for (const [field, value] of steering) {
    if (value === undefined) continue;
    if (facts.fixedSampling) losses.lose(field, `${facts.model} refuses it`);
    else set(field, value);
  }
  if (topK !== undefined) losses.lose('top_k', 'chat has no word for it');
  set('seed', seed);
  const stops = request.stop;
  if (stops.length === 0) return;
  if (facts.fixedSampling && facts.vendor === 'openai') {
    // OpenAI's reasoning models refuse `stop` together with the sampling parameters.
    losses.lose('stop', `${facts.model} refuses it`);
    return;
  }
  for (const stop of stops.slice(MAX_STOPS))
    losses.lose('stop', `chat takes ${MAX_STOPS} stop sequences; left out: ${JSON.stringify(stop)}`);
  set('stop', stops.slice(0, MAX_STOPS));
}

function encodeReasoning(
  request: Request,
  facts: TargetFacts,
  losses: LossLog,
  set: (field: Field, value: JsonObject[string]) => void,
): void {
  const { reasoning } = request;
  if (facts.toolsNeedNoReasoning && request.tools.some((tool) => tool.type !== 'server')) {
    if (reasoning && reasoning.effort !== 'none') losses.lose('reasoning', `${facts.model} takes tools only without it`);
    losses.own(reasoning?.extras, 'reasoning');
    set('reasoning_effort', 'none');
    return;
  }
  if (!reasoning) return;
  losses.own(reasoning.extras, 'reasoning');
  if (facts.reasoning === 'none') {
    if (reasoning.effort !== 'none') losses.lose('reasoning', `${facts.model} does not reason`);
    return;
  }
  const effort = wireEffort(reasoning, facts.vendor);
  if (!effort) return;
  set('reasoning_effort', effort.effort);
  if (!effort.exact) losses.lose('reasoning', `told as reasoning_effort ${effort.effort}, the nearest that this service knows`);
}
