import type { FinishEvent, StartEvent } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { EncoderContext } from '../dialect.ts';
import { DIALECT, listOf, ownFields } from './wire.ts';

/** Where a response stands, besides what it repeats of the request. */
export interface Progress {
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  output: JsonObject[];
  usage?: JsonObject;
  /** Why it is incomplete. */
  reason?: string;
  error?: JsonObject;
}

/** Fields of the request that the answer repeats as they were asked for, whatever whoever answered was asked. */
const ASKED = ['previous_response_id', 'store', 'background', 'conversation', 'metadata', 'user'];

/**
 * A response with every field that OpenAI and the Open Responses schema require: the request's own, then what this dialect's own answer said
 * of itself, then defaults as documented.
 */
export function responseResource(context: EncoderContext, start: StartEvent | undefined, finish: FinishEvent | undefined) {
  const asked = context.request?.() ?? {};
  const settled: JsonObject = { ...defaults(context), ...repeated(asked), ...ownFields(start?.extras), ...pick(asked, ASKED) };
  if (context.head.background === true) settled.background = true;
  const id = responseId(start, context);
  const model = start?.model || context.head.model;
  const created = start?.created ?? context.created;

  return (progress: Progress): JsonObject => ({
    id,
    object: 'response',
    created_at: created,
    status: progress.status,
    ...settled,
    ...(progress.status !== 'in_progress' && ownFields(finish?.extras)),
    model,
    error: progress.error ?? null,
    incomplete_details: progress.reason === undefined ? null : { reason: progress.reason },
    output: progress.output,
    usage: progress.usage ?? null,
  });
}

/** The answer's own id where it is one of this dialect's. In the background the client has been given ours already. */
export function responseId(start: StartEvent | undefined, context: EncoderContext): string {
  const own = start && start.id !== '' && (start.extras?.dialect === DIALECT || start.id.startsWith('resp_'));
  return own && context.head.background !== true ? start.id : `resp_${context.exchange}`;
}

function defaults(context: EncoderContext): JsonObject {
  return {
    background: context.head.background ?? false,
    completed_at: null,
    frequency_penalty: 0,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    metadata: {},
    parallel_tool_calls: true,
    presence_penalty: 0,
    previous_response_id: null,
    prompt_cache_key: null,
    reasoning: { effort: null, summary: null },
    safety_identifier: null,
    service_tier: 'default',
    store: true,
    temperature: 1,
    text: { format: { type: 'text' } },
    tool_choice: 'auto',
    tools: [],
    top_logprobs: 0,
    top_p: 1,
    truncation: 'disabled',
    user: null,
  };
}

/** Fields that a response repeats as the request has them. */
const SAME = [
  'background',
  'conversation',
  'frequency_penalty',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'presence_penalty',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'store',
  'temperature',
  'tool_choice',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
];

function repeated(asked: JsonObject): JsonObject {
  const fields = pick(asked, SAME);
  const { reasoning, text, tools, service_tier: tier } = asked;
  if (isObject(reasoning)) fields.reasoning = { effort: null, summary: null, ...reasoning };
  if (isObject(text)) fields.text = { ...text, format: format(text.format) };
  if (Array.isArray(tools)) fields.tools = listOf(tools).map(tool);
  // `auto` is a question; the answer names the tier that served it.
  if (typeof tier === 'string' && tier !== 'auto') fields.service_tier = tier;
  return fields;
}

function pick(from: JsonObject, names: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const name of names) if (from[name] !== undefined && from[name] !== null) picked[name] = from[name];
  return picked;
}

/** OpenAI fills in what a function's definition left open. */
function tool(given: Json): Json {
  if (!isObject(given) || given.type !== 'function') return given;
  return { description: null, parameters: null, strict: true, ...given };
}

function format(given: Json | undefined): Json {
  if (!isObject(given)) return { type: 'text' };
  return given.type === 'json_schema' ? { description: null, strict: false, ...given } : given;
}
