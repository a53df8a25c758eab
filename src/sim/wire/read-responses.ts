import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Asked, OfferedTool, Turn } from '../asked.ts';

/** Reads a Responses request as far as a simulated assistant cares. `input` is the whole conversation, what is kept on the server in its place. */
export function readResponses(body: JsonObject, size: number): Asked {
  const choice = body.tool_choice;
  const reasoning = isObject(body.reasoning) ? body.reasoning : {};
  const summary = reasoning.summary ?? reasoning.generate_summary;
  const effort = reasoning.effort;
  const schema = readSchema(isObject(body.text) && isObject(body.text.format) ? body.text.format : {});
  return {
    dialect: 'openai-responses',
    model: typeof body.model === 'string' ? body.model : '',
    stream: body.stream === true,
    turns: [...instructions(body.instructions), ...readItems(body.input)],
    tools: [body, ...itemsOfType(body.input, 'additional_tools')].flatMap((from) => objects(from.tools)).flatMap((tool) => readTool(tool)),
    toolChoice:
      choice === 'none' || choice === 'required'
        ? choice
        : isObject(choice) && (choice.type === 'function' || choice.type === 'custom')
          ? { name: String(choice.name) }
          : isObject(choice) && choice.mode === 'required'
            ? 'required'
            : 'auto',
    parallel: body.parallel_tool_calls !== false,
    thinking: (typeof effort === 'string' && effort !== 'none' && effort !== 'minimal') || typeof summary === 'string',
    thinkingHidden: typeof summary !== 'string',
    ...(schema ? { schema } : {}),
    ...(typeof body.max_output_tokens === 'number' ? { maxTokens: body.max_output_tokens } : {}),
    stop: [],
    includeUsage: true,
    candidates: 1,
    cached: typeof body.prompt_cache_key === 'string',
    size,
    background: body.background === true,
    request: body,
  };
}

function instructions(text: Json | undefined): Turn[] {
  return typeof text === 'string' ? [{ role: 'system', text, calls: [], results: [] }] : [];
}

function readSchema(format: JsonObject): JsonObject | undefined {
  if (format.type === 'json_object') return {};
  if (format.type !== 'json_schema') return undefined;
  return isObject(format.schema) ? format.schema : {};
}

/** The items of `input`; a text is a user's message. */
export function inputItems(input: Json | undefined): JsonObject[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  return Array.isArray(input) ? input.filter(isObject) : [];
}

/** What the assistant said between two others' turns is one turn, however many items it is; so are the results of its calls. */
function readItems(input: Json | undefined): Turn[] {
  const turns: Turn[] = [];
  let kind = '';
  const turn = (role: Turn['role'], wanted: string): Turn => {
    const last = turns.at(-1);
    if (last && kind === wanted && wanted !== 'message') return last;
    kind = wanted;
    const next: Turn = { role, text: '', calls: [], results: [] };
    turns.push(next);
    return next;
  };
  for (const item of inputItems(input)) {
    const type = typeof item.type === 'string' ? item.type : 'message';
    if (type === 'message') {
      const assistant = item.role === 'assistant';
      const into = assistant
        ? turn('assistant', 'said')
        : turn(item.role === 'user' || item.role === undefined ? 'user' : 'system', 'message');
      into.text += contentText(item.content);
    } else if (type === 'function_call' || type === 'custom_tool_call') {
      const text = type === 'function_call' ? item.arguments : JSON.stringify({ input: item.input ?? '' });
      turn('assistant', 'said').calls.push({ id: String(item.call_id), name: String(item.name), arguments: String(text) });
    } else if (type.endsWith('_call_output')) {
      turn('user', 'results').results.push({ id: String(item.call_id), text: contentText(item.output) });
    } else if (type.endsWith('_call') && typeof item.call_id === 'string') {
      turn('assistant', 'said').calls.push({ id: item.call_id, name: type.slice(0, -5), arguments: JSON.stringify(item.action ?? {}) });
    } else if (type === 'reasoning') turn('assistant', 'said');
  }
  return turns;
}

function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .filter(isObject)
    .flatMap((part) => (typeof part.text === 'string' ? [part.text] : []))
    .join('\n');
}

/** Tools that the service itself runs, or defines for the client, have no schema: a simulated assistant leaves them alone. */
function readTool(tool: JsonObject, namespace?: string): OfferedTool[] {
  if (tool.type === 'namespace' && namespace === undefined) {
    return objects(tool.tools).flatMap((each) => readTool(each, String(tool.name)));
  }
  if (typeof tool.name !== 'string') return [];
  const grouped = namespace === undefined ? {} : { namespace };
  if (tool.type === 'custom') return [{ name: tool.name, schema: {}, freeText: true, ...grouped }];
  if (tool.type !== 'function') return [];
  return [{ name: tool.name, schema: isObject(tool.parameters) ? tool.parameters : {}, ...grouped }];
}

/** Codex brings its tools as an item of the input since GPT-5.6. */
function itemsOfType(input: Json | undefined, type: string): JsonObject[] {
  return objects(input).filter((item) => item.type === type);
}

function objects(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}
