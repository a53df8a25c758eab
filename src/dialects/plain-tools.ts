import type { CalledTool } from '../exchange/part.ts';
import type { ClientTool, CustomTool, FunctionTool, Request } from '../exchange/request.ts';
import { parseObject, type JsonObject } from '../exchange/json.ts';

/** One flat name for a tool in a namespace, as MCP clients write it: `mcp__github__search`. */
export function flatName({ name, namespace }: Pick<CalledTool, 'name' | 'namespace'>): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

/** A tool as a plain function under its flat name, for dialects that know no others. What it cannot say is in the description. */
export function asFunction(tool: FunctionTool | CustomTool | ClientTool): FunctionTool {
  switch (tool.type) {
    case 'function': {
      const { namespace: _namespace, ...rest } = tool;
      return { ...rest, name: flatName(tool) };
    }
    case 'custom': {
      const grammar = tool.grammar && `The input must match this ${tool.grammar.syntax} grammar:\n${tool.grammar.definition}`;
      const description = [tool.description, grammar].filter((text) => text !== undefined).join('\n\n');
      return {
        type: 'function',
        name: flatName(tool),
        ...(description !== '' && { description }),
        parameters: FREE_TEXT,
        ...(tool.extras && { extras: { ...tool.extras, fields: notOfFunctions(tool.extras.fields) } }),
      };
    }
    case 'client':
      return { type: 'function', name: tool.name, ...CLIENT_TOOLS[tool.kind] };
  }
}

/** What nobody defines for a custom tool must not become the function's own. */
function notOfFunctions({ parameters: _parameters, strict: _strict, ...fields }: JsonObject): JsonObject {
  return fields;
}

/**
 * The way back: what the calls of an answer are to the client. `asSeen` gives the name that the answer's events will have for a tool of
 * this flat name; only tools that come back otherwise than the client knows them are in the map.
 */
export function calledTools(request: Request, asSeen: (flatName: string) => string): Map<string, CalledTool> {
  const calls = new Map<string, CalledTool>();
  for (const tool of request.tools) {
    if (tool.type === 'server') continue;
    const kind = tool.type === 'custom' ? 'custom' : tool.type === 'client' ? tool.kind : undefined;
    const namespace = tool.type === 'client' ? undefined : tool.namespace;
    const called: CalledTool = { name: tool.name, ...(namespace !== undefined && { namespace }), ...(kind && { kind }) };
    const seen = asSeen(flatName(called));
    if (kind !== undefined || seen !== tool.name) calls.set(seen, called);
  }
  return calls;
}

const FREE_TEXT: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
  required: ['input'],
  additionalProperties: false,
};

/** Arguments as OpenAI's items of these tools have them (`action`, `operation`). */
const CLIENT_TOOLS: Record<ClientTool['kind'], Pick<FunctionTool, 'description' | 'parameters'>> = {
  'local-shell': {
    description: "Runs a command on the user's machine.",
    parameters: {
      type: 'object',
      properties: {
        type: { const: 'exec' },
        command: { type: 'array', items: { type: 'string' }, description: 'The program and its arguments.' },
        env: { type: 'object', additionalProperties: { type: 'string' } },
        timeout_ms: { type: 'integer' },
        working_directory: { type: 'string' },
      },
      required: ['type', 'command', 'env'],
    },
  },
  shell: {
    description: "Runs shell commands on the user's machine, each in a shell of its own.",
    parameters: {
      type: 'object',
      properties: {
        commands: { type: 'array', items: { type: 'string' } },
        timeout_ms: { type: 'integer' },
        max_output_length: { type: 'integer' },
      },
      required: ['commands'],
    },
  },
  'apply-patch': {
    description: 'Creates, updates or deletes one file. `diff` is in the V4A patch format.',
    parameters: {
      type: 'object',
      properties: {
        type: { enum: ['create_file', 'update_file', 'delete_file'] },
        path: { type: 'string' },
        diff: { type: 'string' },
      },
      required: ['type', 'path'],
    },
  },
};

/** Free text of a custom tool's call as the arguments of a function. */
export function freeArguments(input: string): string {
  return JSON.stringify({ input });
}

/** The free text in a custom call's arguments; where a model has invented others they are the text. */
export function freeText(json: string): string {
  const input = parseObject(json)?.input;
  return typeof input === 'string' ? input : json;
}
