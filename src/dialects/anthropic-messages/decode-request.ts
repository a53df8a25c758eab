import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Effort, Message, OutputFormat, Reasoning, Request, Tool, ToolChoice } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestProblem } from '../dialect.ts';
import { decodeContent, decodeSystem } from './decode-blocks.ts';
import { fields, type Fields } from '../fields.ts';
import { restore } from '../legal-names.ts';
import { DIALECT, extrasOf, PRODUCER } from './wire.ts';

const REQUEST_FIELDS = new Set([
  'model',
  'stream',
  'system',
  'messages',
  'tools',
  'tool_choice',
  'temperature',
  'top_p',
  'top_k',
  'thinking',
  'output_config',
  'max_tokens',
  'stop_sequences',
  'metadata',
]);
const MESSAGE_FIELDS = new Set(['role', 'content']);
const TOOL_FIELDS = new Set(['type', 'name', 'description', 'input_schema', 'strict']);
const THINKING_FIELDS = new Set(['type', 'budget_tokens']);
const EFFORTS: ReadonlySet<unknown> = new Set<Effort>(['low', 'medium', 'high', 'xhigh', 'max']);

/** Anthropic does not name a schema; OpenAI demands a name. */
export const SCHEMA_NAME = 'answer';

/** Reads a body of `POST /v1/messages`. Wrong types are refused by the name of the field; what is unknown is carried in `extras`. */
export function decodeRequest(body: JsonObject): Result<Request, RequestProblem> {
  const read = fields();
  /** Top-level fields, or parts of them, that only this dialect can say. */
  const left: JsonObject = { ...extrasOf(body, REQUEST_FIELDS)?.fields };
  const { system, messages } = decodeMessages(body, read);
  const { toolChoice, parallelToolCalls } = decodeToolChoice(body.tool_choice, left);
  const reasoning = decodeReasoning(body, left, read);
  const user = decodeUser(body.metadata, left, read);
  const request: Request = {
    model: read.string(body.model, 'model'),
    stream: body.stream === undefined ? false : read.boolean(body.stream, 'stream'),
    system,
    messages,
    tools: isGiven(body.tools) ? read.list(body.tools, 'tools').map((tool, index) => decodeTool(tool, `tools[${index}]`, read)) : [],
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    output: decodeOutput(body.output_config, left, read),
    sampling: {
      ...(isGiven(body.temperature) && { temperature: read.number(body.temperature, 'temperature') }),
      ...(isGiven(body.top_p) && { topP: read.number(body.top_p, 'top_p') }),
      ...(isGiven(body.top_k) && { topK: read.integer(body.top_k, 'top_k') }),
    },
    ...(reasoning && { reasoning }),
    ...(isGiven(body.max_tokens) && { maxOutputTokens: read.integer(body.max_tokens, 'max_tokens') }),
    stop: isGiven(body.stop_sequences)
      ? read.list(body.stop_sequences, 'stop_sequences').map((stop, index) => read.string(stop, `stop_sequences[${index}]`))
      : [],
    ...(user !== undefined && { user }),
    ...(Object.keys(left).length > 0 && { extras: { dialect: DIALECT, fields: left } }),
  };
  const problem = read.problem();
  return problem ? err(problem) : ok(request);
}

function isGiven(value: Json | undefined): value is Exclude<Json, null> {
  return value !== undefined && value !== null;
}

/** Leading `role: system` messages belong to the system prompt; Claude Code sends others in between. */
function decodeMessages(body: JsonObject, read: Fields): Pick<Request, 'system' | 'messages'> {
  const system = isGiven(body.system) ? decodeSystem(body.system, 'system', read) : [];
  const messages: Message[] = [];
  for (const [index, value] of read.list(body.messages, 'messages').entries()) {
    const at = `messages[${index}]`;
    const message = read.object(value, at);
    const role = message.role;
    const extras = extrasOf(message, MESSAGE_FIELDS);
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      if (isObject(value)) read.wrong(`${at}.role`, 'must be "user", "assistant" or "system"');
    } else if (role === 'system' && messages.length === 0 && !extras) {
      system.push(...decodeSystem(message.content, `${at}.content`, read));
    } else {
      messages.push({ role, parts: decodeContent(message.content, `${at}.content`, read), ...(extras && { extras }) });
    }
  }
  return { system, messages };
}

/** Tools with a type other than `custom` are run by the provider, or have a schema that only it knows. */
function decodeTool(value: Json, at: string, read: Fields): Tool {
  const tool = read.object(value, at);
  const type = tool.type;
  if (isGiven(type) && type !== 'custom') {
    const name = typeof tool.name === 'string' ? tool.name : read.string(type, `${at}.type`);
    return { type: 'server', name, definition: { type: 'opaque', producer: PRODUCER, value: tool } };
  }
  const extras = extrasOf(tool, TOOL_FIELDS);
  return {
    type: 'function',
    name: restore(read.string(tool.name, `${at}.name`)),
    ...(isGiven(tool.description) && { description: read.string(tool.description, `${at}.description`) }),
    parameters: read.object(tool.input_schema, `${at}.input_schema`),
    ...(isGiven(tool.strict) && { strict: read.boolean(tool.strict, `${at}.strict`) }),
    ...(extras && { extras }),
  };
}

function decodeToolChoice(value: Json | undefined, left: JsonObject): Pick<Request, 'toolChoice' | 'parallelToolCalls'> {
  if (!isGiven(value)) return {};
  const toolChoice = isObject(value) ? toolChoiceOf(value) : undefined;
  if (!isObject(value) || !toolChoice) {
    left.tool_choice = value;
    return {};
  }
  const disabled = value.disable_parallel_tool_use;
  return { toolChoice, ...(typeof disabled === 'boolean' && { parallelToolCalls: !disabled }) };
}

function toolChoiceOf(choice: JsonObject): ToolChoice | undefined {
  if (choice.type === 'auto' || choice.type === 'none') return { type: choice.type };
  if (choice.type === 'any') return { type: 'required' };
  return choice.type === 'tool' && typeof choice.name === 'string' ? { type: 'tool', name: restore(choice.name) } : undefined;
}

/**
 * `thinking` says whether and how long, `output_config.effort` how hard. An effort without `thinking` does not turn thinking
 * on, which `adaptive: false` says.
 */
function decodeReasoning(body: JsonObject, left: JsonObject, read: Fields): Reasoning | undefined {
  const thinking = isGiven(body.thinking) ? read.object(body.thinking, 'thinking') : undefined;
  const effort = isObject(body.output_config) && EFFORTS.has(body.output_config.effort) ? (body.output_config.effort as Effort) : undefined;
  if (!thinking) return effort && { effort, adaptive: false };
  const extras = extrasOf(thinking, THINKING_FIELDS);
  const rest = { ...(effort && { effort }), ...(extras && { extras }) };
  switch (thinking.type) {
    case 'enabled':
      return { budget: read.integer(thinking.budget_tokens, 'thinking.budget_tokens'), ...rest };
    case 'adaptive':
      return { adaptive: true, ...rest };
    case 'disabled':
      if (effort) left.output_config = { effort };
      return { effort: 'none', ...(extras && { extras }) };
    default:
      read.string(thinking.type, 'thinking.type');
      left.thinking = thinking;
      return effort && { effort, adaptive: false };
  }
}

function decodeOutput(value: Json | undefined, left: JsonObject, read: Fields): OutputFormat {
  if (!isGiven(value)) return { type: 'text' };
  const { effort, format, ...rest } = read.object(value, 'output_config');
  const kept: JsonObject = { ...rest, ...(isGiven(effort) && !EFFORTS.has(effort) && { effort }) };
  const known = isObject(format) && format.type === 'json_schema';
  if (isGiven(format) && !known) kept.format = format;
  if (Object.keys(kept).length > 0) left.output_config = { ...(left.output_config as JsonObject | undefined), ...kept };
  if (!known) return { type: 'text' };
  return { type: 'json-schema', name: SCHEMA_NAME, schema: read.object(format.schema, 'output_config.format.schema') };
}

function decodeUser(value: Json | undefined, left: JsonObject, read: Fields): string | undefined {
  if (!isGiven(value)) return undefined;
  const { user_id: user, ...rest } = read.object(value, 'metadata');
  if (Object.keys(rest).length > 0) left.metadata = rest;
  return isGiven(user) ? read.string(user, 'metadata.user_id') : undefined;
}
