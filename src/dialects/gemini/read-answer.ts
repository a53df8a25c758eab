import { createHash } from 'node:crypto';
import type { PartHead } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import { failedFinish, isBrokenCall, readFinish, writeFinish } from './finish.ts';
import { callReader } from './read-calls.ts';
import { fail, type Reading } from './reading.ts';
import { homeExtras, type SignatureHome } from './signature-home.ts';
import { readUsage, usageOf } from './usage.ts';
import { DIALECT, PRODUCER } from './wire.ts';

/** Turns what chunks say into events; a whole body goes through it as if it were one chunk, so both say the same. */
export interface AnswerReader {
  read(chunk: JsonObject, reading: Reading): void;
  /** At the end of the answer: a finish that had not been believed. What it says of further candidates, where there are any. */
  flush(reading: Reading): 'one' | 'all' | 'unfinished';
}

const KNOWN_TOP = new Set(['candidates', 'usageMetadata', 'modelVersion', 'responseId', 'error']);
const KNOWN_CANDIDATE = new Set(['content', 'finishReason', 'index']);
const KNOWN_TEXT = new Set(['text', 'thought', 'thoughtSignature']);
/** Fields of a candidate of which each chunk has a piece; of all others the last one counts. */
const GROWING = new Set(['citationMetadata', 'logprobsResult']);

type OpenKind = 'text' | 'reasoning';

export function answerReader(): AnswerReader {
  let started = false;
  let finished = false;
  let parts = 0;
  let open: { kind: OpenKind; index: number } | undefined;
  /** A `STOP` that came before any content. */
  let early: string | undefined;
  let topSeen = new Map<string, string>();
  const late: JsonObject = {};
  const candidateFields: JsonObject = {};
  /** Further candidates under way; made when the first of them comes. */
  let others: Set<Json> | undefined;
  let id = '';
  let current: JsonObject = {};
  const calls = callReader(
    () => parts++,
    () => id || digest(current),
  );

  function close(reading: Reading): void {
    calls.close(reading);
    if (open) reading.events.push({ type: 'part-end', index: open.index });
    open = undefined;
  }

  function ensure(kind: OpenKind, reading: Reading, head: PartHead): number {
    if (open?.kind === kind) return open.index;
    close(reading);
    open = { kind, index: parts++ };
    reading.events.push({ type: 'part-start', index: open.index, part: head });
    return open.index;
  }

  /** The signature of the part that is about to come, or of one that is none neutrally. */
  function signature(value: string, home: SignatureHome, reading: Reading): void {
    if (home !== 'next' || open?.kind !== 'reasoning') {
      close(reading);
      ensure('reasoning', reading, { type: 'reasoning', producer: PRODUCER, ...(home !== 'next' && { extras: homeExtras(home) }) });
    }
    reading.events.push({ type: 'part-delta', index: open!.index, delta: { type: 'signature', signature: value } });
    close(reading);
  }

  /**
   * On a text part without text, which is how Gemini 3 ends its answers. Reasoning after the last words would confuse clients of other
   * dialects (Claude Code prints the last block), so it stands there where only this dialect sees it.
   */
  function bareSignature(part: JsonObject, signed: string, reading: Reading): void {
    if (open?.kind === 'text') {
      const { index } = open;
      reading.events.push({ type: 'part-delta', index, delta: { type: 'opaque', producer: PRODUCER, value: { bare: part } } });
    } else if (calls.any() && !open) opaque(part, reading);
    else signature(signed, 'empty', reading);
  }

  function opaque(value: JsonObject, reading: Reading): void {
    close(reading);
    const index = parts++;
    reading.events.push({ type: 'part-start', index, part: { type: 'opaque', producer: PRODUCER, value } }, { type: 'part-end', index });
  }

  function words(part: JsonObject, reading: Reading): void {
    const text = typeof part.text === 'string' ? part.text : '';
    const signed = textOf(part.thoughtSignature);
    const thought = part.thought === true;
    if (thought && signed !== '' && open?.kind !== 'reasoning') close(reading);
    if (!thought && signed !== '') {
      if (text === '') return bareSignature(part, signed, reading);
      signature(signed, 'next', reading);
    }
    const head: PartHead = thought
      ? { type: 'reasoning', producer: PRODUCER, ...(signed !== '' && { extras: homeExtras('thought') }) }
      : { type: 'text' };
    const fields = unknownFields(part, KNOWN_TEXT);
    if (fields) {
      const index = ensure(thought ? 'reasoning' : 'text', reading, head);
      reading.events.push({ type: 'part-delta', index, delta: { type: 'opaque', producer: PRODUCER, value: { part: fields } } });
    }
    const fresh = thought && open?.kind !== 'reasoning';
    if (text !== '' || (fresh && signed !== '')) {
      const index = ensure(thought ? 'reasoning' : 'text', reading, head);
      if (text.length > reading.longest.length) reading.longest = text;
      if (text !== '') reading.events.push({ type: 'part-delta', index, delta: { type: 'text', text } });
    }
    if (!thought || signed === '') return;
    if (!fresh) return signature(signed, 'thought', reading);
    reading.events.push({ type: 'part-delta', index: open!.index, delta: { type: 'signature', signature: signed } });
    close(reading);
  }

  function part(value: Json, reading: Reading): void {
    if (!isObject(value)) return fail(reading, 'an entry of content.parts is not an object');
    if (isObject(value.functionCall)) {
      const signed = textOf(value.thoughtSignature);
      if (signed !== '' && !calls.goesOn(value.functionCall)) signature(signed, 'next', reading);
      if (open) close(reading);
      return calls.read(value.functionCall, value, reading);
    }
    if (typeof value.text === 'string' || Object.keys(value).every((name) => KNOWN_TEXT.has(name))) return words(value, reading);
    opaque(value, reading);
  }

  function candidate(value: JsonObject, reading: Reading): void {
    const content = value.content;
    const before = reading.events.length;
    if (isObject(content) && Array.isArray(content.parts)) for (const entry of content.parts) part(entry, reading);
    const added = addFields(candidateFields, unknownFields(value, KNOWN_CANDIDATE));
    const word = textOf(value.finishReason);
    if (word === '' || word === 'FINISH_REASON_UNSPECIFIED') {
      // Grounding that comes after the finish.
      if (finished && added && reading.events.length === before) finish('STOP', reading);
      return;
    }
    const failed = failedFinish(word);
    if (failed) {
      reading.failure = failed;
      return;
    }
    // Translators have stamped STOP on chunks without content that came before the first words (CLIProxyAPI, issue 5651).
    if (word === 'STOP' && parts === 0) early = word;
    else if (!finished || added || reading.events.length > before) finish(word, reading);
  }

  function finish(word: string, reading: Reading): void {
    close(reading);
    if (isBrokenCall(word)) calls.broken(textOf(candidateFields.finishMessage) || word, reading);
    finished = true;
    early = undefined;
    const reason = readFinish(word, calls.any(), parts > 0);
    const fields: JsonObject = {};
    if (word !== writeFinish(reason)) fields.finishReason = word;
    if (Object.keys(candidateFields).length > 0) fields.candidate = { ...candidateFields };
    if (Object.keys(late).length > 0) fields.response = { ...late };
    reading.events.push({
      type: 'finish',
      reason,
      ...(reason === 'other' && { raw: word }),
      ...(Object.keys(fields).length > 0 && { extras: { dialect: DIALECT, fields } }),
    });
  }

  /** The prompt was not let through: there is no candidate, and that is the answer. */
  function blocked(feedback: JsonObject, reading: Reading): void {
    close(reading);
    finished = true;
    reading.events.push({
      type: 'finish',
      reason: 'content-filter',
      extras: { dialect: DIALECT, fields: { promptFeedback: feedback, ...(Object.keys(late).length > 0 && { response: { ...late } }) } },
    });
  }

  function start(chunk: JsonObject, reading: Reading): void {
    started = true;
    id = textOf(chunk.responseId);
    const fields = unknownFields(chunk, KNOWN_TOP);
    if (fields && isBlocked(chunk)) delete fields.promptFeedback;
    topSeen = new Map(Object.entries(fields ?? {}).map(([name, value]) => [name, JSON.stringify(value)]));
    const created = Date.parse(textOf(chunk.createTime));
    reading.events.push({
      type: 'start',
      id,
      model: textOf(chunk.modelVersion),
      ...(!Number.isNaN(created) && { created: Math.floor(created / 1000) }),
      ...(fields && Object.keys(fields).length > 0 && { extras: { dialect: DIALECT, fields } }),
    });
  }

  function collectLate(chunk: JsonObject): void {
    const fields = unknownFields(chunk, KNOWN_TOP);
    if (!fields) return;
    for (const name in fields) if (topSeen.get(name) !== JSON.stringify(fields[name])) late[name] = fields[name];
    if (isBlocked(chunk)) delete late.promptFeedback;
  }

  return {
    read(chunk, reading) {
      current = chunk;
      if (started) collectLate(chunk);
      else start(chunk, reading);
      const begun = reading.events.length;
      if (Array.isArray(chunk.candidates)) {
        for (const value of chunk.candidates) {
          if (!isObject(value)) return fail(reading, 'an entry of candidates is not an object');
          // Further candidates pass as bytes; the events tell the first.
          if ((value.index ?? 0) === 0) candidate(value, reading);
          else if (textOf(value.finishReason) === '') (others ??= new Set()).add(value.index!);
          else (others ??= new Set()).delete(value.index!);
        }
      } else if (chunk.candidates !== undefined && chunk.candidates !== null) return fail(reading, 'candidates is not a list');
      if (!finished && reading.events.length === begun && isBlocked(chunk) && isObject(chunk.promptFeedback))
        blocked(chunk.promptFeedback, reading);
      const usage = usageOf(chunk);
      if (usage) reading.events.push({ type: 'usage', usage: readUsage(usage), raw: usage });
    },
    flush(reading) {
      if (early !== undefined && parts === 0) finish(early, reading);
      if (!others) return 'one';
      return others.size === 0 ? 'all' : 'unfinished';
    },
  };
}

/** Stands in for the id of an answer that has none: the calls of later answers in the same conversation must have other ids. */
function digest(chunk: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(chunk)).digest('hex').slice(0, 24);
}

function isBlocked(chunk: JsonObject): boolean {
  const word = isObject(chunk.promptFeedback) ? textOf(chunk.promptFeedback.blockReason) : '';
  return word !== '' && !word.endsWith('REASON_UNSPECIFIED') && !(Array.isArray(chunk.candidates) && chunk.candidates.length > 0);
}

/** Says whether there was anything to add. */
function addFields(into: JsonObject, fields: JsonObject | undefined): boolean {
  if (!fields) return false;
  for (const [name, value] of Object.entries(fields)) into[name] = GROWING.has(name) ? grown(into[name], value) : value;
  return true;
}

/** Lists grow, within objects too; the rest is replaced. */
function grown(before: Json | undefined, value: Json | undefined): Json | undefined {
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (!isObject(before) || !isObject(value)) return value;
  const both: JsonObject = { ...before };
  for (const [name, inner] of Object.entries(value)) both[name] = grown(both[name], inner);
  return both;
}

function unknownFields(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let fields: JsonObject | undefined;
  for (const name in value) if (!known.has(name) && value[name] !== null) (fields ??= {})[name] = value[name];
  return fields;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
