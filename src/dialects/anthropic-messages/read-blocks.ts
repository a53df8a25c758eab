import type { AnswerEvent, Delta } from '../../exchange/event.ts';
import type { Json, JsonObject } from '../../exchange/json.ts';
import { isObject } from '../../exchange/json.ts';
import { restore } from '../legal-names.ts';
import { extrasOf, PRODUCER } from './wire.ts';

const TEXT_FIELDS = new Set(['type', 'text']);
const THINKING_FIELDS = new Set(['type', 'thinking', 'signature']);
const REDACTED_FIELDS = new Set(['type', 'data']);
const CALL_FIELDS = new Set(['type', 'id', 'name', 'input']);

export type BlockKind = 'text' | 'thinking' | 'tool' | 'opaque';

/** How a content block begins, in neutral words. `undefined`: it is not a block. */
export interface BlockStart {
  kind: BlockKind;
  /** The `part-start` and what the block says at once. */
  events: AnswerEvent[];
  /** A tool's input that was there at the beginning: it counts only if no deltas follow, which is how the official SDK reads it. */
  input?: JsonObject;
}

export function startBlock(block: JsonObject, index: number): BlockStart | undefined {
  switch (block.type) {
    case 'text': {
      if (typeof block.text !== 'string') return undefined;
      const extras = extrasOf(block, TEXT_FIELDS);
      const events: AnswerEvent[] = [{ type: 'part-start', index, part: { type: 'text', ...(extras && { extras }) } }];
      if (block.text !== '') events.push(delta(index, { type: 'text', text: block.text }));
      return { kind: 'text', events };
    }
    case 'thinking': {
      if (typeof block.thinking !== 'string') return undefined;
      const extras = extrasOf(block, THINKING_FIELDS);
      const part = { type: 'reasoning' as const, producer: PRODUCER, ...(extras && { extras }) };
      const events: AnswerEvent[] = [{ type: 'part-start', index, part }];
      if (block.thinking !== '') events.push(delta(index, { type: 'text', text: block.thinking }));
      if (typeof block.signature === 'string' && block.signature !== '')
        events.push(delta(index, { type: 'signature', signature: block.signature }));
      return { kind: 'thinking', events };
    }
    case 'redacted_thinking': {
      if (typeof block.data !== 'string') return undefined;
      const extras = extrasOf(block, REDACTED_FIELDS);
      const part = { type: 'reasoning' as const, producer: PRODUCER, redacted: block.data, ...(extras && { extras }) };
      return { kind: 'thinking', events: [{ type: 'part-start', index, part }] };
    }
    case 'tool_use': {
      if (typeof block.id !== 'string' || typeof block.name !== 'string') return undefined;
      const extras = extrasOf(block, CALL_FIELDS);
      const part = { type: 'tool-call' as const, id: block.id, name: restore(block.name), ...(extras && { extras }) };
      const input = isObject(block.input) && Object.keys(block.input).length > 0 ? block.input : undefined;
      return { kind: 'tool', events: [{ type: 'part-start', index, part }], ...(input && { input }) };
    }
    default:
      if (typeof block.type !== 'string') return undefined;
      return { kind: 'opaque', events: [{ type: 'part-start', index, part: { type: 'opaque', producer: PRODUCER, value: block } }] };
  }
}

/** Events of a block that is whole. */
export function wholeBlock(block: JsonObject, index: number): AnswerEvent[] | undefined {
  const start = startBlock(block, index);
  if (!start) return undefined;
  const events = start.events;
  if (start.kind === 'tool') events.push(delta(index, { type: 'arguments', json: JSON.stringify(start.input ?? {}) }));
  events.push({ type: 'part-end', index });
  return events;
}

/** The delta types that we know, with the only kind of block that they belong to. */
const BELONGS: Readonly<Record<string, BlockKind>> = {
  text_delta: 'text',
  citations_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
  input_json_delta: 'tool',
};

/** A delta of a block of this kind; `undefined` if it says nothing; a string names what is wrong with it. */
export function readDelta(wire: JsonObject, kind: BlockKind): Delta | string | undefined {
  const type = wire.type;
  if (typeof type !== 'string') return 'a delta without a type';
  if (kind === 'opaque') return { type: 'opaque', producer: PRODUCER, value: wire };
  const home = Object.hasOwn(BELONGS, type) ? BELONGS[type] : kind;
  if (home !== kind) return `a ${type} in a ${kind} block`;
  switch (type) {
    case 'text_delta':
      return said(wire.text, (text) => ({ type: 'text', text }));
    case 'thinking_delta':
      return said(wire.thinking, (text) => ({ type: 'text', text }));
    case 'signature_delta':
      return said(wire.signature, (signature) => ({ type: 'signature', signature }));
    case 'input_json_delta':
      return said(wire.partial_json, (json) => ({ type: 'arguments', json }));
    default:
      return { type: 'opaque', producer: PRODUCER, value: wire };
  }
}

function said(value: Json | undefined, make: (value: string) => Delta): Delta | string | undefined {
  if (typeof value !== 'string') return 'a delta without its text';
  return value === '' ? undefined : make(value);
}

function delta(index: number, value: Delta): AnswerEvent {
  return { type: 'part-delta', index, delta: value };
}
