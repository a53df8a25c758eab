import type { FinishReason as WireFinish } from '@google/genai';
import type { FinishReason } from '../../exchange/event.ts';

/** The API's words. The SDK's type is an enum; `MISSING_THOUGHT_SIGNATURE` and the older `MODEL_ARMOR` are only in the REST reference. */
export type FinishWord = `${WireFinish}` | 'MISSING_THOUGHT_SIGNATURE' | 'MODEL_ARMOR';

/**
 * Ends that are ends. `CONTINUATION` is a limit like `MAX_TOKENS`, after which the client may ask for more with the token that comes with it.
 * `LANGUAGE` is a filter that gives its reason; whoever maps it to a plain stop shows half an answer as a whole one.
 */
const READ: Partial<Record<FinishWord, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content-filter',
  RECITATION: 'content-filter',
  LANGUAGE: 'content-filter',
  BLOCKLIST: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
};

/** The word with which a reason is written; what reads back to the same reason by another word has that word in the extras. */
const WRITE: Record<FinishReason, FinishWord> = {
  stop: 'STOP',
  'stop-sequence': 'STOP',
  'tool-calls': 'STOP',
  length: 'MAX_TOKENS',
  'context-window': 'MAX_TOKENS',
  pause: 'MAX_TOKENS',
  'content-filter': 'SAFETY',
  refusal: 'SAFETY',
  other: 'OTHER',
};

/**
 * The model wrote a call that is none: it can't be parsed, or names a tool that there is not. It is told as a tool call whose arguments are
 * broken, which nobody is shown and for which the engine asks again: regenerating mostly helps (gemini-cli, PR 12965).
 */
const BROKEN_CALLS: ReadonlySet<string> = new Set<FinishWord>(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL']);

/** Ends that say that there is no answer, and what they come to as a status. */
const FAILURES: Partial<Record<FinishWord, { status: number; message: string }>> = {
  MALFORMED_RESPONSE: { status: 500, message: "the model's answer was malformed" },
  MISSING_THOUGHT_SIGNATURE: { status: 400, message: 'a function call in the history lacks its thought signature' },
};

/** What a reason stands for once something has been said; without a word it is an empty answer, for which the engine asks elsewhere. */
const CUT_SHORT: Partial<Record<FinishWord, FinishReason>> = {
  OTHER: 'content-filter',
  IMAGE_OTHER: 'content-filter',
  TOO_MANY_TOOL_CALLS: 'length',
};

/**
 * Calls end with `STOP`, as all that is well does. An answer that was cut short must not pass for a whole one in dialects that know no
 * `other`, hence `said`.
 */
export function readFinish(word: string, called: boolean, said: boolean): FinishReason {
  const short = said && Object.hasOwn(CUT_SHORT, word) ? CUT_SHORT[word as FinishWord] : undefined;
  const reason = short ?? ((Object.hasOwn(READ, word) && READ[word as FinishWord]) || 'other');
  return reason === 'stop' && called ? 'tool-calls' : reason;
}

export function writeFinish(reason: FinishReason): FinishWord {
  return WRITE[reason];
}

export function isBrokenCall(word: string): boolean {
  return BROKEN_CALLS.has(word);
}

/** `undefined`: the word ends an answer. */
export function failedFinish(word: string): { status: number; message: string; code: string } | undefined {
  const failure = Object.hasOwn(FAILURES, word) ? FAILURES[word as FinishWord] : undefined;
  return failure && { ...failure, message: `${failure.message} (finishReason ${word})`, code: word };
}
