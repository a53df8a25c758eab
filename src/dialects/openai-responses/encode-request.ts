import type { ResponseCreateParamsBase } from 'openai/resources/responses/responses';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Request } from '../../exchange/request.ts';
import type { EncodedRequest } from '../dialect.ts';
import { wireEffort } from '../openai-effort.ts';
import { wireUser } from '../openai-names.ts';
import type { TargetFacts } from '../target-facts.ts';
import { encodeParts } from './encode-content.ts';
import { encodeInput } from './encode-input.ts';
import { encodeFormat } from './encode-output.ts';
import { encodeToolChoice, encodeTools, knownAs } from './encode-tools.ts';
import { lossLog, type LossLog } from '../losses.ts';
import { DIALECT, VENDOR } from './wire.ts';

/** OpenAI refuses less: `Expected a value >= 16` (integer_below_min_value). */
const LEAST_OUTPUT = 16;

/** What makes the encrypted form of reasoning come with an answer that is stored nowhere. */
const ENCRYPTED_REASONING = 'reasoning.encrypted_content';

type Field = keyof ResponseCreateParamsBase;
type SetField = (field: Field, value: Json | undefined) => void;

/** A body for `POST /responses`. The whole conversation is in it, so nothing has to be stored at the provider. */
export function encodeRequest(request: Request, facts: TargetFacts): EncodedRequest {
  const losses = lossLog(DIALECT, 'OpenAI caches by itself');
  const { instructions, items } = encodeConversation(request, facts, losses);
  const format = encodeFormat(request, facts, items, losses);
  const own = losses.own(request.extras, '');
  const body: JsonObject = { ...own, model: facts.model };
  const set: SetField = (field, value) => {
    if (value !== undefined) body[field] = value;
  };
  set('instructions', instructions);
  set('input', items);
  const tools = encodeTools(request, facts, losses);
  if (tools.length > 0) {
    set('tools', tools);
    set('tool_choice', own.tool_choice ?? encodeToolChoice(request, facts));
    set('parallel_tool_calls', request.parallelToolCalls);
  } else {
    delete body.tool_choice;
    const choice = request.toolChoice?.type;
    if (choice && choice !== 'auto' && choice !== 'none') losses.lose('tool_choice', 'no tool is left to choose');
  }
  if (format) set('text', { ...(isObject(own.text) && own.text), format });
  set('max_output_tokens', encodeLimit(request, facts, losses));
  encodeSampling(request, facts, losses, set);
  const reasons = encodeReasoning(request, facts, losses, set);
  if (reasons) set('include', including(own.include));
  if (request.user !== undefined) {
    const user = wireUser(request.user);
    set(facts.vendor === VENDOR ? 'safety_identifier' : 'user', user);
    if (user !== request.user) losses.lose('user', 'longer than 64 characters: sent as its hash');
  }
  if (request.stream) set('stream', true);
  else delete body.stream_options;
  set('store', false);
  const calls = knownAs(request, facts);
  return { body, headers: {}, losses: losses.list(), ...(calls.size > 0 && { calls }) };
}

/** The first instruction is `instructions`, which every service has; further ones are a message of their own, as are later ones. */
function encodeConversation(request: Request, facts: TargetFacts, losses: LossLog): { instructions?: string; items: JsonObject[] } {
  const system = encodeParts(request.system, 'system', facts, losses);
  const [first] = system;
  const plain = first?.type === 'input_text' && Object.keys(first).length === 2 ? String(first.text) : undefined;
  const rest = plain === undefined ? system : system.slice(1);
  const leading: JsonObject[] = rest.length > 0 ? [{ type: 'message', role: facts.systemRole, content: rest }] : [];
  const items = [...leading, ...encodeInput(request, facts, losses)];
  return { ...(plain !== undefined && { instructions: plain }), items };
}

function including(given: Json | undefined): Json {
  const list = Array.isArray(given) ? given : [];
  return list.includes(ENCRYPTED_REASONING) ? list : [...list, ENCRYPTED_REASONING];
}

function encodeLimit(request: Request, facts: TargetFacts, losses: LossLog): number | undefined {
  const asked = request.maxOutputTokens;
  if (asked === undefined) return undefined;
  if (facts.maxOutput !== undefined && asked > facts.maxOutput) {
    losses.lose('max_output_tokens', `cut from ${asked} to ${facts.maxOutput}, the most that ${facts.model} writes`);
    return facts.maxOutput;
  }
  if (facts.vendor !== VENDOR || asked >= LEAST_OUTPUT) return asked;
  losses.lose('max_output_tokens', `raised from ${asked} to ${LEAST_OUTPUT}, the least that OpenAI takes`);
  return LEAST_OUTPUT;
}

function encodeSampling(request: Request, facts: TargetFacts, losses: LossLog, set: SetField): void {
  const { temperature, topP, topK, seed, presencePenalty, frequencyPenalty } = request.sampling;
  for (const [field, value] of [
    ['temperature', temperature],
    ['top_p', topP],
  ] as const) {
    if (value === undefined) continue;
    if (facts.fixedSampling) losses.lose(field, `${facts.model} refuses it`);
    else set(field, value);
  }
  const others = { top_k: topK, seed, presence_penalty: presencePenalty, frequency_penalty: frequencyPenalty };
  for (const [field, value] of Object.entries(others)) if (value !== undefined) losses.lose(field, 'Responses have no word for it');
  if (request.stop.length > 0) losses.lose('stop', 'Responses have no stop sequences');
}

/** Whether the model will reason, as far as it is known. */
function encodeReasoning(request: Request, facts: TargetFacts, losses: LossLog, set: SetField): boolean {
  const { reasoning } = request;
  const own = losses.own(reasoning?.extras, 'reasoning');
  if (facts.reasoning === 'none') {
    if (reasoning && reasoning.effort !== 'none') losses.lose('reasoning', `${facts.model} does not reason`);
    return false;
  }
  if (!reasoning) return true;
  const effort = wireEffort(reasoning, facts.vendor);
  if (effort && !effort.exact) losses.lose('reasoning', `told as effort ${effort.effort}, the nearest that this service knows`);
  if (effort || Object.keys(own).length > 0) set('reasoning', { ...own, ...(effort && { effort: effort.effort }) });
  return effort?.effort !== 'none';
}
