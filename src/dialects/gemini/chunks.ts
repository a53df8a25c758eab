/** For tests: chunks of an answer, and what our decoder makes of them. */
import type { AnswerEvent } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { assemble, type WholeAnswer } from '../assemble.ts';
import type { Frame } from '../dialect.ts';
import { decoder } from './decode-stream.ts';

export function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\r\n\r\n`;
}

export function response(candidate: JsonObject, more: JsonObject = {}): JsonObject {
  return { candidates: [{ index: 0, ...candidate }], modelVersion: 'gemini-3', responseId: 'r-1_x', ...more };
}

export function chunk(parts: JsonObject[], candidate: JsonObject = {}, more: JsonObject = {}): string {
  return event(response({ content: { role: 'model', parts }, ...candidate }, more));
}

export const STOP = chunk(
  [{ text: '' }],
  { finishReason: 'STOP' },
  { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 } },
);

export function decode(...pieces: string[]): Frame[] {
  const reader = decoder();
  return [...reader.push(Buffer.from(pieces.join(''))), ...reader.end()];
}

export function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

export function answerOf(...pieces: string[]): WholeAnswer {
  return assemble(eventsOf(decode(...pieces)));
}

export function shape(answer: WholeAnswer): unknown[] {
  return answer.parts.map(({ head, text, arguments: json, signature, opaque, closed }) => [
    head.type === 'tool-call' ? head.name : head.type,
    text + json,
    ...(signature === undefined ? [] : [signature]),
    ...(JSON.stringify(opaque).includes('"bare"') ? ['bare'] : []),
    ...(closed ? [] : ['open']),
  ]);
}

export function last(...pieces: string[]): Frame {
  return decode(...pieces).at(-1)!;
}
