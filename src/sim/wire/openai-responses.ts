import type { Json, JsonObject } from '../../exchange/json.ts';
import type { Answer, AnswerPart } from '../answer.ts';
import type { Asked } from '../asked.ts';
import type { Mark, Scene, Step } from '../scene.ts';
import { vendorId } from '../seeded.ts';
import { chatHeaders } from './openai-chat.ts';
import { paced, pacedWhole, type WireContext } from './pace.ts';
import { finalItem, openItem, writeItem } from './responses-items.ts';

/** Shapes of api.openai.com's `POST /v1/responses`, as recorded and as the official SDK's types have them. */

export function responsesScene(answer: Answer, asked: Asked, context: WireContext): Scene {
  if (asked.stream) {
    const headers = { ...chatHeaders(answer, context), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
    return paced({ type: 'head', status: 200, headers }, responsesFrames(answer, asked, context), context.pace, answer.pace);
  }
  const response = asked.background === true ? queuedResponse(answer, asked, context) : finalResponse(answer, asked, context);
  const body = Buffer.from(JSON.stringify(response, undefined, 2));
  const headers = { ...chatHeaders(answer, context), 'content-type': 'application/json', 'content-length': String(body.length) };
  const pieces = asked.background === true ? 0 : answer.usage.output;
  return pacedWhole({ type: 'head', status: 200, headers }, body, pieces, context.pace, answer.pace);
}

export function responsesEvent(data: JsonObject): Buffer {
  return Buffer.from(`event: ${String(data.type)}\ndata: ${JSON.stringify(data)}\n\n`);
}

export function responseId(seed: string): string {
  return vendorId('resp_0', 49, `${seed} message`, HEX);
}

const HEX = '0123456789abcdef';

/** What of a request an answer repeats, with the service's defaults. */
const REPEATED: Record<string, Json> = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  previous_response_id: null,
  prompt_cache_key: null,
  prompt_cache_retention: null,
  safety_identifier: null,
  service_tier: 'default',
  store: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  user: null,
  metadata: {},
};

interface State {
  status: 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';
  output?: JsonObject[];
  error?: JsonObject;
  incomplete?: string;
  usage?: boolean;
}

export function responseObject(answer: Answer, asked: Asked, context: Pick<WireContext, 'now'>, state: State): JsonObject {
  const request = asked.request ?? {};
  const repeated = Object.fromEntries(Object.entries(REPEATED).map(([name, usual]) => [name, request[name] ?? usual]));
  return {
    id: responseId(answer.seed),
    object: 'response',
    created_at: Math.floor(context.now / 1000),
    status: state.status,
    background: asked.background === true,
    completed_at: state.status === 'completed' ? Math.floor(context.now / 1000) : null,
    error: state.error ?? null,
    incomplete_details: state.incomplete === undefined ? null : { reason: state.incomplete },
    ...repeated,
    model: answer.model,
    output: state.output ?? [],
    reasoning: { effort: null, summary: null, ...(request.reasoning as JsonObject | undefined) },
    text: { format: { type: 'text' }, verbosity: 'medium', ...(request.text as JsonObject | undefined) },
    usage: state.usage === true ? usageOf(answer) : null,
  };
}

/** Why an answer is not all of it; `undefined`: it is. */
function incompleteReason(answer: Answer): string | undefined {
  if (answer.stop === 'length' || answer.stop === 'context-window') return 'max_output_tokens';
  return answer.stop === 'content-filter' ? 'content_filter' : undefined;
}

export function finalResponse(answer: Answer, asked: Asked, context: Pick<WireContext, 'now'>): JsonObject {
  const incomplete = incompleteReason(answer);
  return responseObject(answer, asked, context, {
    status: incomplete === undefined ? 'completed' : 'incomplete',
    output: items(answer, 'completed'),
    usage: true,
    ...(incomplete === undefined ? {} : { incomplete }),
  });
}

export function queuedResponse(answer: Answer, asked: Asked, context: Pick<WireContext, 'now'>): JsonObject {
  return responseObject(answer, asked, context, { status: 'queued' });
}

/** The items of the whole answer. `copy`: the service encrypts reasoning anew each time that it tells of it. */
export function items(answer: Answer, copy: string): JsonObject[] {
  const cutPart = incompleteReason(answer) === undefined ? -1 : answer.parts.length - 1;
  return answer.parts.map((part, index) => finalItem(part, answer.seed, index, copy, index === cutPart));
}

function usageOf(answer: Answer): JsonObject {
  const { input, output, cacheRead, reasoning } = answer.usage;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cacheRead },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}

/** `response.failed`, as it ends a stream. `sequence`: number of events before it. */
export function failedFrame(answer: Answer, asked: Asked, context: Pick<WireContext, 'now'>, error: JsonObject, sequence: number): Buffer {
  const response = responseObject(answer, asked, context, { status: 'failed', error });
  return responsesEvent({ type: 'response.failed', sequence_number: sequence, response });
}

function responsesFrames(answer: Answer, asked: Asked, context: Pick<WireContext, 'now'>): Step[] {
  const steps: Step[] = [];
  const write = (kind: Mark['kind'], part: number, data: JsonObject): void => {
    const { type, ...rest } = data;
    steps.push({
      type: 'write',
      bytes: responsesEvent({ type: type!, sequence_number: steps.length, ...rest }),
      mark: { kind, part },
    });
  };
  const begun = responseObject(answer, asked, context, { status: 'in_progress' });
  if (asked.background === true) {
    const queued = queuedResponse(answer, asked, context);
    write('start', 0, { type: 'response.created', response: queued });
    write('start', 0, { type: 'response.queued', response: queued });
  } else write('start', 0, { type: 'response.created', response: begun });
  write('start', 0, { type: 'response.in_progress', response: begun });
  const obfuscated = (asked.request?.stream_options as JsonObject | undefined)?.include_obfuscation !== false;
  const cutPart = incompleteReason(answer) === undefined ? -1 : answer.parts.length - 1;
  answer.parts.forEach((part: AnswerPart, index) => {
    write('open', index, { type: 'response.output_item.added', output_index: index, item: openItem(part, answer.seed, index) });
    writeItem(part, answer.seed, index, (kind, data) => {
      const padding = obfuscated && typeof data.delta === 'string' ? { obfuscation: pad(data.delta, steps.length) } : {};
      write(kind, index, { ...data, ...padding });
    });
    const item = finalItem(part, answer.seed, index, 'done', index === cutPart);
    write('close', index, { type: 'response.output_item.done', output_index: index, item });
  });
  const response = finalResponse(answer, asked, context);
  write('terminator', answer.parts.length, { type: `response.${String(response.status)}`, response });
  return steps;
}

/** The real service hides the lengths of its pieces: with its padding each has the length of a multiple of 16. */
function pad(delta: string, seed: number): string {
  return vendorId('', 16 - (delta.length % 16), `padding ${seed}`);
}
