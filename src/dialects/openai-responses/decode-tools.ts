import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { ClientTool, CustomTool, FunctionTool, ServerTool, Tool, ToolChoice } from '../../exchange/request.ts';
import { join, others, type Fields } from '../openai-fields.ts';
import { extras } from './decode-content.ts';
import { PRODUCER } from './wire.ts';

/** A tool without parameters takes an empty object. */
const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };

const FUNCTION_FIELDS = new Set(['type', 'name', 'description', 'parameters', 'strict', 'defer_loading']);
const CUSTOM_FIELDS = new Set(['type', 'name', 'description', 'format', 'defer_loading']);
const NAMESPACE_FIELDS = new Set(['type', 'name', 'tools']);

/** Tools that the client itself runs, in forms that OpenAI defines. */
const CLIENT_TOOLS: Record<string, ClientTool['kind']> = { local_shell: 'local-shell', shell: 'shell', apply_patch: 'apply-patch' };

/** Tools of a namespace stand in the list one by one, each with its namespace; what is said of it as a whole rides on the first. */
export function decodeTools(body: JsonObject, fields: Fields): Tool[] {
  return decodeToolList(body, '', fields);
}

/** `tools` of the request, or of an item `additional_tools`, in which Codex brings them since GPT-5.6. */
export function decodeToolList(from: JsonObject, path: string, fields: Fields): Tool[] {
  return (fields.list(from, 'tools', path) ?? []).flatMap((tool, index) => decodeTool(tool, `${join(path, 'tools')}[${index}]`, fields));
}

function decodeTool(tool: Json, path: string, fields: Fields): Tool[] {
  if (!isObject(tool)) {
    fields.report(path, 'must be an object with a type');
    return [];
  }
  const type = fields.needString(tool, 'type', path);
  if (type === 'namespace') return decodeNamespace(tool, path, fields);
  if (type === 'function') return [decodeFunction(tool, path, fields)];
  if (type === 'custom') return [decodeCustom(tool, path, fields)];
  const definition = { type: 'opaque' as const, producer: PRODUCER, value: tool };
  if (Object.hasOwn(CLIENT_TOOLS, type) && !runsAtTheVendor(tool))
    return [{ type: 'client', kind: CLIENT_TOOLS[type]!, name: type, definition }];
  return type === '' ? [] : [serverTool(tool, type, definition)];
}

/** A shell may also be one in a container at OpenAI. */
function runsAtTheVendor(tool: JsonObject): boolean {
  const environment = isObject(tool.environment) ? tool.environment.type : undefined;
  return typeof environment === 'string' && environment.startsWith('container');
}

function serverTool(tool: JsonObject, type: string, definition: ServerTool['definition']): ServerTool {
  return { type: 'server', name: typeof tool.server_label === 'string' ? `${type} ${tool.server_label}` : type, definition };
}

function decodeNamespace(tool: JsonObject, path: string, fields: Fields): Tool[] {
  const namespace = fields.needString(tool, 'name', path);
  const nested = fields.list(tool, 'tools', path) ?? [];
  const tools = nested.flatMap((inner, index): (FunctionTool | CustomTool)[] => {
    const at = `${path}.tools[${index}]`;
    if (!isObject(inner)) {
      fields.report(at, 'must be an object with a type');
      return [];
    }
    const decoded = inner.type === 'custom' ? decodeCustom(inner, at, fields) : decodeFunction(inner, at, fields);
    return [{ ...decoded, namespace }];
  });
  const about = others(tool, NAMESPACE_FIELDS);
  const first = tools[0];
  if (first && about) tools[0] = { ...first, ...extras({ ...first.extras?.fields, namespace: about }) };
  return tools;
}

/**
 * OpenAI holds functions to their schemas where those allow it, unless told not to. Only what was demanded is kept: elsewhere functions
 * are not strict by themselves, and `strict: false` says no more than its absence.
 */
function decodeFunction(tool: JsonObject, path: string, fields: Fields): FunctionTool {
  const description = fields.string(tool, 'description', path);
  return {
    type: 'function',
    name: fields.needString(tool, 'name', path),
    ...(description !== undefined && { description }),
    parameters: fields.object(tool, 'parameters', path) ?? NO_PARAMETERS,
    ...(fields.boolean(tool, 'strict', path) && { strict: true }),
    ...extras({ ...others(tool, FUNCTION_FIELDS), ...deferred(tool) }),
  };
}

function decodeCustom(tool: JsonObject, path: string, fields: Fields): CustomTool {
  const description = fields.string(tool, 'description', path);
  const format = fields.object(tool, 'format', path);
  const { syntax, definition } = format ?? {};
  const known = (syntax === 'lark' || syntax === 'regex') && typeof definition === 'string';
  const kept = format && !known && format.type !== 'text' ? { format } : undefined;
  return {
    type: 'custom',
    name: fields.needString(tool, 'name', path),
    ...(description !== undefined && { description }),
    ...(known && { grammar: { syntax, definition } }),
    ...extras({ ...others(tool, CUSTOM_FIELDS), ...deferred(tool), ...kept }),
  };
}

function deferred(tool: JsonObject): JsonObject | undefined {
  return tool.defer_loading === true ? { defer_loading: true } : undefined;
}

/** What has no neutral word is put into `rest`, for this dialect's own encoder. */
export function decodeToolChoice(body: JsonObject, rest: JsonObject, fields: Fields): ToolChoice | undefined {
  const choice = body.tool_choice;
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (!isObject(choice)) return fields.report('tool_choice', 'must be auto, none, required or an object that names a tool');
  const type = fields.needString(choice, 'type', 'tool_choice');
  if (type === 'function' || type === 'custom') {
    const namespace = fields.string(choice, 'namespace', 'tool_choice');
    return { type: 'tool', name: fields.needString(choice, 'name', 'tool_choice'), ...(namespace !== undefined && { namespace }) };
  }
  if (Object.hasOwn(CLIENT_TOOLS, type)) return { type: 'tool', name: type };
  rest.tool_choice = choice;
  // Which tools are allowed nobody else can be told; whether one must be called, everybody can.
  if (type === 'allowed_tools') return { type: choice.mode === 'required' ? 'required' : 'auto' };
  return undefined;
}
