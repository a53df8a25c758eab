import type { JsonObject } from '../../exchange/json.ts';
import type { AnswerPart } from '../answer.ts';
import type { Mark } from '../scene.ts';
import { vendorId } from '../seeded.ts';
import { isOwnSignature, ownSignature } from '../signature.ts';

/** The items of a Responses answer: each part of what is said is one of them. */

const PREFIXES = { reasoning: 'rs_0', text: 'msg_0', refusal: 'msg_0', 'tool-call': 'fc_0' } as const;

function itemId(part: AnswerPart, seed: string, index: number): string {
  const prefix = part.type === 'tool-call' && part.freeText === true ? 'ctc_0' : PREFIXES[part.type];
  return vendorId(prefix, 49, `${seed} item ${index}`, '0123456789abcdef');
}

/** As it is announced. Its encrypted content is not the final one, and no good. */
export function openItem(part: AnswerPart, seed: string, index: number): JsonObject {
  const id = itemId(part, seed, index);
  switch (part.type) {
    case 'reasoning':
      return { id, type: 'reasoning', encrypted_content: encrypted(part, seed, 'open')?.slice(0, -6) ?? null, summary: [] };
    case 'text':
    case 'refusal':
      return { id, type: 'message', status: 'in_progress', content: [], role: 'assistant' };
    case 'tool-call':
      return call(part, id, '', 'in_progress');
  }
}

/** As it is when it is done. */
export function finalItem(part: AnswerPart, seed: string, index: number, copy: string, cut: boolean): JsonObject {
  const id = itemId(part, seed, index);
  const status = cut ? 'incomplete' : 'completed';
  const text = part.pieces.join('');
  switch (part.type) {
    case 'reasoning':
      return {
        id,
        type: 'reasoning',
        encrypted_content: encrypted(part, seed, copy),
        summary: summaries(part).map((pieces) => ({ type: 'summary_text', text: pieces.join('') })),
      };
    case 'text':
      return { id, type: 'message', status, content: [outputText(text)], role: 'assistant' };
    case 'refusal':
      return { id, type: 'message', status, content: [{ type: 'refusal', refusal: text }], role: 'assistant' };
    case 'tool-call':
      return call(part, id, text, status);
  }
}

function call(part: Extract<AnswerPart, { type: 'tool-call' }>, id: string, text: string, status: string): JsonObject {
  const named = { call_id: part.id, name: part.name, ...(part.namespace === undefined ? {} : { namespace: part.namespace }) };
  return part.freeText === true
    ? { id, type: 'custom_tool_call', status, input: text, ...named }
    : { id, type: 'function_call', status, arguments: text, ...named };
}

function outputText(text: string): JsonObject {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

/** Encrypted anew for each copy; a foreign proof (a fault) stays what it is. */
function encrypted(part: Extract<AnswerPart, { type: 'reasoning' }>, seed: string, copy: string): string | null {
  if (part.signature === '') return null;
  if (!isOwnSignature('openai-responses', part.signature)) return part.signature;
  return ownSignature('openai-responses', `${part.signature} ${seed} ${copy}`);
}

/** Two summaries of one reasoning, as longer reasoning has them. */
function summaries(part: Extract<AnswerPart, { type: 'reasoning' }>): string[][] {
  if (part.hidden || part.pieces.length === 0) return [];
  const half = Math.ceil(part.pieces.length / 2);
  return [part.pieces.slice(0, half), part.pieces.slice(half)].filter((pieces) => pieces.length > 0);
}

type Write = (kind: Mark['kind'], data: JsonObject) => void;

/** The events between an item's announcement and its end, in the service's order. */
export function writeItem(part: AnswerPart, seed: string, index: number, write: Write): void {
  const at: JsonObject = { item_id: itemId(part, seed, index), output_index: index };
  const whole = part.pieces.join('');
  switch (part.type) {
    case 'reasoning':
      summaries(part).forEach((pieces, summary) => writeSummary(pieces, { ...at, summary_index: summary }, write));
      return;
    case 'text': {
      const here: JsonObject = { ...at, content_index: 0 };
      write('open', { type: 'response.content_part.added', ...here, part: outputText('') });
      for (const delta of part.pieces) write('text', { type: 'response.output_text.delta', ...here, delta, logprobs: [] });
      write('close', { type: 'response.output_text.done', ...here, text: whole, logprobs: [] });
      write('close', { type: 'response.content_part.done', ...here, part: outputText(whole) });
      return;
    }
    case 'refusal': {
      const here: JsonObject = { ...at, content_index: 0 };
      write('open', { type: 'response.content_part.added', ...here, part: { type: 'refusal', refusal: '' } });
      for (const delta of part.pieces) write('text', { type: 'response.refusal.delta', ...here, delta });
      write('close', { type: 'response.refusal.done', ...here, refusal: whole });
      write('close', { type: 'response.content_part.done', ...here, part: { type: 'refusal', refusal: whole } });
      return;
    }
    case 'tool-call': {
      const [name, field]: [string, string] =
        part.freeText === true ? ['custom_tool_call_input', 'input'] : ['function_call_arguments', 'arguments'];
      for (const delta of part.pieces) write('arguments', { type: `response.${name}.delta`, ...at, delta });
      write('close', { type: `response.${name}.done`, ...at, [field]: whole });
    }
  }
}

function writeSummary(pieces: readonly string[], at: JsonObject, write: Write): void {
  const text = pieces.join('');
  write('open', { type: 'response.reasoning_summary_part.added', ...at, part: { type: 'summary_text', text: '' } });
  for (const delta of pieces) write('reasoning', { type: 'response.reasoning_summary_text.delta', ...at, delta });
  write('close', { type: 'response.reasoning_summary_text.done', ...at, text });
  write('close', { type: 'response.reasoning_summary_part.done', ...at, part: { type: 'summary_text', text } });
}
