import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Frame, StreamDecoder } from '../dialect.ts';
import { sseSplitter, type SseEvent } from '../sse.ts';
import { readError } from './decode-error.ts';
import { answerReader } from './read-answer.ts';
import { newReading } from './reading.ts';

/**
 * Chunks carry no number, so a frame sent twice shows only by its bytes. A model does repeat tokens; that it repeats a piece this long
 * and varied, in a frame otherwise identical, is so rare that the cost of being wrong (one retry) is the smaller one.
 */
const REPEAT_LENGTH = 16;
const REPEAT_VARIETY = 6;

export function decoder(): StreamDecoder {
  const splitter = sseSplitter();
  const reader = answerReader();
  let over = false;
  let previous = '';

  function frame(event: SseEvent): Frame {
    const { raw, data } = event;
    if (event.overflow) return malformed(raw, 'an event is longer than any real one');
    if (data === '' && event.event !== 'error') return { type: 'events', raw, clean: true, events: [] };
    const end = data.trim() === '[DONE]';
    if (end && reader.unfinished()) return malformed(raw, 'the stream ends before one of the candidates');
    if (end) return { type: 'end', raw, clean: data === '[DONE]', events: [] };
    const chunk = parse(data);
    if (event.event === 'error') return { type: 'error', raw, error: readError(isObject(chunk) ? chunk : { message: data }) };
    if (!isObject(chunk)) return malformed(raw, 'an event is not a JSON object');
    if (isError(chunk)) return { type: 'error', raw, error: readError(chunk) };
    const reading = newReading();
    // Iterating over `choices` is the first thing that clients do; an object without them breaks 9 of 20 SDK adapters.
    if (!Array.isArray(chunk.choices)) reading.clean = false;
    const { broken } = reader.read(chunk, reading);
    if (broken) return { type: 'error', raw, error: { message: broken, code: 'broken_off' } };
    if (reading.problem) return malformed(raw, reading.problem);
    if (data === previous && isTelling(reading.longest)) return malformed(raw, 'repeated frame');
    previous = data;
    return { type: 'events', raw, clean: reading.clean, events: reading.events };
  }

  function frames(events: SseEvent[]): Frame[] {
    const out: Frame[] = [];
    for (const event of events) {
      if (over) break;
      const next = frame(event);
      out.push(next);
      if (next.type !== 'events') over = true;
    }
    return out;
  }

  return {
    push: (chunk) => (over ? [] : frames(splitter.push(chunk))),
    end() {
      if (over) return [];
      const last = frames(splitter.end());
      if (over || !splitter.pending()) return last;
      // Some servers stop without the last blank line. For the terminator that is harmless; any other event may be cut short.
      const rest = splitter.push(Buffer.from('\n\n'))[0];
      over = true;
      if (!rest) return last;
      last.push(
        rest.data === '[DONE]'
          ? { type: 'end', raw: rest.raw, clean: true, events: [] }
          : malformed(rest.raw, 'the body ends inside an event'),
      );
      return last;
    },
  };
}

/** vLLM writes `object: "error"`, translators of Anthropic `type: "error"`, Groq puts it under `x_groq`. */
function isError(chunk: JsonObject): boolean {
  if (chunk.error !== undefined && chunk.error !== null && chunk.error !== false && chunk.error !== '') return true;
  if (isObject(chunk.x_groq) && typeof chunk.x_groq.error === 'string') return true;
  return !Array.isArray(chunk.choices) && (chunk.object === 'error' || chunk.type === 'error');
}

function isTelling(text: string): boolean {
  return text.length >= REPEAT_LENGTH && new Set(text).size >= REPEAT_VARIETY;
}

function parse(data: string): Json | undefined {
  try {
    return JSON.parse(data) as Json;
  } catch {
    return undefined;
  }
}

function malformed(raw: Buffer, reason: string): Frame {
  return { type: 'malformed', raw, reason };
}
