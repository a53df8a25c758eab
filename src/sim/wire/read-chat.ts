import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Asked, OfferedTool, Turn } from '../asked.ts';

/** The real service stops at 128; a simulated one need not say so much. */
const MOST_CANDIDATES = 8;

/** Reads a Chat Completions request as far as a simulated assistant cares. */
export function readChat(body: JsonObject, size: number): Asked {
  const choice = body.tool_choice;
  const format = isObject(body.response_format) ? body.response_format : {};
  const named = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
  const limit = body.max_completion_tokens ?? body.max_tokens;
  const options = isObject(body.stream_options) ? body.stream_options : {};
  const schema = readSchema(format);
  return {
    dialect: 'openai-chat',
    model: typeof body.model === 'string' ? body.model : '',
    stream: body.stream === true,
    turns: (Array.isArray(body.messages) ? body.messages.filter(isObject) : []).map(readTurn),
    tools: (Array.isArray(body.tools) ? body.tools.filter(isObject) : []).flatMap(readTool),
    toolChoice: choice === 'none' || choice === 'required' ? choice : typeof named === 'string' ? { name: named } : 'auto',
    parallel: body.parallel_tool_calls !== false,
    thinking: typeof body.reasoning_effort === 'string' && !['none', 'minimal'].includes(body.reasoning_effort),
    thinkingHidden: false,
    ...(schema ? { schema } : {}),
    ...(typeof limit === 'number' ? { maxTokens: limit } : {}),
    stop:
      typeof body.stop === 'string' ? [body.stop] : Array.isArray(body.stop) ? body.stop.filter((each) => typeof each === 'string') : [],
    includeUsage: options.include_usage === true,
    candidates: typeof body.n === 'number' ? Math.min(MOST_CANDIDATES, Math.max(1, Math.floor(body.n))) : 1,
    cached: typeof body.prompt_cache_key === 'string',
    size,
  };
}

function readSchema(format: JsonObject): JsonObject | undefined {
  if (format.type === 'json_object') return {};
  if (format.type !== 'json_schema' || !isObject(format.json_schema)) return undefined;
  return isObject(format.json_schema.schema) ? format.json_schema.schema : {};
}

function readTurn(message: JsonObject): Turn {
  const text = contentText(message.content);
  if (message.role === 'tool') return { role: 'user', text: '', calls: [], results: [{ id: String(message.tool_call_id), text }] };
  const role = message.role === 'assistant' ? 'assistant' : message.role === 'user' ? 'user' : 'system';
  const calls = (Array.isArray(message.tool_calls) ? message.tool_calls.filter(isObject) : []).flatMap((call) =>
    isObject(call.function) ? [{ id: String(call.id), name: String(call.function.name), arguments: String(call.function.arguments) }] : [],
  );
  return { role, text, calls, results: [] };
}

function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isObject)
    .flatMap((part) => (typeof part.text === 'string' ? [part.text] : []))
    .join('\n');
}

function readTool(tool: JsonObject): OfferedTool[] {
  const described = isObject(tool.function) ? tool.function : undefined;
  if (!described || typeof described.name !== 'string') return [];
  return [{ name: described.name, schema: isObject(described.parameters) ? described.parameters : {} }];
}
