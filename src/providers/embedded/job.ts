import { asFunction, flatName } from '../../dialects/plain-tools.ts';
import { type JsonObject, parseObject } from '../../exchange/json.ts';
import type { Part, ToolResultPart } from '../../exchange/part.ts';
import type { Request } from '../../exchange/request.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import type { EngineJob, PastCall, Turn } from './messages.ts';
import { grammarSchema } from './schema.ts';

/** What llama.cpp's own server samples with, where nobody says otherwise (tools/server/README.md of v0.4.0). */
const TEMPERATURE = 0.8;
const TOP_P = 0.95;
const TOP_K = 40;

/** A request as the engine takes it, or what of it the engine can't do. */
export function jobOf(request: Request): Result<EngineJob, string> {
  const odd = request.messages.flatMap(({ parts }) => parts).find(({ type }) => type === 'image' || type === 'audio');
  if (odd) return err(`this model runs in the embedded engine, which takes no ${odd.type === 'image' ? 'images' : 'sound'}`);
  const { sampling, output, toolChoice } = request;
  if (toolChoice?.type === 'required' || toolChoice?.type === 'tool')
    return err('the embedded engine cannot force a model to call a tool; ask with tool_choice auto');
  const tools = toolChoice?.type === 'none' ? [] : request.tools.flatMap((tool) => (tool.type === 'server' ? [] : [asFunction(tool)]));
  if (tools.length > 0 && output.type !== 'text')
    return err('the embedded engine cannot hold an answer to a JSON form while there are tools; leave out one of the two');
  return ok({
    turns: turnsOf(request),
    functions: Object.fromEntries(
      tools.map(({ name, description, parameters }) => [
        name,
        { ...(description !== undefined && { description }), params: grammarSchema(parameters) },
      ]),
    ),
    ...(output.type === 'json' && { shape: 'json' as const }),
    ...(output.type === 'json-schema' && { shape: grammarSchema(output.schema) }),
    ...(request.parallelToolCalls === false && { calls: 1 }),
    ...(request.maxOutputTokens !== undefined && { maxTokens: request.maxOutputTokens }),
    temperature: sampling.temperature ?? TEMPERATURE,
    topP: sampling.topP ?? TOP_P,
    topK: sampling.topK ?? TOP_K,
    ...(sampling.seed !== undefined && { seed: sampling.seed }),
    ...(sampling.presencePenalty !== undefined && { presencePenalty: sampling.presencePenalty }),
    ...(sampling.frequencyPenalty !== undefined && { frequencyPenalty: sampling.frequencyPenalty }),
    stop: request.stop,
  });
}

/** The schema as the client gave it, of each tool. */
export function schemasOf(request: Request): Map<string, JsonObject> {
  return new Map(
    request.tools.flatMap((tool): [string, JsonObject][] => {
      if (tool.type === 'server') return [];
      const { name, parameters } = asFunction(tool);
      return [[name, parameters]];
    }),
  );
}

function turnsOf(request: Request): Turn[] {
  const turns: Turn[] = [];
  const calls = new Map<string, PastCall>();
  const system = textOf(request.system);
  if (system !== '') turns.push({ type: 'system', text: system });
  for (const { role, parts } of request.messages) {
    if (role !== 'assistant') {
      for (const part of parts) if (part.type === 'tool-result') answerCall(part, calls.get(part.callId));
      const text = textOf(parts);
      if (text !== '') turns.push({ type: role, text });
      continue;
    }
    // An answer with calls in it goes on after their results: to the model it is one turn.
    const last = turns.at(-1);
    const response: (string | PastCall)[] = last?.type === 'model' ? last.response : [];
    if (last?.type !== 'model') turns.push({ type: 'model', response });
    let before: Part['type'] | undefined;
    for (const part of parts) {
      if (part.type === 'tool-call') {
        const params = parseObject(part.arguments || '{}') ?? { arguments: part.arguments };
        const call: PastCall = { type: 'functionCall', name: flatName(part), params, result: '', startsNewChunk: before !== 'tool-call' };
        calls.set(part.id, call);
        response.push(call);
      } else {
        const text = textOf([part]);
        if (text !== '') response.push(text);
      }
      before = part.type;
    }
  }
  return turns;
}

function answerCall(part: ToolResultPart, call: PastCall | undefined): void {
  const text = textOf(part.content);
  if (call) call.result = part.isError ? { error: text } : text;
}

/** What is text, or holds one. Reasoning stays with its maker. */
function textOf(parts: readonly Part[]): string {
  return parts
    .flatMap((part) => {
      if (part.type === 'text' || part.type === 'refusal') return part.text;
      return part.type === 'document' && part.source.type === 'text' ? part.source.text : [];
    })
    .join('\n\n');
}
