import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { FinishReason } from '../../exchange/event.ts';

export type WireFinish = NonNullable<ChatCompletionChunk.Choice['finish_reason']>;

/**
 * Chat's words for why an answer ended. The first five are OpenAI's (`function_call` is the form before tools); `model_length`
 * is Mistral's, `eos` Together's, `end_turn` and `max_tokens` come from thin translators of Anthropic's.
 */
const READ: Record<string, FinishReason> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  model_length: 'length',
  eos: 'stop',
  end_turn: 'stop',
  max_tokens: 'length',
};

/** Reasons that say that the service broke off: DeepSeek's and the `error` of Mistral and OpenRouter. They are errors, not ends. */
const BROKEN: Record<string, string> = {
  error: 'the provider ended the answer with finish_reason "error"',
  insufficient_system_resource: 'the provider ran out of resources and broke the answer off (finish_reason "insufficient_system_resource")',
};

export function readFinish(word: string): FinishReason {
  return (Object.hasOwn(READ, word) && READ[word]) || 'other';
}

/** A sentence when the word means that the answer is broken. */
export function brokenFinish(word: string): string | undefined {
  return Object.hasOwn(BROKEN, word) ? BROKEN[word] : undefined;
}

/**
 * Neutral reason -> chat's word. Chat cannot say which stop sequence was met, nor that the window was full or that the model
 * wants to be called again: both are an answer that goes on, which clients know as `length`. `other` is `stop`: chat's
 * clients know only these words.
 */
const WRITE: Record<Exclude<FinishReason, 'refusal'>, WireFinish> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  length: 'length',
  'context-window': 'length',
  pause: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'stop',
};

/**
 * OpenAI ends a refusal that the model wrote into `refusal` with `stop`. A refusal without such words (Anthropic's
 * classifier) must not look like a normal end: that is `content_filter`.
 */
export function writeFinish(reason: FinishReason, refusalWritten: boolean): WireFinish {
  if (reason === 'refusal') return refusalWritten ? 'stop' : 'content_filter';
  return WRITE[reason];
}
