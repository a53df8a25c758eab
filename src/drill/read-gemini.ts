import type { JsonObject } from '../exchange/json.ts';
import { parseObject } from '../exchange/json.ts';
import { objectOf, objects, readError, type Reading, string } from './reading.ts';

/** Reasons that say that there is no answer: the official CLI asks again after them. */
const NO_ANSWER = ['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'MALFORMED_RESPONSE'];

export function geminiWhole(body: JsonObject, reading: Reading): void {
  addChunk(body, reading);
}

/** There is no terminator: the reason is the end, and only usage may follow it. */
export function geminiEvent(reading: Reading): (data: string) => void {
  return (data) => {
    const chunk = parseObject(data);
    if (!chunk) reading.garbled ??= 'a chunk that is no JSON object';
    else if (!readError(chunk, reading)) addChunk(chunk, reading);
  };
}

function addChunk(chunk: JsonObject, reading: Reading): void {
  const blocked = string(objectOf(chunk['promptFeedback'])['blockReason']);
  if (blocked !== '') reading.finished = true;
  const candidate = objects(chunk['candidates'])[0];
  if (!candidate) return;
  for (const part of objects(objectOf(candidate['content'])['parts'])) {
    const call = objectOf(part['functionCall']);
    const said = part['thought'] !== true && string(part['text']) !== '';
    if (reading.finished && (said || call['name'] !== undefined)) reading.garbled ??= 'more of the answer after its end';
    if (said) reading.text += string(part['text']);
    if (typeof call['name'] === 'string') reading.calls.push({ name: call['name'], arguments: JSON.stringify(call['args'] ?? {}) });
  }
  const reason = candidate['finishReason'];
  if (typeof reason !== 'string') return;
  if (NO_ANSWER.includes(reason)) reading.error = `finished with ${reason}`;
  else reading.finished = true;
}
