import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { VendorError } from '../errors.ts';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
/** Reasoning models refuse these. */
const SAMPLING = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'] as const;
const REASONING_MODEL = /^(o\d|gpt-5)/;
/** Longest tool call id that is taken. */
const LONGEST_ID = 40;

/** What Chat Completions answers 400 to, in its own words; `undefined`: the request is in order. */
export function strictOpenai(body: JsonObject): VendorError | undefined {
  const found = problem(body);
  if (!found) return undefined;
  const [param, message, code] = found;
  return {
    status: 400,
    type: 'invalid_request_error',
    message,
    ...(param === '' ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  };
}

type Problem = [param: string, message: string, code?: string];

function problem(body: JsonObject): Problem | undefined {
  if (typeof body.model !== 'string' || body.model === '') return ['', 'you must provide a model parameter'];
  if (!Array.isArray(body.messages)) return ['messages', "Missing required parameter: 'messages'.", 'missing_required_parameter'];
  if (body.messages.length === 0)
    return ['messages', "Invalid 'messages': empty array. Expected an array with minimum length 1.", 'empty_array'];
  const messages: JsonObject[] = [];
  for (const [index, message] of body.messages.entries()) {
    if (!isObject(message)) return [`messages[${index}]`, `Invalid type for 'messages[${index}]': expected an object.`, 'invalid_type'];
    if (typeof message.role !== 'string' || !ROLES.includes(message.role)) {
      return [
        `messages[${index}].role`,
        `Invalid value: '${String(message.role)}'. Supported values are: ${ROLES.join(', ')}.`,
        'invalid_value',
      ];
    }
    messages.push(message);
  }
  return pairing(messages) ?? modelProblem(body, body.model) ?? toolsProblem(body);
}

/** Every tool call is answered by a tool message right after it, and tool messages answer nothing else. */
function pairing(messages: readonly JsonObject[]): Problem | undefined {
  let owed: string[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === 'tool') {
      const id = String(message.tool_call_id);
      if (!owed.includes(id)) {
        return [
          `messages.[${index}].role`,
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        ];
      }
      if (typeof message.content !== 'string' && !Array.isArray(message.content)) {
        return [
          `messages[${index}].content`,
          `Invalid value for 'content': expected a string, got ${message.content === null ? 'null' : 'nothing'}.`,
        ];
      }
      owed = owed.filter((each) => each !== id);
      continue;
    }
    const unanswered = unansweredProblem(owed, index);
    if (unanswered) return unanswered;
    const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
    if (message.role !== 'assistant' && calls.length > 0)
      return [`messages[${index}].tool_calls`, "'tool_calls' is only allowed for role 'assistant'."];
    for (const [place, call] of calls.entries()) {
      const wrong = callProblem(call, `messages[${index}].tool_calls[${place}]`);
      if (wrong) return wrong;
    }
    owed = calls.filter(isObject).map((call) => String(call.id));
    if (new Set(owed).size < owed.length)
      return [`messages[${index}].tool_calls`, `Duplicate value for 'tool_call_id' in messages[${index}].`];
    if (calls.length === 0 && (message.content === undefined || message.content === null) && typeof message.refusal !== 'string') {
      return [`messages[${index}].content`, `Invalid value for 'content': expected a string, got null.`];
    }
  }
  return unansweredProblem(owed, messages.length);
}

function unansweredProblem(owed: readonly string[], index: number): Problem | undefined {
  if (owed.length === 0) return undefined;
  return [
    `messages.[${index}].role`,
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${owed.join(', ')}`,
  ];
}

function callProblem(call: unknown, at: string): Problem | undefined {
  if (!isObject(call) || (call.type !== 'function' && call.type !== 'custom'))
    return [`${at}.type`, `Missing required parameter: '${at}.type'.`, 'missing_required_parameter'];
  // `function` of a function's call, `custom` of one with free text (openai-node 7, `ChatCompletionMessageToolCall`).
  const { type } = call;
  const called = call[type];
  if (!isObject(called)) return [at, `Missing required parameter: '${at}.${type}'.`, 'missing_required_parameter'];
  if (typeof call.id !== 'string' || call.id === '')
    return [`${at}.id`, `Missing required parameter: '${at}.id'.`, 'missing_required_parameter'];
  if (call.id.length > LONGEST_ID) {
    return [
      `${at}.id`,
      `Invalid '${at}.id': string too long. Expected a string with maximum length ${LONGEST_ID}, but got a string with length ${call.id.length} instead.`,
      'string_above_max_length',
    ];
  }
  if (!/^[a-zA-Z0-9_-]+$/.test(call.id)) {
    return [
      `${at}.id`,
      `Invalid '${at}.id': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      'invalid_value',
    ];
  }
  if (typeof called.name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(called.name)) {
    return [
      `${at}.${type}.name`,
      `Invalid '${at}.${type}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      'invalid_value',
    ];
  }
  const said = type === 'function' ? 'arguments' : 'input';
  return typeof called[said] === 'string'
    ? undefined
    : [`${at}.${type}.${said}`, `Invalid type for '${at}.${type}.${said}': expected a string.`, 'invalid_type'];
}

function modelProblem(body: JsonObject, model: string): Problem | undefined {
  if (!REASONING_MODEL.test(model)) return undefined;
  if (body.max_tokens !== undefined && body.max_tokens !== null) {
    return [
      'max_tokens',
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'unsupported_parameter',
    ];
  }
  const refused = SAMPLING.find((name) => typeof body[name] === 'number' && body[name] !== 1 && body[name] !== 0);
  return refused === undefined
    ? undefined
    : [
        refused,
        `Unsupported value: '${refused}' does not support ${String(body[refused])} with this model. Only the default value is supported.`,
        'unsupported_value',
      ];
}

function toolsProblem(body: JsonObject): Problem | undefined {
  for (const [index, tool] of (Array.isArray(body.tools) ? body.tools : []).entries()) {
    if (!isObject(tool) || (tool.type !== 'function' && tool.type !== 'custom'))
      return [`tools[${index}].type`, `Missing required parameter: 'tools[${index}].type'.`, 'missing_required_parameter'];
    const described = isObject(tool.function) ? tool.function : undefined;
    if (tool.type === 'function' && (typeof described?.name !== 'string' || !/^[a-zA-Z0-9_-]{1,64}$/.test(described.name))) {
      return [
        `tools[${index}].function.name`,
        `Invalid 'tools[${index}].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        'invalid_value',
      ];
    }
  }
  return body.stream_options !== undefined && body.stream_options !== null && body.stream !== true
    ? ['stream_options', "The 'stream_options' parameter is only allowed when 'stream' is enabled."]
    : undefined;
}
