/** For tests: a stream of this dialect, event by event. */
import type { AnswerEvent } from '../../exchange/event.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { assemble } from '../assemble.ts';
import type { Frame } from '../dialect.ts';
import { decoder } from './decode-stream.ts';

export const CREATED = {
  type: 'response.created',
  response: { id: 'resp_1', model: 'gpt', created_at: 7, status: 'in_progress', output: [] },
};
export const MESSAGE = {
  type: 'response.output_item.added',
  output_index: 0,
  item: { id: 'msg_1', type: 'message', role: 'assistant', content: [] },
};
export const CONTENT = {
  type: 'response.content_part.added',
  item_id: 'msg_1',
  output_index: 0,
  content_index: 0,
  part: { type: 'output_text', text: '' },
};
export const ITEM = { ...MESSAGE.item, status: 'completed', content: [{ type: 'output_text', text: 'Hello there', annotations: [] }] };
export const DONE = { type: 'response.output_item.done', output_index: 0, item: ITEM };
export const COMPLETED = completed([ITEM]);

export function completed(output: object[], more: JsonObject = {}): JsonObject {
  const usage = {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 2 },
    output_tokens: 3,
    output_tokens_details: { reasoning_tokens: 1 },
    total_tokens: 8,
  };
  return {
    type: 'response.completed',
    response: { id: 'resp_1', model: 'gpt', status: 'completed', output, usage, ...more } as JsonObject,
  };
}

export function word(delta: string): JsonObject {
  return { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta };
}

export function added(place: number, item: JsonObject): JsonObject {
  return { type: 'response.output_item.added', output_index: place, item };
}

export function done(place: number, item: JsonObject): JsonObject {
  return { type: 'response.output_item.done', output_index: place, item };
}

export function sse(...events: object[]): Buffer {
  return Buffer.from(
    events
      .map(
        (event, index) =>
          `event: ${(event as JsonObject).type as string}\ndata: ${JSON.stringify({ sequence_number: index, ...event })}\n\n`,
      )
      .join(''),
  );
}

export function read(bytes: Buffer | string): Frame[] {
  const reading = decoder();
  return [...reading.push(Buffer.from(bytes)), ...reading.end()];
}

export function eventsOf(frames: readonly Frame[]): AnswerEvent[] {
  return frames.flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
}

export function whole(...events: object[]) {
  return assemble(eventsOf(read(sse(CREATED, ...events))));
}
