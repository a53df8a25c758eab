import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { VendorError } from '../errors.ts';
import { isOwnSignature } from '../signature.ts';
import { inputItems } from '../wire/read-responses.ts';

/** Every parameter of `POST /v1/responses` (openai-node 7, `ResponseCreateParamsBase`); another one is refused. */
const PARAMETERS = new Set(
  `access_programs background context_management conversation image include input instructions max_output_tokens max_tool_calls metadata model moderation
  parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning safety_identifier
  service_tier store stream stream_options temperature text tool_choice tools top_logprobs top_p truncation user client_metadata`.split(
    /\s+/,
  ),
);
const REASONING_MODEL = /^(o\d|gpt-5)/;
const NAME = /^[a-zA-Z0-9_-]+$/;
const LONGEST_NAME = 64;
const LONGEST_CALL_ID = 64;
/** How the ids of items begin, where they have one. */
const ID_PREFIXES: Record<string, string> = { message: 'msg', function_call: 'fc', custom_tool_call: 'ct', reasoning: 'rs' };
/** What the content of a message may be, by whose it is. */
const INPUT_PARTS = ['input_text', 'input_image', 'input_file', 'input_audio'];
const OUTPUT_PARTS = ['output_text', 'refusal'];

const LOST = 'Item with id ';

type Problem = [param: string, message: string, code?: string];

/** What Responses answers 400 to, in its own words; what is kept on the server is in its place already. */
export function strictResponses(body: JsonObject): VendorError | undefined {
  const found = problem(body);
  if (!found) return undefined;
  const [param, message, code] = found;
  return {
    status: message.startsWith(LOST) ? 404 : 400,
    type: 'invalid_request_error',
    message,
    ...(param === '' ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  };
}

function problem(body: JsonObject): Problem | undefined {
  const unknown = Object.keys(body).find((name) => !PARAMETERS.has(name));
  if (unknown !== undefined) return [unknown, `Unknown parameter: '${unknown}'.`, 'unknown_parameter'];
  if (typeof body.model !== 'string' || body.model === '')
    return ['model', "Missing required parameter: 'model'.", 'missing_required_parameter'];
  const items = inputItems(body.input);
  if (items.length === 0 && body.prompt === undefined)
    return ['input', "Missing required parameter: 'input'.", 'missing_required_parameter'];
  if (typeof body.max_output_tokens === 'number' && body.max_output_tokens < 16) {
    return [
      'max_output_tokens',
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${body.max_output_tokens} instead.`,
      'integer_below_min_value',
    ];
  }
  if (body.background === true && body.store === false) return ['background', "Background responses require 'store' to be true."];
  for (const [index, item] of items.entries()) {
    const wrong = itemProblem(item, `input[${index}]`);
    if (wrong) return wrong;
  }
  return (
    lostProblem(items, body.store !== false) ??
    reasoningProblem(items) ??
    pairing(items) ??
    modelProblem(body, body.model) ??
    toolsProblem(body.tools)
  );
}

function itemProblem(item: JsonObject, at: string): Problem | undefined {
  const type = typeof item.type === 'string' ? item.type : 'message';
  const prefix = ID_PREFIXES[type];
  if (prefix !== undefined && typeof item.id === 'string' && !item.id.startsWith(prefix)) {
    return [`${at}.id`, `Invalid '${at}.id': '${item.id}'. Expected an ID that begins with '${prefix}'.`, 'invalid_value'];
  }
  if (typeof item.call_id === 'string' && item.call_id.length > LONGEST_CALL_ID) {
    return [
      `${at}.call_id`,
      `Invalid '${at}.call_id': string too long. Expected a string with maximum length ${LONGEST_CALL_ID}, but got a string with length ${item.call_id.length} instead.`,
      'string_above_max_length',
    ];
  }
  if (typeof item.call_id === 'string' && !NAME.test(item.call_id)) {
    return [
      `${at}.call_id`,
      `Invalid '${at}.call_id': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      'invalid_value',
    ];
  }
  switch (type) {
    case 'message':
      return messageProblem(item, at);
    case 'function_call':
      return nameProblem(item.name, `${at}.name`) ?? missing(item, at, 'call_id', 'arguments');
    case 'custom_tool_call':
      return nameProblem(item.name, `${at}.name`) ?? missing(item, at, 'call_id', 'input');
    case 'function_call_output':
    case 'custom_tool_call_output':
      if (typeof item.output !== 'string' && !Array.isArray(item.output))
        return [`${at}.output`, `Missing required parameter: '${at}.output'.`, 'missing_required_parameter'];
      return missing(item, at, 'call_id');
    case 'reasoning':
      return encryptedProblem(item, at);
    default:
      return undefined;
  }
}

function missing(item: JsonObject, at: string, ...fields: string[]): Problem | undefined {
  const field = fields.find((each) => typeof item[each] !== 'string');
  return field === undefined
    ? undefined
    : [`${at}.${field}`, `Missing required parameter: '${at}.${field}'.`, 'missing_required_parameter'];
}

function messageProblem(item: JsonObject, at: string): Problem | undefined {
  const role = item.role;
  if (role !== 'user' && role !== 'assistant' && role !== 'system' && role !== 'developer') {
    return [
      `${at}.role`,
      `Invalid value: '${String(role)}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
      'invalid_value',
    ];
  }
  if (typeof item.content === 'string') return undefined;
  if (!Array.isArray(item.content)) return [`${at}.content`, `Missing required parameter: '${at}.content'.`, 'missing_required_parameter'];
  const allowed = role === 'assistant' ? OUTPUT_PARTS : INPUT_PARTS;
  for (const [place, part] of item.content.entries()) {
    const type = isObject(part) ? String(part.type) : typeof part;
    if (allowed.includes(type)) continue;
    const supported = allowed.map((each) => `'${each}'`).join(', ');
    return [`${at}.content[${place}]`, `Invalid value: '${type}'. Supported values are: ${supported}.`, 'invalid_value'];
  }
  return undefined;
}

function encryptedProblem(item: JsonObject, at: string): Problem | undefined {
  if (!Array.isArray(item.summary)) return [`${at}.summary`, `Missing required parameter: '${at}.summary'.`, 'missing_required_parameter'];
  const secret = item.encrypted_content;
  if (typeof secret !== 'string' || isOwnSignature('openai-responses', secret)) return undefined;
  const which = typeof item.id === 'string' ? `for item ${item.id}` : `${secret.slice(0, 4)}...${secret.slice(-4)}`;
  return [
    '',
    `The encrypted content ${which} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
    'invalid_encrypted_content',
  ];
}

/**
 * Reasoning that does not bring its content is looked for by its id, and found only if it was stored (vercel/ai#7543). OpenAI's ids are
 * 50 hexadecimal digits.
 */
function lostProblem(items: readonly JsonObject[], stored: boolean): Problem | undefined {
  const lost = items.find(({ type, id, encrypted_content: secret }) => {
    if (type !== 'reasoning' || typeof secret === 'string' || typeof id !== 'string') return false;
    return !stored || !/^rs_[0-9a-f]{50}$/.test(id);
  });
  if (!lost) return undefined;
  const advice = stored
    ? ''
    : ' Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.';
  return ['input', `${LOST}'${String(lost.id)}' not found.${advice}`];
}

/** Reasoning goes back with what it led to: a message of the assistant or a call. */
function reasoningProblem(items: readonly JsonObject[]): Problem | undefined {
  for (const [index, item] of items.entries()) {
    if (item.type !== 'reasoning') continue;
    const next = items.slice(index + 1).find((each) => each.type !== 'reasoning');
    const follows = next !== undefined && (next.role === 'assistant' || String(next.type).endsWith('_call'));
    if (!follows) {
      return ['input', `Item '${String(item.id)}' of type 'reasoning' was provided without its required following item.`];
    }
  }
  return undefined;
}

/** Every call has its output somewhere after it, every output its call before it. */
function pairing(items: readonly JsonObject[]): Problem | undefined {
  const owed = new Map<string, string>();
  const seen = new Set<string>();
  for (const item of items) {
    const type = String(item.type);
    const id = String(item.call_id);
    if (type === 'function_call' || type === 'custom_tool_call') {
      if (seen.has(id)) return ['input', `Duplicate function call with call_id ${id}.`];
      seen.add(id);
      owed.set(id, type);
    } else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      const what = type === 'function_call_output' ? 'function' : 'custom tool';
      if (owed.get(id) !== type.replace('_output', '')) return ['input', `No tool call found for ${what} call output with call_id ${id}.`];
      owed.delete(id);
    }
  }
  const [open] = owed;
  if (!open) return undefined;
  return ['input', `No tool output found for ${open[1] === 'function_call' ? 'function' : 'custom tool'} call ${open[0]}.`];
}

function modelProblem(body: JsonObject, model: string): Problem | undefined {
  if (!REASONING_MODEL.test(model)) return undefined;
  const refused = (['temperature', 'top_p'] as const).find((name) => typeof body[name] === 'number' && body[name] !== 1);
  return refused === undefined ? undefined : [refused, `Unsupported parameter: '${refused}' is not supported with this model.`];
}

function toolsProblem(tools: Json | undefined, at = 'tools'): Problem | undefined {
  const names = new Set<string>();
  for (const [index, tool] of (Array.isArray(tools) ? tools : []).entries()) {
    const here = `${at}[${index}]`;
    if (!isObject(tool) || typeof tool.type !== 'string')
      return [`${here}.type`, `Missing required parameter: '${here}.type'.`, 'missing_required_parameter'];
    if (tool.type === 'namespace') {
      const wrong = nameProblem(tool.name, `${here}.name`) ?? toolsProblem(tool.tools, `${here}.tools`);
      if (wrong) return wrong;
      continue;
    }
    if (tool.type !== 'function' && tool.type !== 'custom') continue;
    const wrong = nameProblem(tool.name, `${here}.name`) ?? (tool.type === 'function' ? schemaProblem(tool, here) : undefined);
    if (wrong) return wrong;
    if (names.has(String(tool.name))) return [here, `Duplicate tool name: '${String(tool.name)}'.`];
    names.add(String(tool.name));
  }
  return undefined;
}

/** With `strict` every object has to be closed and all of its properties required. */
function schemaProblem(tool: JsonObject, at: string): Problem | undefined {
  if (tool.strict !== true || !isObject(tool.parameters)) return undefined;
  const { additionalProperties, properties, required } = tool.parameters;
  const names = isObject(properties) ? Object.keys(properties) : [];
  const all = Array.isArray(required) ? required : [];
  const wrong =
    additionalProperties !== false
      ? "'additionalProperties' is required to be supplied and to be false."
      : names.every((name) => all.includes(name))
        ? undefined
        : "'required' is required to be supplied and to be an array including every key in properties.";
  if (wrong === undefined) return undefined;
  return [`${at}.parameters`, `Invalid schema for function '${String(tool.name)}': In context=(), ${wrong}`, 'invalid_function_parameters'];
}

function nameProblem(name: Json | undefined, at: string): Problem | undefined {
  if (typeof name !== 'string') return [at, `Missing required parameter: '${at}'.`, 'missing_required_parameter'];
  if (name.length > LONGEST_NAME) {
    return [
      at,
      `Invalid '${at}': string too long. Expected a string with maximum length ${LONGEST_NAME}, but got a string with length ${name.length} instead.`,
      'string_above_max_length',
    ];
  }
  if (NAME.test(name)) return undefined;
  return [
    at,
    `Invalid '${at}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
    'invalid_value',
  ];
}
