import type { Json, JsonObject } from '../exchange/json.ts';
import { parseObject } from '../exchange/json.ts';
import { objectOf, objects, readError, type Reading, string } from './reading.ts';

export function chatWhole(body: JsonObject, reading: Reading): void {
  const choice = objects(body['choices'])[0];
  const message = objectOf(choice?.['message']);
  reading.text = string(message['content']);
  for (const call of objects(message['tool_calls'])) addCall(reading, call);
  reading.finished = typeof choice?.['finish_reason'] === 'string';
}

export function chatEvent(reading: Reading): (data: string) => void {
  const calls = new Map<Json | undefined, { name: string; arguments: string }>();
  let finishReason = false;
  return (data) => {
    if (data === '[DONE]') {
      reading.finished = finishReason;
      return;
    }
    const chunk = parseObject(data);
    if (!chunk) {
      reading.garbled ??= 'a chunk that is no JSON object';
      return;
    }
    if (readError(chunk, reading)) return;
    const choice = objects(chunk['choices'])[0];
    if (!choice) return;
    const delta = objectOf(choice['delta']);
    reading.text += string(delta['content']);
    for (const piece of objects(delta['tool_calls'])) {
      const call = calls.get(piece['index']);
      if (call) call.arguments += string(objectOf(piece['function'])['arguments']);
      else calls.set(piece['index'], addCall(reading, piece));
    }
    if (typeof choice['finish_reason'] === 'string') finishReason = true;
  };
}

function addCall(reading: Reading, call: JsonObject): { name: string; arguments: string } {
  const fields = objectOf(call['function']);
  const added = { name: string(fields['name']), arguments: string(fields['arguments']) };
  reading.calls.push(added);
  return added;
}
