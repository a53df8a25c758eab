import type { PartHead } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { partialArguments, type PartialArguments } from './partial-args.ts';
import { fail, type Reading } from './reading.ts';
import { DIALECT } from './wire.ts';

/** Reads `functionCall` parts, whole or in pieces. */
export interface CallReader {
  /** `part` is the whole part around the call. */
  read(call: JsonObject, part: JsonObject, reading: Reading): void;
  /** Whether this is a further piece of the call that is open. */
  goesOn(call: JsonObject): boolean;
  /** Ends the call that is open, if there is one. */
  close(reading: Reading): void;
  /** A call that the model got wrong, with what the API says of it in place of arguments. */
  broken(message: string, reading: Reading): void;
  /** There has been a call. */
  any(): boolean;
}

const KNOWN_CALL = new Set(['id', 'name', 'args', 'partialArgs', 'willContinue']);
const KNOWN_PART = new Set(['functionCall', 'thoughtSignature', 'thought']);

/** `nextPart` hands out part indexes; `answerId` is the answer's id, from which ids are made for calls that have none. */
export function callReader(nextPart: () => number, answerId: () => string): CallReader {
  let count = 0;
  let open: { index: number; pieces: PartialArguments } | undefined;

  function start(call: JsonObject, part: JsonObject, reading: Reading): number {
    const index = nextPart();
    const given = typeof call.id === 'string' ? call.id : '';
    const name = typeof call.name === 'string' ? call.name : '';
    if (name === '') fail(reading, 'a function call without a name');
    const fields = extrasOf(call, part);
    // An API that gives no ids may refuse them: a client of this dialect is not told what we have made up.
    if (given === '') fields.unnamed = true;
    const head: PartHead = {
      type: 'tool-call',
      id: given === '' ? madeUpId(answerId(), count) : given,
      name,
      ...(Object.keys(fields).length > 0 && { extras: { dialect: DIALECT, fields } }),
    };
    count++;
    reading.events.push({ type: 'part-start', index, part: head });
    return index;
  }

  function end(index: number, json: string, reading: Reading): void {
    if (json.length > reading.longest.length) reading.longest = json;
    reading.events.push({ type: 'part-delta', index, delta: { type: 'arguments', json } }, { type: 'part-end', index });
  }

  function close(reading: Reading): void {
    if (!open) return;
    const { index, pieces } = open;
    open = undefined;
    const json = JSON.stringify(pieces.value());
    // Cut within a string, the arguments must not pass for whole ones.
    end(index, pieces.open() ? json.slice(0, -1) : json, reading);
  }

  function piece(entries: Json[], call: JsonObject, reading: Reading): void {
    const problem = open!.pieces.push(entries);
    if (problem !== undefined) return fail(reading, problem);
    // What has come can't be told yet as JSON text; white space before the object shows that it grows.
    reading.events.push({ type: 'part-delta', index: open!.index, delta: { type: 'arguments', json: ' ' } });
    // Some streams lack the empty piece that ends a call.
    if (call.willContinue !== true && !open!.pieces.open()) close(reading);
  }

  return {
    read(call, part, reading) {
      const entries = Array.isArray(call.partialArgs) ? call.partialArgs : undefined;
      if (typeof call.name !== 'string' && call.args === undefined) {
        if (entries && open) return piece(entries, call, reading);
        if (entries) return fail(reading, 'a piece of a function call that has not begun');
        if (call.willContinue !== true) close(reading);
        return;
      }
      close(reading);
      const index = start(call, part, reading);
      if (!entries && call.willContinue !== true) return end(index, argumentsOf(call.args), reading);
      open = { index, pieces: partialArguments() };
      if (entries) piece(entries, call, reading);
    },
    goesOn: (call) => open !== undefined && typeof call.name !== 'string' && call.args === undefined,
    close,
    broken(message, reading) {
      const index = nextPart();
      const id = madeUpId(answerId(), count++);
      const extras = { dialect: DIALECT, fields: { unnamed: true } } as const;
      reading.events.push({ type: 'part-start', index, part: { type: 'tool-call', id, name: 'malformed', extras } });
      end(index, `/* ${message.replaceAll('*/', '* /')} */`, reading);
    },
    any: () => count > 0,
  };
}

/** Translators have sent the arguments as text. */
function argumentsOf(args: Json | undefined): string {
  if (typeof args === 'string') return args;
  return isObject(args) || Array.isArray(args) ? JSON.stringify(args) : '{}';
}

/** The same for the same bytes: an answer that is read again from the journal has the same ids. */
function madeUpId(answer: string, ordinal: number): string {
  return `call_${answer.replace(/[^A-Za-z0-9_-]/g, '').slice(-24)}_${ordinal}`;
}

function extrasOf(call: JsonObject, part: JsonObject): JsonObject {
  const fields: JsonObject = {};
  const callFields = others(call, KNOWN_CALL);
  const partFields = others(part, KNOWN_PART);
  if (callFields) fields.call = callFields;
  if (partFields) fields.part = partFields;
  return fields;
}

function others(from: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let found: JsonObject | undefined;
  for (const name in from) if (!known.has(name) && from[name] !== null) (found ??= {})[name] = from[name];
  return found;
}
