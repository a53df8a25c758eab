import type { AnswerEvent, FinishEvent, StartEvent } from '../../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Frame, StreamDecoder } from '../dialect.ts';
import { sseSplitter, type SseEvent } from '../sse.ts';
import { readErrorEvent, readFailure } from './decode-error.ts';
import { readFinish } from './finish.ts';
import { newReading, type Reading } from './reading.ts';
import { outputReader } from './read-output.ts';
import { DIALECT, textOf } from './wire.ts';
import { readUsage } from './usage.ts';

const CR = 13;

/** Fields of a response that have a neutral word, and the largest of those in which it repeats the client's own request. */
const KNOWN = new Set([
  'id',
  'object',
  'created_at',
  'model',
  'status',
  'output',
  'output_text',
  'usage',
  'error',
  'incomplete_details',
  'tools',
  'instructions',
]);

/** Pieces of an item, which have to say of which. */
const PIECE =
  /^response\.(output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments|custom_tool_call_input)\.delta$/;

/**
 * Reads the stream of `POST /responses`. Whole texts are repeated where an item ends: what went missing before is said then, and what does
 * not fit makes the stream malformed. The beginning of a message waits for the beginning of its content and is one frame with it, because
 * only then it is known whether a text or a refusal begins; that of a summary waits for its first words. So whoever carries on after raw
 * bytes knows from the events what has begun.
 */
export function decoder(): StreamDecoder {
  let splitter = sseSplitter();
  const output = outputReader();
  let start: StartEvent | undefined;
  let held: { raw: Buffer; clean: boolean } | undefined;
  let last: { raw: Buffer; number: number } | undefined;
  let over = false;
  /** An answer that was resumed: events up to this number have been read. */
  let read = -1;

  function take(sse: SseEvent, out: Frame[]): void {
    const { raw } = sse;
    if (sse.overflow) return fail(out, raw, 'an event is longer than any real one');
    if (sse.data === '' && sse.event !== 'error') return pass(out, raw, newReading());
    // The official client stops here; the answer ends where the response does.
    if (sse.data === '[DONE]') return pass(out, raw, { events: [], clean: false });
    const body = parseObject(sse.data);
    if (sse.event === 'error' && !body) return failed(out, raw, readErrorEvent({ message: sse.data || 'an error event without details' }));
    if (!body) return fail(out, raw, `not JSON: ${sse.data.slice(0, 60)}`);
    const type = textOf(body.type) || sse.event;
    if (type === 'error' || sse.event === 'error' || saysError(body)) return failed(out, raw, readErrorEvent(body));
    if (typeof body.sequence_number === 'number' && body.sequence_number <= read) return pass(out, raw, { events: [], clean: false });
    const before = last?.number;
    if (isRepeat(body, raw)) return pass(out, raw, { events: [], clean: false });
    if (type.endsWith('.delta') && before !== undefined && typeof body.sequence_number === 'number' && body.sequence_number < before)
      return fail(out, raw, 'the numbers of the events go back');
    const reading = newReading();
    // Clients go by the type in the data; a name that says otherwise misleads those that go by the name.
    if (sse.event !== '' && sse.event !== type) reading.clean = false;
    if (body.type === undefined) reading.clean = false;
    const { response } = body;
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        if (!isObject(response)) return fail(out, raw, `${type} without a response`);
        begin(type, response, reading);
        return pass(out, raw, reading);
      case 'response.failed':
      case 'response.cancelled':
        return failed(out, raw, readFailure(isObject(response) ? response : {}));
      case 'response.completed':
      case 'response.incomplete':
        return complete(type, response, raw, reading, out);
    }
    if (!start) {
      if (type.startsWith('response.')) return fail(out, raw, `${type} before response.created`);
      // Not even a sign of life may come before response.created: the official client throws.
      return pass(out, raw, { ...reading, clean: false });
    }
    if (type === 'response.output_item.added' || type === 'response.output_item.done') {
      if (!isObject(body.item) || typeof body.item.type !== 'string') return fail(out, raw, `${type} without an item`);
      if (type === 'response.output_item.done') output.done(body.output_index, body.item, reading);
      else if (output.added(body.output_index, body.item, reading) && !reading.problem) return hold(raw, reading);
    } else if (body.output_index !== undefined) output.event(type, body, reading);
    else if (PIECE.test(type)) {
      // A client cannot tell what it belongs to; here it is known by its id, or as the newest.
      reading.clean = false;
      output.event(type, body, reading);
    }
    // What the vendor thinks of next is its own clients' to understand; at anybody else's events they only trip.
    else if (!type.startsWith('response.') && type !== 'keepalive') reading.clean = false;
    if (reading.problem) return fail(out, raw, reading.problem);
    if (type === 'response.reasoning_summary_part.added' && reading.events.length === 0) return hold(raw, reading);
    pass(out, raw, reading);
  }

  function begin(type: string, response: JsonObject, reading: Reading): void {
    if (start) {
      if (type === 'response.created' || response.id !== start.id) reading.clean = false;
      return;
    }
    if (type !== 'response.created') reading.clean = false;
    start = startOf(response);
    reading.events.push(start);
  }

  function complete(type: string, response: JsonObject['response'], raw: Buffer, reading: Reading, out: Frame[]): void {
    if (!isObject(response)) return fail(out, raw, `${type} without a response`);
    if (response.status === 'failed' || response.status === 'cancelled') return failed(out, raw, readFailure(response));
    if (response.status === 'in_progress' || response.status === 'queued') return fail(out, raw, `${type}, and yet ${response.status}`);
    if (!start) begin(type, response, reading);
    else if (response.id !== start.id) reading.clean = false;
    output.end(response.output, reading);
    if (reading.problem) return fail(out, raw, reading.problem);
    reading.events.push(
      ...endOf(type === 'response.incomplete' ? { status: 'incomplete', ...response } : response, output.called(), start),
    );
    const whole = joined(raw);
    // After a bare CR some clients wait for an LF that may belong to it, and at the end of the body none comes.
    out.push({ type: 'end', raw: whole, clean: reading.clean && (held?.clean ?? true) && whole.at(-1) !== CR, events: reading.events });
    held = undefined;
    over = true;
  }

  /** OpenAI numbers its events: one that comes twice is told by its number and bytes. */
  function isRepeat(body: JsonObject, raw: Buffer): boolean {
    const number = body.sequence_number;
    const repeated = last !== undefined && number === last.number && raw.equals(last.raw);
    if (typeof number === 'number') last = { raw, number };
    return repeated;
  }

  function hold(raw: Buffer, reading: Reading): void {
    held = { raw: joined(raw), clean: reading.clean && (held?.clean ?? true) };
  }

  function pass(out: Frame[], raw: Buffer, reading: Reading): void {
    // Comments and repetitions between the beginnings of a message and of its content.
    if (held && reading.events.length === 0) {
      if (reading.clean) held.raw = joined(raw);
      return;
    }
    out.push({ type: 'events', raw: joined(raw), clean: reading.clean && (held?.clean ?? true), events: reading.events });
    held = undefined;
  }

  function joined(raw: Buffer): Buffer {
    return held ? Buffer.concat([held.raw, raw]) : raw;
  }

  /** What began and never said anything: its bytes are not passed on, so that something else can take its place. */
  function drop(out: Frame[]): void {
    if (held) out.push({ type: 'events', raw: held.raw, clean: false, events: [] });
    held = undefined;
  }

  function failed(out: Frame[], raw: Buffer, error: ReturnType<typeof readErrorEvent>): void {
    drop(out);
    over = true;
    out.push({ type: 'error', raw, error });
  }

  function fail(out: Frame[], raw: Buffer, reason: string): void {
    drop(out);
    over = true;
    out.push({ type: 'malformed', raw, reason });
  }

  function frames(events: readonly SseEvent[]): Frame[] {
    const out: Frame[] = [];
    for (const sse of events) {
      if (over) break;
      take(sse, out);
    }
    return out;
  }

  return {
    place() {
      if (over || !start || !last) return undefined;
      splitter = sseSplitter();
      read = last.number;
      return { id: start.id, after: read };
    },
    push: (chunk) => (over ? [] : frames(splitter.push(chunk))),
    end() {
      if (over) return [];
      const out = frames(splitter.end());
      if (over) return out;
      // A response that is whole except for its last blank line is taken; any other event may be cut short.
      const rest = splitter.pending() ? splitter.push(Buffer.from('\n\n'))[0] : undefined;
      if (rest) {
        const raw = rest.raw.subarray(0, -2);
        const type = parseObject(rest.data)?.type;
        if (type === 'response.completed' || type === 'response.incomplete') {
          for (const frame of frames([rest])) out.push('clean' in frame ? { ...frame, raw, clean: false } : frame);
        } else fail(out, raw, 'the body ends inside an event');
      }
      drop(out);
      over = true;
      return out;
    },
  };
}

/** The beginning of an answer, from a response. */
export function startOf(response: JsonObject): StartEvent {
  return {
    type: 'start',
    id: textOf(response.id),
    model: textOf(response.model),
    ...(typeof response.created_at === 'number' && { created: Math.floor(response.created_at) }),
    extras: { dialect: DIALECT, fields: restOf(response) },
  };
}

/** The end of an answer: how it ended, what the response says besides that its beginning did not, and what it cost. */
export function endOf(response: JsonObject, called: boolean, start: StartEvent | undefined): AnswerEvent[] {
  const before = start?.extras?.fields ?? {};
  const fields: JsonObject = {};
  for (const [name, value] of Object.entries(restOf(response))) {
    if (JSON.stringify(before[name]) !== JSON.stringify(value)) fields[name] = value;
  }
  const finish: FinishEvent = {
    type: 'finish',
    ...readFinish(response, called),
    ...(Object.keys(fields).length > 0 && { extras: { dialect: DIALECT, fields } }),
  };
  const usage = response.usage;
  return isObject(usage) ? [finish, { type: 'usage', usage: readUsage(usage), raw: usage }] : [finish];
}

function restOf(response: JsonObject): JsonObject {
  const fields: JsonObject = {};
  for (const key in response) if (!KNOWN.has(key)) fields[key] = response[key];
  return fields;
}

/** The official client takes any event with an `error` in it for one. */
function saysError(body: JsonObject): boolean {
  return isObject(body.error) || (body.type === undefined && typeof body.error === 'string' && body.error !== '');
}
