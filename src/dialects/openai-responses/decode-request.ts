import type { JsonObject } from '../../exchange/json.ts';
import type { TextPart } from '../../exchange/part.ts';
import type { OutputFormat, Reasoning, Request } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestProblem } from '../dialect.ts';
import { isEffort } from '../openai-effort.ts';
import { fieldReader, others, type Fields } from '../openai-fields.ts';
import { extras } from './decode-content.ts';
import { decodeInput } from './decode-input.ts';
import { decodeToolChoice, decodeTools } from './decode-tools.ts';

/** Fields with a neutral word, and those that the head of the request tells (inspect.ts). The rest is carried as extras. */
const KNOWN = new Set([
  'model',
  'input',
  'instructions',
  'stream',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'stop',
  'user',
  'safety_identifier',
  'previous_response_id',
  'background',
  'store',
]);

/** Any of these makes up for a missing input. */
export const INSTEAD_OF_INPUT = ['previous_response_id', 'conversation', 'prompt'];

/** Reads a body of `POST /v1/responses`. What went before (`previous_response_id`) is put into `input` by whoever knows it. */
export function decodeRequest(body: JsonObject): Result<Request, RequestProblem> {
  const fields = fieldReader();
  const model = fields.needString(body, 'model', '');
  if (!isGiven(body.input) && !INSTEAD_OF_INPUT.some((name) => isGiven(body[name])))
    fields.report('input', 'is missing, it must be a string or a list of items');
  const instructions = fields.string(body, 'instructions', '');
  const { system, messages, tools } = decodeInput(body.input, fields);
  const rest: JsonObject = { ...others(body, KNOWN) };
  const toolChoice = decodeToolChoice(body, rest, fields);
  const parallelToolCalls = fields.boolean(body, 'parallel_tool_calls', '');
  const reasoning = decodeReasoning(body, fields);
  const maxOutputTokens = fields.number(body, 'max_output_tokens', '');
  const user = decodeUser(body, rest, fields);
  const leading: TextPart[] = instructions ? [{ type: 'text', text: instructions }] : [];
  const request: Request = {
    model,
    stream: fields.boolean(body, 'stream', '') ?? false,
    system: [...leading, ...system],
    messages,
    tools: [...decodeTools(body, fields), ...tools],
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    output: decodeOutput(body, rest, fields),
    sampling: decodeSampling(body, fields),
    ...(reasoning && { reasoning }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    stop: (fields.list(body, 'stop', '') ?? []).filter((word) => typeof word === 'string'),
    ...(user !== undefined && { user }),
    ...extras(rest),
  };
  const problem = fields.problem();
  return problem ? err(problem) : ok(request);
}

function isGiven(value: JsonObject[string]): boolean {
  return value !== undefined && value !== null;
}

function decodeReasoning(body: JsonObject, fields: Fields): Reasoning | undefined {
  const reasoning = fields.object(body, 'reasoning', '');
  if (!reasoning) return undefined;
  const effort = fields.string(reasoning, 'effort', 'reasoning');
  const known = effort !== undefined && isEffort(effort) ? effort : undefined;
  const more = others(reasoning, new Set(known ? ['effort'] : []));
  return known || more ? { ...(known && { effort: known }), ...extras(more) } : undefined;
}

function decodeOutput(body: JsonObject, rest: JsonObject, fields: Fields): OutputFormat {
  const text = fields.object(body, 'text', '');
  const format = text && fields.object(text, 'format', 'text');
  const more: JsonObject = { ...(text && others(text, new Set(['format']))) };
  const type = format && fields.needString(format, 'type', 'text.format');
  const known = type === 'json_schema' || type === 'json_object' || type === 'text';
  if (format && type !== '' && !known) more.format = format;
  if (Object.keys(more).length > 0) rest.text = more;
  if (!format || !known || type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  const path = 'text.format';
  const description = fields.string(format, 'description', path);
  const strict = fields.boolean(format, 'strict', path);
  return {
    type: 'json-schema',
    name: fields.needString(format, 'name', path),
    schema: fields.object(format, 'schema', path) ?? {},
    ...(strict !== undefined && { strict }),
    ...(description !== undefined && { description }),
  };
}

/** OpenAI knows the first two; Open Responses has penalties as well. */
function decodeSampling(body: JsonObject, fields: Fields): Request['sampling'] {
  const read = (name: string): number | undefined => fields.number(body, name, '');
  const temperature = read('temperature');
  const topP = read('top_p');
  const topK = read('top_k');
  const seed = read('seed');
  const presencePenalty = read('presence_penalty');
  const frequencyPenalty = read('frequency_penalty');
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
  };
}

/** `safety_identifier` is the newer name of `user`. */
function decodeUser(body: JsonObject, rest: JsonObject, fields: Fields): string | undefined {
  const user = fields.string(body, 'user', '');
  const identifier = fields.string(body, 'safety_identifier', '');
  if (user !== undefined && identifier !== undefined) rest.safety_identifier = identifier;
  return user ?? identifier;
}
