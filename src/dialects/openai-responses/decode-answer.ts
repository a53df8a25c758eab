import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { readFailure } from './decode-error.ts';
import { endOf, startOf } from './decode-stream.ts';
import { newReading } from './reading.ts';
import { outputReader } from './read-output.ts';

/** A whole response as the events of a stream that says the same. */
export function decodeAnswer(body: JsonObject): Result<AnswerEvent[], string> {
  if (!Array.isArray(body.output)) return err('the response has no output');
  if (typeof body.model !== 'string' || typeof body.id !== 'string') return err('the response has no id or no model');
  if (body.status === 'failed' || body.status === 'cancelled') return err(readFailure(body).message);
  if (body.status === 'queued' || body.status === 'in_progress') return err(`the response is ${body.status}: it has no answer yet`);
  const reading = newReading();
  const output = outputReader();
  for (const [place, item] of body.output.entries()) {
    if (!isObject(item) || typeof item.type !== 'string') return err(`output[${place}] is not an item`);
    output.done(place, item, reading);
  }
  output.end(undefined, reading);
  if (reading.problem) return err(reading.problem);
  const start = startOf(body);
  return ok([start, ...reading.events, ...endOf(body, output.called(), start)]);
}
