import { isObject, parseObject, type Json } from '../exchange/json.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Producer } from '../exchange/part.ts';

/**
 * What every envelope begins with. It goes where a client keeps a string that it may not read and must send back: Anthropic's
 * `signature` and `redacted_thinking.data`, chat's `reasoning_details`, Responses' `encrypted_content`.
 */
export const MARKER = 'understudy.v1.';

const DIALECTS: Record<DialectName, true> = { 'anthropic-messages': true, 'openai-chat': true, 'openai-responses': true, gemini: true };

/** A part that another producer made, as one line of ASCII that says so by itself: nothing has to be looked up when it comes back. */
export function wrap(producer: Producer, value: Json): string {
  return MARKER + Buffer.from(JSON.stringify({ producer, value })).toString('base64url');
}

/** `undefined` for what is no envelope, or is a damaged one. */
export function unwrap(text: string): { producer: Producer; value: Json } | undefined {
  if (!text.startsWith(MARKER)) return undefined;
  const content = parseObject(Buffer.from(text.slice(MARKER.length), 'base64url').toString());
  const producer = content && readProducer(content.producer);
  return producer && content?.value !== undefined ? { producer, value: content.value } : undefined;
}

/** One search over the bytes. True also where a text merely quotes the marker; whoever acts on it looks closer. */
export function containsEnvelope(body: Buffer): boolean {
  return body.includes(MARKER, 0, 'latin1');
}

function readProducer(value: Json | undefined): Producer | undefined {
  if (!isObject(value) || typeof value.dialect !== 'string' || !Object.hasOwn(DIALECTS, value.dialect)) return undefined;
  const producer: Producer = { dialect: value.dialect as DialectName };
  if (typeof value.vendor === 'string') producer.vendor = value.vendor;
  if (typeof value.model === 'string') producer.model = value.model;
  return producer;
}
