import type { Json, JsonObject } from '../../exchange/json.ts';
import type { Answer } from '../answer.ts';
import type { Asked } from '../asked.ts';
import type { Mark, Scene, Step } from '../scene.ts';
import { vendorId } from '../seeded.ts';
import { paced, pacedWhole, type WireContext } from './pace.ts';

/** Shapes of api.openai.com's Chat Completions; `reasoning_content` as DeepSeek and other compatible services write it. */

export function chatScene(answer: Answer, asked: Asked, context: WireContext): Scene {
  if (asked.stream) {
    const headers = { ...chatHeaders(answer, context), 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
    return paced({ type: 'head', status: 200, headers }, frames(answer, asked, context), context.pace, answer.pace);
  }
  const body = Buffer.from(JSON.stringify(wholeCompletion(answer, asked, context), undefined, 2));
  const headers = { ...chatHeaders(answer, context), 'content-type': 'application/json', 'content-length': String(body.length) };
  return pacedWhole({ type: 'head', status: 200, headers }, body, answer.usage.output, context.pace, answer.pace);
}

export function chatHeaders(answer: Pick<Answer, 'seed' | 'usage'>, context: WireContext): Record<string, string> {
  return {
    'x-request-id': vendorId('req_', 32, `${answer.seed} request`).toLowerCase(),
    'openai-organization': 'simulated',
    'openai-version': '2020-10-01',
    'openai-processing-ms': String(Math.round((context.pace.headers + context.pace.firstToken) * context.pace.scale)),
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-limit-tokens': '30000000',
    'x-ratelimit-remaining-tokens': String(30_000_000 - answer.usage.input),
    'x-ratelimit-reset-tokens': '0s',
    server: 'simulated',
  };
}

export function chatData(data: Json): Buffer {
  return Buffer.from(`data: ${JSON.stringify(data)}\n\n`);
}

const DONE = Buffer.from('data: [DONE]\n\n');

const STOPS: Record<Answer['stop'], string> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  refusal: 'stop',
  'content-filter': 'content_filter',
  pause: 'stop',
  'context-window': 'length',
};

function usageOf(answer: Answer): JsonObject {
  const { input, output, cacheRead, reasoning } = answer.usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function envelope(answer: Answer, object: string, context: WireContext): JsonObject {
  return {
    id: vendorId('chatcmpl-', 29, `${answer.seed} message`),
    object,
    created: Math.floor(context.now / 1000),
    model: answer.model,
    service_tier: 'default',
    system_fingerprint: 'fp_simulated',
  };
}

function joined(answer: Answer, kind: 'text' | 'reasoning' | 'refusal'): string | null {
  const parts = answer.parts.filter((part) => part.type === kind);
  return parts.length === 0 ? null : parts.map((part) => part.pieces.join('')).join('');
}

function wholeCompletion(answer: Answer, asked: Asked, context: WireContext): JsonObject {
  const calls = answer.parts.flatMap((part) =>
    part.type === 'tool-call' ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.pieces.join('') } }] : [],
  );
  const reasoning = joined(answer, 'reasoning');
  const message: JsonObject = {
    role: 'assistant',
    content: joined(answer, 'text'),
    ...(reasoning === null ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    refusal: joined(answer, 'refusal'),
    annotations: [],
  };
  return {
    ...envelope(answer, 'chat.completion', context),
    choices: Array.from({ length: asked.candidates }, (_, index) => ({
      index,
      message,
      logprobs: null,
      finish_reason: STOPS[answer.stop],
    })),
    usage: usageOf(answer),
  };
}

function frames(answer: Answer, asked: Asked, context: WireContext): Step[] {
  const steps: Step[] = [];
  const common = envelope(answer, 'chat.completion.chunk', context);
  const noUsage = asked.includeUsage ? { usage: null } : {};
  const write = (kind: Mark['kind'], part: number, delta: JsonObject, finish: string | null = null): void => {
    for (let index = 0; index < asked.candidates; index++) {
      const data = { ...common, choices: [{ index, delta, logprobs: null, finish_reason: finish }], ...noUsage };
      steps.push({ type: 'write', bytes: chatData(data), mark: { kind, part } });
    }
  };
  const role: JsonObject = { role: 'assistant', content: answer.stop === 'tool-calls' ? null : '', refusal: null };
  write('start', 0, role);
  let call = 0;
  answer.parts.forEach((part, index) => {
    if (part.type === 'reasoning') for (const piece of part.pieces) write('reasoning', index, { reasoning_content: piece });
    else if (part.type === 'text') for (const piece of part.pieces) write('text', index, { content: piece });
    else if (part.type === 'refusal') for (const piece of part.pieces) write('text', index, { refusal: piece });
    else {
      const opening = { index: call, id: part.id, type: 'function', function: { name: part.name, arguments: '' } };
      write('open', index, { tool_calls: [opening] });
      for (const piece of part.pieces) write('arguments', index, { tool_calls: [{ index: call, function: { arguments: piece } }] });
      call++;
    }
  });
  const last = answer.parts.length;
  write('finish', last, {}, STOPS[answer.stop]);
  if (asked.includeUsage) {
    steps.push({
      type: 'write',
      bytes: chatData({ ...common, choices: [], usage: usageOf(answer) }),
      mark: { kind: 'usage', part: last },
    });
  }
  steps.push({ type: 'write', bytes: DONE, mark: { kind: 'terminator', part: last } });
  return steps;
}
