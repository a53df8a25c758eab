import type { Json, JsonObject } from '../../exchange/json.ts';
import { isObject } from '../../exchange/json.ts';
import type { ReasoningPart } from '../../exchange/part.ts';
import { unwrap, wrap } from '../envelope.ts';

/**
 * Reasoning that another dialect signed or encrypted travels to chat clients in `reasoning_details`, OpenRouter's list, which
 * clients that continue a reasoning model's answer send back untouched: an entry `reasoning.encrypted` whose `data` is our
 * envelope around the whole part.
 */
export function sealReasoning(part: Pick<ReasoningPart, 'text' | 'signature' | 'redacted' | 'producer' | 'extras'>): JsonObject {
  const value: JsonObject = { text: part.text };
  if (part.signature !== undefined) value.signature = part.signature;
  if (part.redacted !== undefined) value.redacted = part.redacted;
  if (part.extras) value.extras = { dialect: part.extras.dialect, fields: part.extras.fields };
  return { type: 'reasoning.encrypted', data: wrap(part.producer, value), format: 'understudy' };
}

/**
 * Reasoning that comes back sealed. Chat's own has neither signature nor encryption; bare, it goes to whoever is asked next, which is right
 * where that is its only vendor. What is known to be another's than OpenAI's says so.
 */
export function isForeign({ producer }: Pick<ReasoningPart, 'producer'>): boolean {
  return producer.dialect !== 'openai-chat' || (producer.vendor !== undefined && producer.vendor !== 'openai');
}

/**
 * Whether the client gets it sealed, too: what is proved, and whatever another dialect's service thought. Bare words would be taken for the
 * own thoughts of whoever is asked next.
 */
export function isSealed(head: Pick<ReasoningPart, 'producer' | 'redacted'>, said: { text: string; signature?: string }): boolean {
  if (said.signature !== undefined || head.redacted !== undefined) return true;
  return isForeign(head) && said.text !== '';
}

/** The part inside an entry of `reasoning_details` that we wrote; `undefined` for everyone else's. */
export function openReasoning(entry: Json): ReasoningPart | undefined {
  if (!isObject(entry) || typeof entry.data !== 'string') return undefined;
  const opened = unwrap(entry.data);
  if (!opened || !isObject(opened.value) || typeof opened.value.text !== 'string') return undefined;
  const { text, signature, redacted, extras } = opened.value;
  const part: ReasoningPart = { type: 'reasoning', text, producer: opened.producer };
  if (typeof signature === 'string') part.signature = signature;
  if (typeof redacted === 'string') part.redacted = redacted;
  if (isObject(extras) && isObject(extras.fields) && extras.dialect === opened.producer.dialect) {
    part.extras = { dialect: opened.producer.dialect, fields: extras.fields };
  }
  return part;
}
