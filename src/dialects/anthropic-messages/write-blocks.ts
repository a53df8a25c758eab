import type { PartHead } from '../../exchange/event.ts';
import { isObject, parseObject, type JsonObject } from '../../exchange/json.ts';
import type { Producer } from '../../exchange/part.ts';
import type { WholePart } from '../assemble.ts';
import { reasoningEnvelope } from './encode-blocks.ts';
import { legalise } from '../legal-names.ts';
import { DIALECT, ownFields, VENDOR } from './wire.ts';

/** Whether a client of this dialect could not send it back bare: it speaks otherwise, or is known not to be Anthropic's. */
export function isForeign(producer: Producer): boolean {
  return producer.dialect !== DIALECT || (producer.vendor !== undefined && producer.vendor !== VENDOR);
}

/** The block as it stands in `content_block_start`, before its deltas. */
export function openingBlock(head: PartHead): JsonObject {
  switch (head.type) {
    case 'text':
      return { type: 'text', text: '', ...ownFields(head.extras) };
    case 'refusal':
      return { type: 'text', text: '' };
    case 'reasoning':
      if (head.redacted === undefined) return { type: 'thinking', thinking: '', signature: '', ...ownFields(head.extras) };
      return {
        type: 'redacted_thinking',
        data: isForeign(head.producer) ? reasoningEnvelope(head.producer, head) : head.redacted,
        ...ownFields(head.extras),
      };
    case 'tool-call':
      // The client sends the id back, perhaps to Anthropic itself, which is strict about it.
      return { type: 'tool_use', id: legalise(head.id), name: head.name, input: {}, ...ownFields(head.extras) };
    case 'opaque':
      return isObject(head.value) ? head.value : { type: 'text', text: '' };
  }
}

/**
 * The envelope that closes reasoning in place of a signature: foreign reasoning, and what was cut before its signature came.
 * Anthropic refuses an empty signature when the client sends it back; an envelope is recognised and taken out.
 */
export function sealOf(head: PartHead, signature: string): string | undefined {
  if (head.type !== 'reasoning' || head.redacted !== undefined) return undefined;
  if (signature !== '' && !isForeign(head.producer)) return undefined;
  return reasoningEnvelope(head.producer, { ...(signature !== '' && { signature }), ...(head.extras && { extras: head.extras }) });
}

/** A whole block of a message; `undefined` for what only another dialect could show. */
export function closedBlock(part: WholePart): JsonObject | undefined {
  const head = part.head;
  const block = openingBlock(head);
  switch (head.type) {
    case 'text':
    case 'refusal':
      return withOpaque({ ...block, text: part.text }, part);
    case 'reasoning':
      if (head.redacted !== undefined) return block;
      return { ...block, thinking: part.text, signature: sealOf(head, part.signature ?? '') ?? part.signature ?? '' };
    case 'tool-call':
      return { ...block, input: parseObject(part.arguments) ?? {} };
    case 'opaque':
      return isForeign(head.producer) ? undefined : withOpaque(block, part);
  }
}

/** Puts the deltas that only Anthropic understands into their block, as its SDK does. */
function withOpaque(block: JsonObject, part: WholePart): JsonObject {
  let input = '';
  const whole = { ...block };
  for (const delta of part.opaque) {
    if (!isObject(delta)) continue;
    if (delta.type === 'input_json_delta' && typeof delta.partial_json === 'string') input += delta.partial_json;
    else if (delta.type === 'citations_delta' && delta.citation !== undefined)
      whole.citations = [...(Array.isArray(whole.citations) ? whole.citations : []), delta.citation];
    else if (delta.type === 'text_delta' && typeof delta.text === 'string')
      whole.text = (typeof whole.text === 'string' ? whole.text : '') + delta.text;
    else {
      const { type: _, ...fields } = delta;
      Object.assign(whole, fields);
    }
  }
  if (input !== '') whole.input = parseObject(input) ?? {};
  return whole;
}
