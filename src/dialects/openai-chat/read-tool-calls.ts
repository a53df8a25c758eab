import type { AnswerEvent, PartHead } from '../../exchange/event.ts';
import { isObject, parseObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { restore } from '../legal-names.ts';
import { freeArguments } from '../plain-tools.ts';
import { objectEnd, type ObjectEnd } from './object-end.ts';
import { fail, type Reading } from './reading.ts';

/** Reads `tool_calls` and the older `function_call` of deltas and of whole messages. */
export interface ToolCallReader {
  calls(pieces: Json[], reading: Reading): void;
  /** The form before tools: one call, without an id. */
  functionCall(piece: JsonObject, reading: Reading): void;
  /** At the finish: closes what is open. */
  close(reading: Reading): void;
}

interface Call {
  id: string;
  name: string;
  /** Index on the wire. */
  index: number;
  /** Its place among the calls that have begun, from 0: what an encoder counts. */
  ordinal?: number;
  /** Part index, once `part-start` has been written. */
  part?: number;
  arguments: string;
  end: ObjectEnd;
  /** The arguments closed but were no JSON: not asked again. */
  broken: boolean;
  /** The arguments are an object without anything in it. */
  empty: boolean;
  done: boolean;
  legacy: boolean;
  /** A piece of it said something that is not in the events yet. */
  held: boolean;
  /** A custom tool's call: told when it is whole, as its text has to become JSON. */
  custom?: { name: string; input: string };
}

/**
 * `nextPart` hands out part indexes; `answerId` is the answer's id, from which ids are made for calls that have none.
 *
 * A call's part begins when its id and name are both known (some services send the id late) and ends as soon as the arguments are a
 * JSON object with something in it, else at the finish. It does not end just because another index begins: translators have sent
 * all heads first and the arguments after.
 */
export function toolCallReader(nextPart: () => number, answerId: () => string): ToolCallReader {
  const calls: Call[] = [];
  let current: Call | undefined;
  let begun = 0;

  function open(index: number, piece: JsonObject, reading: Reading): Call {
    const call: Call = {
      id: '',
      name: '',
      index,
      arguments: '',
      end: objectEnd(),
      broken: false,
      empty: false,
      done: false,
      legacy: false,
      held: false,
    };
    if (piece.type === 'custom' || isObject(piece.custom)) call.custom = { name: '', input: '' };
    // The official client refuses a call without a type.
    else if (piece.type !== 'function') reading.clean = false;
    calls.push(call);
    return call;
  }

  function start(call: Call, reading: Reading): void {
    // Frames that were held back did not go out as bytes, so this one can't either.
    if (call.held) reading.clean = false;
    const out = reading.events;
    call.part = nextPart();
    call.ordinal = begun++;
    const part: PartHead = { type: 'tool-call', id: call.id, name: restore(call.name) };
    if (call.legacy) part.extras = { dialect: 'openai-chat', fields: { function_call: true } };
    out.push({ type: 'part-start', index: call.part, part });
    if (call.arguments !== '') argumentsDelta(call.part, call.arguments, out);
  }

  function finish(call: Call, reading: Reading): void {
    if (call.done) return;
    call.done = true;
    const { events } = reading;
    if (call.custom) {
      reading.clean = false;
      if (call.custom.name === '') return fail(reading, `tool_calls[${call.index}] has no tool name`);
      const index = nextPart();
      call.ordinal = begun++;
      const head: PartHead = { type: 'tool-call', kind: 'custom', id: idOf(call), name: restore(call.custom.name) };
      events.push({ type: 'part-start', index, part: head });
      argumentsDelta(index, freeArguments(call.custom.input), events);
      events.push({ type: 'part-end', index });
      return;
    }
    if (call.name === '') return fail(reading, `tool_calls[${call.index}] has no function name`);
    if (call.id === '') {
      call.id = idOf(call);
      reading.clean = false;
    }
    if (call.part === undefined) start(call, reading);
    events.push({ type: 'part-end', index: call.part! });
  }

  function idOf(call: Call): string {
    const answer = answerId().replace(/[^A-Za-z0-9_-]/g, '');
    return call.id || `call_${answer.slice(-24)}_${calls.indexOf(call)}`;
  }

  function argumentsPiece(call: Call, json: string, reading: Reading): void {
    if (json === '') return;
    if (call.done || call.empty) {
      if (json.trim() !== '') fail(reading, `tool_calls[${call.index}].function.arguments go on after the object was complete`);
      return;
    }
    call.arguments += json;
    if (json.length > reading.longest.length) reading.longest = json;
    if (call.part !== undefined) argumentsDelta(call.part, json, reading.events);
    if (call.end.push(json) && !call.broken) {
      const whole = parseObject(call.arguments);
      if (!whole) call.broken = true;
      // Some translators begin every call with `{}` and send the arguments after it: an empty object is only believed at the finish.
      else if (Object.keys(whole).length === 0) call.empty = true;
      else if (call.part !== undefined) finish(call, reading);
    }
  }

  function find(piece: JsonObject, reading: Reading): Call | undefined {
    const id = text(piece.id);
    const name = isObject(piece.function) ? text(piece.function.name) : '';
    if (typeof piece.index !== 'number') {
      // The official client loses calls without an index (Mistral sends them so).
      reading.clean = false;
      const known = id === '' ? current : calls.find((call) => call.id === id);
      return (
        known ??
        (current = open(
          calls.reduce((most, call) => Math.max(most, call.index + 1), 0),
          piece,
          reading,
        ))
      );
    }
    const { index } = piece;
    const known = calls.findLast((call) => call.index === index);
    if (!known) return (current = open(index, piece, reading));
    current = known;
    if (id === '' || known.id === '' || known.id === id || name === '') return known;
    // Another id and a name under an index that is taken: a new call, unless the one before is in the middle of its arguments.
    const underway = known.arguments !== '' && !known.done && !known.empty;
    if (underway) {
      // Some services make up a new id for every piece.
      if (name === known.name) return known;
      fail(reading, `tool_calls[${index}] changes from ${known.name} to ${name} before its arguments are complete`);
      return undefined;
    }
    finish(known, reading);
    reading.clean = false;
    return (current = open(
      calls.reduce((most, call) => Math.max(most, call.index + 1), 0),
      piece,
      reading,
    ));
  }

  function named(call: Call, id: string, name: string, reading: Reading): void {
    if (call.done) return;
    if (call.id === '') call.id = id;
    if (name !== '' && call.name !== name) {
      // Once it is out it cannot be taken back: a second name would be another call's.
      if (call.name === '') call.name = name;
      else fail(reading, `tool_calls[${call.index}].function.name changes from ${call.name} to ${name}`);
    }
    if (call.part === undefined && call.id !== '' && call.name !== '') start(call, reading);
  }

  return {
    calls(pieces, reading) {
      for (const piece of pieces) {
        if (!isObject(piece)) return fail(reading, 'an entry of tool_calls is not an object');
        const call = find(piece, reading);
        if (!call) return;
        if (call.custom) {
          const custom = isObject(piece.custom) ? piece.custom : {};
          call.id ||= text(piece.id);
          call.custom.name ||= text(custom.name);
          call.custom.input += text(custom.input);
          reading.clean = false;
          continue;
        }
        const body = isObject(piece.function) ? piece.function : {};
        named(call, text(piece.id), text(body.name), reading);
        pushArguments(call, body.arguments, reading);
        if (call.part === undefined) call.held = true;
        // The official client takes the index for a place in a list and fails on the hole where counting does not begin at 0.
        if (call.ordinal !== call.index) reading.clean = false;
      }
    },
    functionCall(piece, reading) {
      let call = calls.find((known) => known.legacy);
      if (!call) {
        call = open(calls.length, { type: 'function' }, reading);
        call.legacy = true;
        call.id = 'function_call';
      }
      named(call, '', text(piece.name), reading);
      pushArguments(call, piece.arguments, reading);
      if (call.part === undefined) {
        call.held = true;
        reading.clean = false;
      }
    },
    close(reading) {
      for (const call of calls) finish(call, reading);
    },
  };

  function pushArguments(call: Call, value: Json | undefined, reading: Reading): void {
    if (value === undefined || value === null) return;
    if (typeof value === 'string') return argumentsPiece(call, value, reading);
    // Ollama's older versions and some translators send the object itself.
    reading.clean = false;
    argumentsPiece(call, JSON.stringify(value), reading);
  }
}

function argumentsDelta(index: number, json: string, out: AnswerEvent[]): void {
  out.push({ type: 'part-delta', index, delta: { type: 'arguments', json } });
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
