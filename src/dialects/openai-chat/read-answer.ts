import type { PartHead } from '../../exchange/event.ts';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Producer } from '../../exchange/part.ts';
import { brokenFinish, readFinish } from './finish.ts';
import { fail, type Reading } from './reading.ts';
import { toolCallReader } from './read-tool-calls.ts';
import { readUsage } from './usage.ts';

/**
 * Turns what chunks say into events; a whole body goes through it as if it were one chunk, so both say the same. `broken`
 * is a finish reason that means that the service gave up.
 */
export interface AnswerReader {
  read(chunk: JsonObject, reading: Reading): { broken?: string };
  /** A further candidate has begun and has no finish reason yet. */
  unfinished(): boolean;
}

/** Fields of a chunk that have their own place in the events, or say nothing (`obfuscation` pads against traffic analysis). */
const KNOWN_TOP = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'obfuscation', 'error']);
const KNOWN_CHOICE = new Set(['index', 'delta', 'message', 'finish_reason', 'logprobs']);
const KNOWN_DELTA = new Set([
  'role',
  'content',
  'refusal',
  'tool_calls',
  'function_call',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'index',
]);

type OpenKind = 'text' | 'reasoning' | 'refusal';

export function answerReader(): AnswerReader {
  let id = '';
  let producer: Producer = { dialect: 'openai-chat' };
  let started = false;
  let finished = false;
  let parts = 0;
  let open: { kind: OpenKind; index: number } | undefined;
  let roleSeen = false;
  let topSeen = new Map<string, string>();
  /** Further candidates under way; made when the first of them comes. */
  let others: Set<Json> | undefined;
  const toolCalls = toolCallReader(
    () => parts++,
    () => id,
  );

  function close(reading: Reading): void {
    if (open) reading.events.push({ type: 'part-end', index: open.index });
    open = undefined;
  }

  function ensure(kind: OpenKind, field: string, reading: Reading): number {
    if (open?.kind === kind) return open.index;
    close(reading);
    open = { kind, index: parts++ };
    reading.events.push({ type: 'part-start', index: open.index, part: head(kind, field) });
    return open.index;
  }

  function head(kind: OpenKind, field: string): PartHead {
    if (kind !== 'reasoning') return { type: kind };
    // Services that write `reasoning` have clients that read it there.
    if (field !== 'reasoning') return { type: kind, producer };
    return { type: kind, producer, extras: { dialect: 'openai-chat', fields: { field } } };
  }

  function words(kind: OpenKind, text: string, field: string, reading: Reading): void {
    if (text === '') return;
    if (finished) return fail(reading, `${field} goes on after the finish reason`);
    const index = ensure(kind, field, reading);
    if (text.length > reading.longest.length) reading.longest = text;
    reading.events.push({ type: 'part-delta', index, delta: { type: 'text', text } });
  }

  /** A piece only chat can say: beside the text it belongs to, or a part of its own. It has the shape of a delta. */
  function fragment(value: JsonObject, beside: OpenKind | undefined, reading: Reading): void {
    const own: Producer = { dialect: 'openai-chat' };
    if (open && open.kind === beside) {
      reading.events.push({ type: 'part-delta', index: open.index, delta: { type: 'opaque', producer: own, value } });
      return;
    }
    close(reading);
    const index = parts++;
    reading.events.push({ type: 'part-start', index, part: { type: 'opaque', producer: own, value } }, { type: 'part-end', index });
  }

  function content(value: Json | undefined, reading: Reading): void {
    if (value === undefined || value === null) return;
    if (typeof value === 'string') return words('text', value, 'content', reading);
    if (!Array.isArray(value)) return fail(reading, 'content is neither text nor a list of parts');
    // Mistral's reasoning models; the official client would print [object Object].
    reading.clean = false;
    for (const part of value) {
      if (!isObject(part)) return fail(reading, 'a part of content is not an object');
      if (part.type === 'text' && typeof part.text === 'string') words('text', part.text, 'content', reading);
      else if (part.type === 'thinking') words('reasoning', thinkingText(part.thinking), 'content', reading);
      else if (part.type === 'refusal' && typeof part.refusal === 'string') words('refusal', part.refusal, 'content', reading);
      else fragment({ content: [part] }, undefined, reading);
    }
  }

  function delta(value: JsonObject, reading: Reading): void {
    const details = Array.isArray(value.reasoning_details) && value.reasoning_details.length > 0 ? value.reasoning_details : undefined;
    // Services that write both write the same in both.
    const field = typeof value.reasoning_content === 'string' && value.reasoning_content !== '' ? 'reasoning_content' : 'reasoning';
    const thought = value[field];
    if (typeof thought === 'string') words('reasoning', thought, field, reading);
    if (details && !finished) {
      ensure('reasoning', field, reading);
      fragment({ reasoning_details: details }, 'reasoning', reading);
    }
    content(value.content, reading);
    if (typeof value.refusal === 'string') words('refusal', value.refusal, 'refusal', reading);
    const calls = value.tool_calls;
    if (Array.isArray(calls) && calls.length > 0) {
      if (finished) return fail(reading, 'tool_calls go on after the finish reason');
      close(reading);
      toolCalls.calls(calls, reading);
    } else if (calls !== undefined && calls !== null && !Array.isArray(calls)) fail(reading, 'tool_calls is not a list');
    if (isObject(value.function_call)) {
      if (finished) return fail(reading, 'function_call goes on after the finish reason');
      close(reading);
      toolCalls.functionCall(value.function_call, reading);
    }
    for (const name in value) {
      if (!KNOWN_DELTA.has(name) && !isEmpty(value[name]) && !finished) fragment({ [name]: value[name] }, 'text', reading);
    }
  }

  function choice(value: JsonObject, chunk: JsonObject, reading: Reading): string | undefined {
    let said = isObject(value.delta) ? value.delta : undefined;
    if (!said && isObject(value.message) && parts === 0) {
      // A whole message where a delta should be: some services answer so when they cannot stream.
      said = value.message;
      reading.clean = false;
    }
    if (said) {
      // Without a role on the first delta the official client refuses the answer in the end.
      if (!roleSeen && said.role !== 'assistant') reading.clean = false;
      roleSeen = true;
      delta(said, reading);
    }
    if (!isEmpty(value.logprobs) && !finished) fragment({ logprobs: value.logprobs }, open?.kind, reading);
    const word = value.finish_reason;
    if (typeof word !== 'string' || word === '' || finished) return undefined;
    const broken = brokenFinish(word);
    if (broken) return broken;
    close(reading);
    toolCalls.close(reading);
    finished = true;
    const reason = readFinish(word);
    const fields = unknownFields(value, KNOWN_CHOICE);
    const late = lateFields(chunk);
    if (fields) late.choice = fields;
    reading.events.push({
      type: 'finish',
      reason,
      ...(reason === 'other' && { raw: word }),
      ...(Object.keys(late).length > 0 && { extras: { dialect: 'openai-chat' as const, fields: late } }),
    });
    return undefined;
  }

  function lateFields(chunk: JsonObject): JsonObject {
    const late: JsonObject = {};
    for (const [name, value] of Object.entries(unknownFields(chunk, KNOWN_TOP) ?? {})) {
      if (topSeen.get(name) !== JSON.stringify(value)) late[name] = value;
    }
    return late;
  }

  function start(chunk: JsonObject, reading: Reading): void {
    started = true;
    id = typeof chunk.id === 'string' ? chunk.id : '';
    const model = typeof chunk.model === 'string' ? chunk.model : '';
    if (model !== '') producer = { dialect: 'openai-chat', model };
    const fields = unknownFields(chunk, KNOWN_TOP);
    topSeen = new Map(Object.entries(fields ?? {}).map(([name, value]) => [name, JSON.stringify(value)]));
    reading.events.push({
      type: 'start',
      id,
      model,
      ...(typeof chunk.created === 'number' && { created: chunk.created }),
      ...(fields && { extras: { dialect: 'openai-chat' as const, fields } }),
    });
  }

  return {
    read(chunk, reading) {
      const choices = Array.isArray(chunk.choices) ? chunk.choices : [];
      // Azure begins with a chunk about the prompt that has neither choices nor an id.
      if (!started && (choices.length > 0 || (typeof chunk.id === 'string' && chunk.id !== ''))) start(chunk, reading);
      let broken: string | undefined;
      for (const value of choices) {
        if (!isObject(value)) {
          fail(reading, 'an entry of choices is not an object');
          break;
        }
        // Further candidates (n > 1) pass as bytes; the events tell the first.
        if ((value.index ?? 0) === 0) broken ??= choice(value, chunk, reading);
        else if (typeof value.finish_reason === 'string' && value.finish_reason !== '') others?.delete(value.index!);
        else (others ??= new Set()).add(value.index!);
      }
      const groq = isObject(chunk.x_groq) ? chunk.x_groq.usage : undefined;
      const usage = isObject(chunk.usage) ? chunk.usage : isObject(groq) ? groq : undefined;
      if (usage && started) reading.events.push({ type: 'usage', usage: readUsage(usage), raw: usage });
      return broken === undefined ? {} : { broken };
    },
    unfinished: () => others !== undefined && others.size > 0,
  };
}

function thinkingText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : '')).join('');
}

function unknownFields(value: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let fields: JsonObject | undefined;
  for (const name in value) {
    if (!known.has(name) && !isEmpty(value[name])) (fields ??= {})[name] = value[name];
  }
  return fields;
}

/** What services write when they have nothing to say. */
function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0;
}
