import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Asked, OfferedTool, Turn } from '../asked.ts';

/** Reads a Messages request as far as a simulated assistant cares. Tolerant: what it does not know it passes over. */
export function readAnthropic(body: JsonObject, size: number): Asked {
  const thinking = isObject(body.thinking) ? body.thinking : {};
  const choice = isObject(body.tool_choice) ? body.tool_choice : {};
  const format = isObject(body.output_config) && isObject(body.output_config.format) ? body.output_config.format : body.output_format;
  const schema = isObject(format) && isObject(format.schema) ? format.schema : undefined;
  const messages = Array.isArray(body.messages) ? body.messages.filter(isObject) : [];
  return {
    dialect: 'anthropic-messages',
    model: typeof body.model === 'string' ? body.model : '',
    stream: body.stream === true,
    turns: messages.map(readTurn),
    tools: (Array.isArray(body.tools) ? body.tools.filter(isObject) : []).flatMap(readTool),
    toolChoice:
      choice.type === 'none'
        ? 'none'
        : choice.type === 'any'
          ? 'required'
          : typeof choice.name === 'string'
            ? { name: choice.name }
            : 'auto',
    parallel: choice.disable_parallel_tool_use !== true,
    thinking: thinking.type === 'enabled' || thinking.type === 'adaptive',
    thinkingHidden: thinking.display === 'omitted',
    ...(schema ? { schema } : {}),
    ...(typeof body.max_tokens === 'number' ? { maxTokens: body.max_tokens } : {}),
    stop: Array.isArray(body.stop_sequences) ? body.stop_sequences.filter((each) => typeof each === 'string') : [],
    includeUsage: true,
    candidates: 1,
    cached: marksCache(body.system) || messages.some((message) => marksCache(message.content)),
    size,
  };
}

function readTurn(message: JsonObject): Turn {
  const role = message.role === 'assistant' || message.role === 'system' ? message.role : 'user';
  const turn: Turn = { role, text: '', calls: [], results: [] };
  if (typeof message.content === 'string') turn.text = message.content;
  const texts: string[] = [];
  for (const block of Array.isArray(message.content) ? message.content.filter(isObject) : []) {
    if (block.type === 'text' && typeof block.text === 'string') texts.push(block.text);
    else if (block.type === 'tool_use') {
      turn.calls.push({ id: String(block.id), name: String(block.name), arguments: JSON.stringify(block.input ?? {}) });
    } else if (block.type === 'tool_result') turn.results.push({ id: String(block.tool_use_id), text: contentText(block.content) });
  }
  // Text blocks of one assistant turn are one answer; a user's blocks are separate remarks.
  if (texts.length > 0) turn.text = texts.join(role === 'assistant' ? '' : '\n');
  return turn;
}

function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isObject)
    .map((block) => (block.type === 'text' ? String(block.text) : `[${String(block.type)}]`))
    .join('\n');
}

/** Server tools have a type of their own and no schema: nobody but the real vendor runs them. */
function readTool(tool: JsonObject): OfferedTool[] {
  return typeof tool.name === 'string' && isObject(tool.input_schema) ? [{ name: tool.name, schema: tool.input_schema }] : [];
}

function marksCache(content: Json | undefined): boolean {
  return Array.isArray(content) && content.some((block) => isObject(block) && isObject(block.cache_control));
}
