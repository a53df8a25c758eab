import type { Json, JsonObject } from '../../exchange/json.ts';
import type { Answer, AnswerPart } from '../answer.ts';
import type { Asked } from '../asked.ts';
import type { Mark, Scene, Step } from '../scene.ts';
import { vendorId } from '../seeded.ts';
import { paced, pacedWhole, type WireContext } from './pace.ts';

/** Shapes as recorded from api.anthropic.com in 2025 and 2026: event names, spacing of the ping, usage at both ends. */

export function anthropicScene(answer: Answer, asked: Asked, context: WireContext): Scene {
  if (asked.stream) {
    const headers = {
      ...anthropicHeaders(answer, context),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    };
    return paced({ type: 'head', status: 200, headers }, frames(answer), context.pace, answer.pace);
  }
  const body = Buffer.from(JSON.stringify(wholeMessage(answer)));
  const headers = { ...anthropicHeaders(answer, context), 'content-type': 'application/json', 'content-length': String(body.length) };
  return pacedWhole({ type: 'head', status: 200, headers }, body, answer.usage.output, context.pace, answer.pace);
}

export function anthropicHeaders(answer: Pick<Answer, 'seed' | 'usage'>, context: WireContext): Record<string, string> {
  const reset = new Date(context.now + 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    'request-id': vendorId('req_011C', 20, `${answer.seed} request`),
    'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
    'anthropic-ratelimit-requests-reset': reset,
    'anthropic-ratelimit-input-tokens-limit': '2000000',
    'anthropic-ratelimit-input-tokens-remaining': String(2_000_000 - answer.usage.input),
    'anthropic-ratelimit-input-tokens-reset': reset,
    'anthropic-ratelimit-output-tokens-limit': '400000',
    'anthropic-ratelimit-output-tokens-remaining': '400000',
    'anthropic-ratelimit-output-tokens-reset': reset,
    server: 'simulated',
  };
}

/** The real service pads its events with up to some fifteen spaces before the last brace, against guesses by length. */
export function anthropicEvent(name: string, data: Json): Buffer {
  const json = JSON.stringify(data);
  const padding = ' '.repeat(json.length % 16);
  return Buffer.from(`event: ${name}\ndata: ${json.slice(0, -1)}${padding}}\n\n`);
}

export const ANTHROPIC_PING = Buffer.from('event: ping\ndata: {"type": "ping"}\n\n');

const STOPS: Record<Answer['stop'], string> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  refusal: 'refusal',
  'content-filter': 'refusal',
  pause: 'pause_turn',
  'context-window': 'model_context_window_exceeded',
};

function usageOf(answer: Answer, output: number): JsonObject {
  const { input, cacheRead, cacheWrite } = answer.usage;
  return {
    input_tokens: input - cacheRead - cacheWrite,
    cache_creation_input_tokens: cacheWrite,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
    inference_geo: 'not_available',
  };
}

function message(answer: Answer, content: Json[], stop: Json, output: number): JsonObject {
  return {
    model: answer.model,
    id: vendorId('msg_01', 22, `${answer.seed} message`),
    type: 'message',
    role: 'assistant',
    content,
    stop_reason: stop,
    stop_sequence: stop === null ? null : (answer.stopSequence ?? null),
    usage: usageOf(answer, output),
  };
}

/** Anthropic refuses by a stop reason with no words; what was said before it stays. */
function blocks(answer: Answer): Exclude<AnswerPart, { type: 'refusal' }>[] {
  return answer.parts.filter((part) => part.type !== 'refusal');
}

function stopDetails(answer: Answer): JsonObject {
  if (STOPS[answer.stop] !== 'refusal') return {};
  return { stop_details: { type: 'refusal', category: 'simulated', explanation: 'This is a simulated refusal.', recommended_model: null } };
}

function wholeMessage(answer: Answer): JsonObject {
  const content = blocks(answer).map((part): JsonObject => {
    const text = part.pieces.join('');
    switch (part.type) {
      case 'reasoning':
        return { type: 'thinking', thinking: part.hidden ? '' : text, signature: part.signature };
      case 'text':
        return { type: 'text', text };
      case 'tool-call':
        return { type: 'tool_use', id: part.id, name: part.name, input: JSON.parse(text === '' ? '{}' : text) as Json };
    }
  });
  return { ...message(answer, content, STOPS[answer.stop], answer.usage.output), ...stopDetails(answer) };
}

function frames(answer: Answer): Step[] {
  const steps: Step[] = [];
  const write = (kind: Mark['kind'], part: number, name: string, data: Json): void => {
    steps.push({ type: 'write', bytes: kind === 'ping' ? ANTHROPIC_PING : anthropicEvent(name, data), mark: { kind, part } });
  };
  write('start', 0, 'message_start', { type: 'message_start', message: message(answer, [], null, 1) });
  const parts = blocks(answer);
  if (parts.length === 0) write('ping', 0, 'ping', {});
  parts.forEach((part, index) => {
    const delta = (kind: Mark['kind'], value: JsonObject): void =>
      write(kind, index, 'content_block_delta', { type: 'content_block_delta', index, delta: value });
    write('open', index, 'content_block_start', { type: 'content_block_start', index, content_block: opening(part) });
    if (index === 0) write('ping', 0, 'ping', {});
    if (part.type === 'reasoning') {
      if (!part.hidden) for (const piece of part.pieces) delta('reasoning', { type: 'thinking_delta', thinking: piece });
      delta('signature', { type: 'signature_delta', signature: part.signature });
    } else if (part.type === 'text') {
      for (const piece of part.pieces) delta('text', { type: 'text_delta', text: piece });
    } else {
      // The real service opens a call's arguments with an empty piece.
      for (const piece of ['', ...part.pieces]) delta('arguments', { type: 'input_json_delta', partial_json: piece });
    }
    write('close', index, 'content_block_stop', { type: 'content_block_stop', index });
  });
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = usageOf(answer, answer.usage.output);
  write('finish', parts.length, 'message_delta', {
    type: 'message_delta',
    delta: { stop_reason: STOPS[answer.stop], stop_sequence: answer.stopSequence ?? null, ...stopDetails(answer) },
    usage: { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens },
  });
  write('terminator', parts.length, 'message_stop', { type: 'message_stop' });
  return steps;
}

function opening(part: Exclude<AnswerPart, { type: 'refusal' }>): JsonObject {
  if (part.type === 'reasoning') return { type: 'thinking', thinking: '', signature: '' };
  if (part.type === 'text') return { type: 'text', text: '' };
  return { type: 'tool_use', id: part.id, name: part.name, input: {} };
}
