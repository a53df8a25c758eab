/** For tests: what a person or a program would call an answer, in the same words whoever read it. */
import { parseObject, type Json } from '../exchange/json.ts';
import { assemble } from './assemble.ts';
import type { AnswerEvent } from '../exchange/event.ts';

/** Why it ended, as far as all four dialects tell it apart. */
export type StopClass = 'stopped' | 'calls' | 'unfinished' | 'refused';

export interface Said {
  model: string;
  /** Refusals too: some dialects have them as text. */
  text: string;
  calls: { name: string; arguments: Json }[];
  stop: StopClass;
  /** Tokens, all that was read; 0 where nothing is told. */
  input: number;
  /** Tokens, all that was written. */
  output: number;
}

const UNFINISHED = new Set(['length', 'max_tokens', 'MAX_TOKENS', 'max_output_tokens', 'pause', 'pause_turn', 'context-window', 'model_context_window_exceeded', 'compaction', 'CONTINUATION']); // prettier-ignore
const REFUSED = new Set(['content_filter', 'content-filter', 'refusal', 'SAFETY', 'RECITATION', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'LANGUAGE']); // prettier-ignore

/** `word`: a dialect's own. A plain end after calls is what Responses and Gemini say where the others say that there are calls. */
export function stopClass(word: string | null | undefined, called: boolean): StopClass {
  if (UNFINISHED.has(word ?? '')) return 'unfinished';
  if (REFUSED.has(word ?? '')) return 'refused';
  return called ? 'calls' : 'stopped';
}

/** A call's arguments, as JSON where they are. */
export function argumentsOf(json: string): Json {
  return parseObject(json === '' ? '{}' : json) ?? json;
}

/** What our own decoder made of an answer. */
export function saidBy(events: readonly AnswerEvent[]): Said {
  const { start, parts, finish, usage } = assemble(events);
  const calls = parts.flatMap(({ head, arguments: json }) =>
    head.type === 'tool-call' ? [{ name: head.name, arguments: argumentsOf(json) }] : [],
  );
  return {
    model: start?.model ?? '',
    text: parts.map(({ head, text }) => (head.type === 'text' || head.type === 'refusal' ? text : '')).join(''),
    calls,
    stop: stopClass(finish?.reason, calls.length > 0),
    input: usage.input ?? 0,
    output: usage.output ?? 0,
  };
}
