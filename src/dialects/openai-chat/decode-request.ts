import { isObject, type JsonObject } from '../../exchange/json.ts';
import type { OutputFormat, Reasoning, Request, Sampling, Tool, ToolChoice } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { RequestProblem } from '../dialect.ts';
import { decodeMessages } from './decode-messages.ts';
import { isEffort } from '../openai-effort.ts';
import { fieldReader, others, type Fields } from '../openai-fields.ts';

/** Fields with a neutral word. The rest (`n`, `logprobs`, `logit_bias`, `store`, …) is carried as extras. */
const KNOWN = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'tools',
  'functions',
  'tool_choice',
  'function_call',
  'parallel_tool_calls',
  'response_format',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'stop',
  'reasoning_effort',
  'reasoning',
  'user',
]);

/** A tool without parameters takes an empty object. */
const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };

export function decodeRequest(body: JsonObject): Result<Request, RequestProblem> {
  const fields = fieldReader();
  const model = fields.needString(body, 'model', '');
  const list = fields.list(body, 'messages', '');
  if (!list || list.length === 0) fields.report('messages', 'must be a list with at least one message');
  const { system, messages } = decodeMessages(list ?? [], fields);
  const rest: JsonObject = { ...others(body, KNOWN) };
  if (rest.n === 1) delete rest.n;
  const tools = decodeTools(body, fields);
  const toolChoice = decodeToolChoice(body, rest, fields);
  const parallelToolCalls = fields.boolean(body, 'parallel_tool_calls', '');
  const reasoning = decodeReasoning(body, rest, fields);
  const maxOutputTokens = fields.number(body, 'max_completion_tokens', '') ?? fields.number(body, 'max_tokens', '');
  const user = fields.string(body, 'user', '');
  const output = decodeOutput(body, rest, fields);
  const options = fields.object(body, 'stream_options', '');
  const moreOptions = options && others(options, new Set(['include_usage']));
  if (moreOptions) rest.stream_options = moreOptions;
  const request: Request = {
    model,
    stream: fields.boolean(body, 'stream', '') ?? false,
    system,
    messages,
    tools,
    ...(toolChoice && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    output,
    sampling: decodeSampling(body, fields),
    ...(reasoning && { reasoning }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    stop: decodeStop(body, fields),
    ...(user !== undefined && { user }),
    ...(Object.keys(rest).length > 0 && { extras: { dialect: 'openai-chat', fields: rest } }),
  };
  const problem = fields.problem();
  return problem ? err(problem) : ok(request);
}

function decodeTools(body: JsonObject, fields: Fields): Tool[] {
  const tools: Tool[] = [];
  for (const [index, tool] of (fields.list(body, 'tools', '') ?? []).entries()) {
    const path = `tools[${index}]`;
    if (!isObject(tool)) {
      fields.report(path, 'must be an object with a type');
      continue;
    }
    const type = fields.needString(tool, 'type', path);
    if (type === 'function') {
      const definition = fields.needObject(tool, 'function', path);
      if (definition) tools.push(decodeFunction(definition, others(tool, new Set(['type', 'function'])), `${path}.function`, fields));
    } else if (type === 'custom') {
      const definition = fields.needObject(tool, 'custom', path);
      if (definition) tools.push(decodeCustom(definition, `${path}.custom`, fields));
    } else if (type !== '') {
      tools.push({ type: 'server', name: type, definition: { type: 'opaque', producer: { dialect: 'openai-chat' }, value: tool } });
    }
  }
  for (const [index, definition] of (fields.list(body, 'functions', '') ?? []).entries()) {
    if (isObject(definition)) tools.push(decodeFunction(definition, undefined, `functions[${index}]`, fields));
    else fields.report(`functions[${index}]`, 'must be an object with a name');
  }
  return tools;
}

function decodeFunction(definition: JsonObject, beside: JsonObject | undefined, path: string, fields: Fields): Tool {
  const description = fields.string(definition, 'description', path);
  const strict = fields.boolean(definition, 'strict', path);
  const rest = { ...others(definition, new Set(['name', 'description', 'parameters', 'strict'])), ...(beside && { tool: beside }) };
  return {
    type: 'function',
    name: fields.needString(definition, 'name', path),
    ...(description !== undefined && { description }),
    parameters: fields.object(definition, 'parameters', path) ?? NO_PARAMETERS,
    ...(strict !== undefined && { strict }),
    ...(Object.keys(rest).length > 0 && { extras: { dialect: 'openai-chat', fields: rest } }),
  };
}

function decodeCustom(definition: JsonObject, path: string, fields: Fields): Tool {
  const description = fields.string(definition, 'description', path);
  const format = fields.object(definition, 'format', path);
  const grammar = isObject(format?.grammar) ? format.grammar : undefined;
  const rest = others(definition, new Set(['name', 'description', 'format']));
  return {
    type: 'custom',
    name: fields.needString(definition, 'name', path),
    ...(description !== undefined && { description }),
    ...(grammar &&
      typeof grammar.definition === 'string' && {
        grammar: { syntax: grammar.syntax === 'regex' ? 'regex' : 'lark', definition: grammar.definition },
      }),
    ...(rest && { extras: { dialect: 'openai-chat', fields: rest } }),
  };
}

function decodeToolChoice(body: JsonObject, rest: JsonObject, fields: Fields): ToolChoice | undefined {
  const choice = body.tool_choice ?? body.function_call;
  if (choice === undefined || choice === null) return undefined;
  const field = body.tool_choice === undefined || body.tool_choice === null ? 'function_call' : 'tool_choice';
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  // Mistral's word.
  if (choice === 'any') return { type: 'required' };
  if (!isObject(choice)) return fields.report(field, 'must be auto, none, required or an object that names a function');
  if (field === 'function_call') return { type: 'tool', name: fields.needString(choice, 'name', field) };
  if (choice.type === 'function') {
    const named = fields.needObject(choice, 'function', field);
    return named && { type: 'tool', name: fields.needString(named, 'name', 'tool_choice.function') };
  }
  if (choice.type === 'custom') {
    const named = fields.needObject(choice, 'custom', field);
    return named && { type: 'tool', name: fields.needString(named, 'name', 'tool_choice.custom') };
  }
  // allowed_tools: only chat can say them.
  rest.tool_choice = choice;
  return undefined;
}

function decodeReasoning(body: JsonObject, rest: JsonObject, fields: Fields): Reasoning | undefined {
  const word = fields.string(body, 'reasoning_effort', '');
  const object = fields.object(body, 'reasoning', '');
  const reasoning: Reasoning = {};
  const effort = word ?? (typeof object?.effort === 'string' ? object.effort : undefined);
  if (effort !== undefined) {
    if (isEffort(effort)) reasoning.effort = effort;
    // Groq's `default` and whatever comes next.
    else if (word !== undefined) rest.reasoning_effort = effort;
  }
  if (object) {
    // OpenRouter's form.
    const budget = fields.number(object, 'max_tokens', 'reasoning');
    if (budget !== undefined) reasoning.budget = budget;
    const more = others(object, new Set(['effort', 'max_tokens']));
    if (more) reasoning.extras = { dialect: 'openai-chat', fields: more };
  }
  return Object.keys(reasoning).length > 0 ? reasoning : undefined;
}

function decodeOutput(body: JsonObject, rest: JsonObject, fields: Fields): OutputFormat {
  const format = fields.object(body, 'response_format', '');
  const type = format && fields.needString(format, 'type', 'response_format');
  if (!format || type === 'text' || type === '') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  if (type !== 'json_schema') {
    // Grammars and the like, which only some services know.
    rest.response_format = format;
    return { type: 'text' };
  }
  const path = 'response_format.json_schema';
  const definition = fields.needObject(format, 'json_schema', 'response_format') ?? {};
  const description = fields.string(definition, 'description', path);
  const strict = fields.boolean(definition, 'strict', path);
  return {
    type: 'json-schema',
    name: fields.needString(definition, 'name', path),
    schema: fields.object(definition, 'schema', path) ?? {},
    ...(strict !== undefined && { strict }),
    ...(description !== undefined && { description }),
  };
}

function decodeSampling(body: JsonObject, fields: Fields): Sampling {
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

function decodeStop(body: JsonObject, fields: Fields): string[] {
  const stop = body.stop;
  if (stop === undefined || stop === null) return [];
  if (typeof stop === 'string') return [stop];
  if (!Array.isArray(stop)) {
    fields.report('stop', 'must be a string or a list of strings');
    return [];
  }
  return stop.flatMap((word, index) => (typeof word === 'string' ? [word] : (fields.report(`stop[${index}]`, 'must be a string') ?? [])));
}
