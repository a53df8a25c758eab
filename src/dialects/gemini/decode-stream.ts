import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Frame, StreamDecoder } from '../dialect.ts';
import { sseSplitter, type SseEvent } from '../sse.ts';
import { readError } from './decode-error.ts';
import { arraySplitter, type ArrayElement } from './json-array.ts';
import { answerReader } from './read-answer.ts';
import { newReading } from './reading.ts';

/**
 * Chunks carry no number, so a frame sent twice shows only by its bytes; see openai-chat/decode-stream.ts, where the cost of being wrong
 * is told. Gemini's chunks are long, and usage counts up from one to the next, so two that are the same byte for byte are rare.
 */
const REPEAT_LENGTH = 16;
const REPEAT_VARIETY = 6;

const SPACE = 32;
const OPEN_BRACKET = 91;
const OPEN_BRACE = 123;

/**
 * Reads the stream of `:streamGenerateContent`. It is SSE where that was asked for; a provider that answers with a JSON array all the same is
 * read too. It has no terminator: the answer is over with its finish reason and the end of the body.
 */
export function decoder(): StreamDecoder {
  const reader = answerReader();
  let source: Source | undefined;
  let over = false;
  let previous = '';

  function frame({ raw, data, event, overflow }: SseEvent, sse: boolean): Frame {
    if (overflow) return malformed(raw, 'an event is longer than any real one');
    if (data === '') return event === 'error' ? { type: 'error', raw, error: { message: 'an error event without details' } } : quiet(raw);
    const chunk = parse(data);
    if (!isObject(chunk)) {
      // Translators of chat end a stream with its terminator; Google's client fails on it.
      if (data.trim() === '[DONE]') return { type: 'events', raw, clean: false, events: [] };
      if (event === 'error') return { type: 'error', raw, error: { message: data.slice(0, 500) } };
      return malformed(raw, `an event is not a JSON object: ${data.slice(0, 60)}`);
    }
    if (isError(chunk) || event === 'error') return { type: 'error', raw, error: readError(chunk) };
    const reading = newReading();
    reader.read(chunk, reading);
    if (reading.failure) return { type: 'error', raw, error: reading.failure };
    if (reading.problem) return malformed(raw, reading.problem);
    if (data === previous && isTelling(reading.longest)) return malformed(raw, 'repeated frame');
    previous = data;
    return { type: 'events', raw, clean: sse && isPlain(raw), events: reading.events };
  }

  function frames(events: SseEvent[], sse: boolean): Frame[] {
    const out: Frame[] = [];
    for (const event of events) {
      if (over) break;
      const next = frame(event, sse);
      out.push(next);
      if (next.type !== 'events') over = true;
    }
    return out;
  }

  /** What only the end of the body tells. With several candidates, that it is the end is worth saying: the events tell but one of them. */
  function flush(): Frame[] {
    const reading = newReading();
    const candidates = reader.flush(reading);
    if (candidates === 'unfinished') return [malformed(Buffer.alloc(0), 'the stream ends before one of the candidates')];
    if (candidates === 'all') return [{ type: 'end', raw: Buffer.alloc(0), clean: true, events: reading.events }];
    return reading.events.length === 0 ? [] : [{ type: 'events', raw: Buffer.alloc(0), clean: false, events: reading.events }];
  }

  return {
    push(chunk) {
      if (over || chunk.length === 0) return [];
      source ??= sourceOf(chunk);
      return frames(source.push(chunk), source.sse);
    },
    end() {
      if (over) return [];
      const last = source ? frames(source.end(), source.sse) : [];
      if (over) return last;
      over = true;
      const rest = source?.rest();
      if (rest) return [...last, malformed(rest, 'the body ends inside an event')];
      return [...last, ...flush()];
    },
  };
}

interface Source {
  /** Only events can be framed as Google's own client reads them. */
  sse: boolean;
  push(chunk: Buffer): SseEvent[];
  end(): SseEvent[];
  /** Bytes of an event that was cut short. */
  rest(): Buffer | undefined;
}

/** By the first byte that says anything. A chunk of white space only is taken for the beginning of SSE, where blank lines are legal. */
function sourceOf(chunk: Buffer): Source {
  const first = chunk.find((byte) => byte > SPACE);
  return first === OPEN_BRACKET || first === OPEN_BRACE ? arraySource() : sseSource();
}

function sseSource(): Source {
  const splitter = sseSplitter();
  return {
    sse: true,
    push: (chunk) => splitter.push(chunk),
    end: () => splitter.end(),
    rest: () => (splitter.pending() ? (splitter.push(Buffer.from('\n\n'))[0]?.raw ?? Buffer.alloc(0)) : undefined),
  };
}

function arraySource(): Source {
  const splitter = arraySplitter();
  const event = ({ json, ...element }: ArrayElement): SseEvent => ({ ...element, event: '', data: json });
  return {
    sse: false,
    push: (chunk) => splitter.push(chunk).map(event),
    end: () => splitter.end().map(event),
    rest: () => splitter.rest(),
  };
}

function isError(chunk: JsonObject): boolean {
  return chunk.error !== undefined && chunk.error !== null && chunk.error !== false && chunk.error !== '';
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

/** Comments and blank lines say nothing, and not every client of Google's bears them. */
function quiet(raw: Buffer): Frame {
  return { type: 'events', raw, clean: false, events: [] };
}

const DATA = Buffer.from('data:');
const LF = 10;
const CR = 13;

/**
 * Google's own client reads an event only if it is a single line that begins with `data:`, ended by two line ends of one kind; it skips
 * what begins with `event:` or a comment, and fails on what follows the data.
 */
function isPlain(raw: Buffer): boolean {
  if (raw.compare(DATA, 0, DATA.length, 0, DATA.length) !== 0) return false;
  const feed = raw.indexOf(LF);
  const carriage = raw.indexOf(CR);
  const last = raw.length;
  if (carriage === -1) return feed === last - 2;
  if (feed === -1) return carriage === last - 2;
  return carriage === last - 4 && feed === last - 3 && raw[last - 2] === CR;
}

function malformed(raw: Buffer, reason: string): Frame {
  return { type: 'malformed', raw, reason };
}
