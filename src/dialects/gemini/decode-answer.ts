import type { AnswerEvent } from '../../exchange/event.ts';
import { isObject, type JsonObject } from '../../exchange/json.ts';
import { err, ok, type Result } from '../../exchange/result.ts';
import { answerReader } from './read-answer.ts';
import { newReading } from './reading.ts';

/** A whole `GenerateContentResponse`: its first candidate, as the events of a stream that says the same. */
export function decodeAnswer(body: JsonObject): Result<AnswerEvent[], string> {
  const answers = Array.isArray(body.candidates) && body.candidates.length > 0;
  if (!answers && !isObject(body.promptFeedback)) return err('the body has neither candidates nor promptFeedback');
  const reading = newReading();
  const reader = answerReader();
  reader.read(body, reading);
  reader.flush(reading);
  if (reading.problem) return err(reading.problem);
  if (reading.failure) return err(reading.failure.message);
  return ok(reading.events);
}
