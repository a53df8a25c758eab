import type { Json, JsonObject } from '../exchange/json.ts';
import { parseObject } from '../exchange/json.ts';
import { objectOf, objects, readError, type Reading, string } from './reading.ts';

export function anthropicWhole(body: JsonObject, reading: Reading): void {
  for (const block of objects(body['content'])) {
    if (block['type'] === 'text') reading.text += string(block['text']);
    if (block['type'] === 'tool_use') reading.calls.push({ name: string(block['name']), arguments: JSON.stringify(block['input']) });
  }
  reading.finished = typeof body['stop_reason'] === 'string';
}

export function anthropicEvent(reading: Reading): (data: string) => void {
  const calls = new Map<Json | undefined, { name: string; arguments: string }>();
  let stopReason = false;
  return (data) => {
    const event = parseObject(data);
    if (!event) {
      reading.garbled ??= 'an event that is no JSON object';
      return;
    }
    const delta = objectOf(event['delta']);
    switch (event['type']) {
      case 'message_start':
        if (reading.text !== '' || reading.calls.length > 0) reading.garbled ??= 'a second message_start';
        break;
      case 'content_block_start': {
        const block = objectOf(event['content_block']);
        if (block['type'] !== 'tool_use') break;
        const call = { name: string(block['name']), arguments: '' };
        calls.set(event['index'], call);
        reading.calls.push(call);
        break;
      }
      case 'content_block_delta': {
        reading.text += string(delta['text']);
        const call = calls.get(event['index']);
        if (call) call.arguments += string(delta['partial_json']);
        break;
      }
      case 'message_delta':
        stopReason = typeof delta['stop_reason'] === 'string';
        break;
      case 'message_stop':
        reading.finished = stopReason;
        break;
      case 'error':
        readError(event, reading);
        break;
      default:
    }
  };
}
