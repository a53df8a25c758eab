import { isObject, type JsonObject } from '../exchange/json.ts';
import type { Part, Source } from '../exchange/part.ts';
import type { FunctionTool, Message, OutputFormat, Request, Tool, ToolChoice } from '../exchange/request.ts';
import { STAND_IN } from './stand-in.ts';

/**
 * A call's body as a neutral request. Only what the engine asks about is put in neutral words; each message and tool has its original with
 * it, so that nothing is lost on the way to a model (encode-call.ts).
 */
export function decodeCall(body: JsonObject): Request {
  const { messages, tools, toolChoice, responseFormat, maxOutputTokens, stopSequences, model, ...rest } = body;
  return {
    model: String(model),
    stream: true,
    system: [],
    messages: list(messages).map(message),
    tools: list(tools).map(tool),
    ...(isObject(toolChoice) && { toolChoice: choice(toolChoice) }),
    output: isObject(responseFormat) ? format(responseFormat) : { type: 'text' },
    sampling: {},
    ...(typeof maxOutputTokens === 'number' && { maxOutputTokens }),
    stop: Array.isArray(stopSequences) ? stopSequences.filter((word) => typeof word === 'string') : [],
    extras: { dialect: STAND_IN, fields: { ...rest, ...(responseFormat !== undefined && { responseFormat }) } },
  };
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function message(original: JsonObject): Message {
  const role = original.role === 'system' || original.role === 'assistant' ? original.role : 'user';
  const parts =
    typeof original.content === 'string' ? [{ type: 'text' as const, text: original.content }] : list(original.content).flatMap(part);
  return { role, parts, extras: { dialect: STAND_IN, fields: original } };
}

function part(piece: JsonObject): Part[] {
  switch (piece.type) {
    case 'text':
      return [{ type: 'text', text: String(piece.text) }];
    case 'file':
      return [file(piece)];
    case 'tool-call':
      return [
        { type: 'tool-call', id: String(piece.toolCallId), name: String(piece.toolName), arguments: JSON.stringify(piece.input ?? {}) },
      ];
    case 'tool-result': {
      const output = isObject(piece.output) ? piece.output : {};
      const inner = list(output.value)
        .filter(({ type }) => type === 'file')
        .map(file);
      const content = inner.filter((kept) => kept.type === 'image' || kept.type === 'document');
      return [{ type: 'tool-result', callId: String(piece.toolCallId), content, isError: false }];
    }
    default:
      return [];
  }
}

/** Its kind is all that is asked for; the bytes are in the original. */
function file(piece: JsonObject): Extract<Part, { type: 'image' | 'document' | 'audio' }> {
  const mediaType = String(piece.mediaType);
  const data = isObject(piece.data) ? piece.data : {};
  const source: Source =
    data.type === 'text' ? { type: 'text', mediaType, text: String(data.text) } : { type: 'base64', mediaType, data: '' };
  if (mediaType.startsWith('image')) return { type: 'image', source };
  return mediaType.startsWith('audio') ? { type: 'audio', source } : { type: 'document', source };
}

function tool(original: JsonObject): Tool {
  const name = String(original.name);
  if (original.type !== 'function') {
    return { type: 'server', name, definition: { type: 'opaque', producer: { dialect: STAND_IN }, value: original } };
  }
  const parameters = isObject(original.inputSchema) ? original.inputSchema : {};
  return { type: 'function', name, parameters, extras: { dialect: STAND_IN, fields: original } } satisfies FunctionTool;
}

function choice({ type, toolName }: JsonObject): ToolChoice {
  if (type === 'tool') return { type: 'tool', name: String(toolName) };
  return { type: type === 'none' || type === 'required' ? type : 'auto' };
}

function format({ type, schema, name }: JsonObject): OutputFormat {
  if (type !== 'json') return { type: 'text' };
  return isObject(schema) ? { type: 'json-schema', name: typeof name === 'string' ? name : 'answer', schema } : { type: 'json' };
}
