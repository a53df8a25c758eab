import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { answerReader } from './read-answer.ts';
import { newReading } from './reading.ts';

/** A whole `chat.completion`: its first choice, as the events of a stream that says the same. */
export function decodeAnswer(body: JsonObject): Result<AnswerEvent[], string> {
  const first = Array.isArray(body.choices) ? body.choices.find((value) => isObject(value) && (value.index ?? 0) === 0) : undefined;
  if (!isObject(first)) return err('the body has no choices');
  if (!isObject(first.message)) return err('choices[0] has no message');
  const reading = newReading();
  const { broken } = answerReader().read(body, reading);
  if (broken) return err(broken);
  if (reading.problem) return err(reading.problem);
  return ok(reading.events);
}
