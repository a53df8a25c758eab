import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { AnswerEvent, Delta, PartHead } from '../exchange/event.ts';
import { parseObject, type JsonObject } from '../exchange/json.ts';
import type { Extras, Producer } from '../exchange/part.ts';
import { FINISH_REASONS, usageOf } from '../providers/bridge/finish-and-usage.ts';
import { bag } from './call-body.ts';
import { STAND_IN } from './stand-in.ts';

/** A part that may be told: errors, pings and raw chunks are told apart before (model-call.ts). */
export type ToldPart = Exclude<LanguageModelV4StreamPart, { type: 'error' | 'ping' | 'raw' }>;

/** What a wrapped model says, piece by piece, in neutral events. What they have no word for rides in extension bags and opaque parts. */
export interface PartReader {
  read(part: ToldPart): AnswerEvent[];
}

const PRODUCER: Producer = { dialect: STAND_IN };

interface OpenPart {
  index: number;
  kind: 'text' | 'reasoning' | 'call' | 'theirs';
  /** A call's arguments so far. */
  json: string;
  /** A call whose input is no JSON object (`inputEncoding: text`): it is wrapped in one when it is complete. */
  custom: boolean;
}

export function partReader(): PartReader {
  /** By kind and id: a text and a reasoning may have the same. */
  const open = new Map<string, OpenPart>();
  let next = 0;
  let started = false;
  let warnings: unknown[] = [];

  function begin(key: string, kind: OpenPart['kind'], part: PartHead, custom = false): AnswerEvent[] {
    const index = next++;
    open.set(key, { index, kind, json: '', custom });
    return [...start({}), { type: 'part-start', index, part }];
  }

  function start(metadata: { id?: string; modelId?: string; timestamp?: Date | string }): AnswerEvent[] {
    const { id = '', modelId = '', timestamp } = metadata;
    if (started && id === '' && modelId === '') return [];
    const fields: JsonObject = { ...(warnings.length > 0 && { warnings: warnings as JsonObject[] }) };
    started = true;
    warnings = [];
    const created = timestamp === undefined ? {} : { created: new Date(timestamp).getTime() / 1000 };
    return [{ type: 'start', id, model: modelId, ...created, extras: extras(fields) }];
  }

  function delta(key: string, ...pieces: Delta[]): AnswerEvent[] {
    const known = open.get(key);
    return known ? pieces.map((piece) => ({ type: 'part-delta', index: known.index, delta: piece })) : [];
  }

  function end(key: string): AnswerEvent[] {
    const known = open.get(key);
    open.delete(key);
    return known ? [{ type: 'part-end', index: known.index }] : [];
  }

  /** A whole part that only its own form can say. */
  function opaque(part: ToldPart): AnswerEvent[] {
    const index = next++;
    return [
      ...start({}),
      { type: 'part-start', index, part: { type: 'opaque', producer: PRODUCER, value: bag(part) } },
      { type: 'part-end', index },
    ];
  }

  /**
   * What stands beside the answer and is none of it: sources, a provider's notes on its own message. It must neither open the gate nor keep an
   * answer from being carried on, as a part would.
   */
  function aside(part: ToldPart): AnswerEvent[] {
    const spoken = [...open].find(([, { kind }]) => kind === 'text' || kind === 'reasoning')?.[0];
    if (spoken !== undefined) return delta(spoken, { type: 'signature', signature: JSON.stringify({ aside: part }) });
    return [...start({}), { type: 'start', id: '', model: '', extras: extras({ aside: bag(part) }) }];
  }

  function call(part: Extract<ToldPart, { type: 'tool-call' }>): AnswerEvent[] {
    const { toolCallId: id, toolName, input, providerMetadata, dynamic } = part;
    const key = `call ${id}`;
    const known = open.get(key);
    const custom = known?.custom ?? (input.trim() !== '' && parseObject(input) === undefined && isJson(input));
    const events = known ? [] : begin(key, 'call', { type: 'tool-call', id, name: toolName, ...(custom && { kind: 'custom' as const }) });
    const json = custom ? `{"input":${input}}` : input;
    // What came in pieces and the whole are the same, but for an object without members, which some leave unsaid.
    const said = known?.json ?? '';
    if (said === '') events.push(...delta(key, { type: 'arguments', json }));
    // Two different calls under one name: it stays open, and so the answer is not whole.
    else if (said.trim() !== json.trim() && !saysTheSame(said, json)) return events;
    events.push(...delta(key, ...metadata(providerMetadata, dynamic === undefined ? {} : { dynamic })));
    return [...events, ...end(key)];
  }

  function finish(part: Extract<ToldPart, { type: 'finish' }>): AnswerEvent[] {
    const { unified, raw } = part.finishReason;
    // A model that has no more room may stop anywhere; otherwise a call without its end was cut.
    const cut = unified === 'length';
    const ends = [...open].flatMap(([key, { kind }]) => (kind === 'call' && !cut ? [] : end(key)));
    return [
      ...start({}),
      ...ends,
      { type: 'usage', usage: usageOf(part.usage), raw: bag(part.usage) },
      {
        type: 'finish',
        reason: FINISH_REASONS[unified],
        ...(raw !== undefined && { raw }),
        ...(part.providerMetadata && { extras: extras({ providerMetadata: bag(part.providerMetadata) }) }),
      },
    ];
  }

  function read(part: ToldPart): AnswerEvent[] {
    switch (part.type) {
      case 'stream-start':
        warnings = part.warnings;
        return [];
      case 'response-metadata':
        return start(part);
      case 'text-start':
        return begin(`text ${part.id}`, 'text', { type: 'text', extras: extras({ id: part.id, ...own(part.providerMetadata) }) });
      case 'reasoning-start':
        return begin(`reasoning ${part.id}`, 'reasoning', {
          type: 'reasoning',
          producer: PRODUCER,
          extras: extras({ id: part.id, ...own(part.providerMetadata) }),
        });
      case 'text-delta':
        return delta(`text ${part.id}`, ...words(part.delta), ...metadata(part.providerMetadata));
      case 'reasoning-delta':
        return delta(`reasoning ${part.id}`, ...words(part.delta), ...metadata(part.providerMetadata));
      case 'text-end':
        return [
          ...delta(`text ${part.id}`, ...metadata(part.providerMetadata, part.citations ? { citations: part.citations } : {})),
          ...end(`text ${part.id}`),
        ];
      case 'reasoning-end':
        return [...delta(`reasoning ${part.id}`, ...metadata(part.providerMetadata)), ...end(`reasoning ${part.id}`)];
      case 'tool-input-start': {
        const { type: _, id, toolName: name, providerMetadata, inputEncoding, ...rest } = part;
        if (rest.providerExecuted) return begin(`call ${id}`, 'theirs', { type: 'opaque', producer: PRODUCER, value: bag(part) });
        const custom = inputEncoding === 'text';
        const head: PartHead = { type: 'tool-call', id, name, extras: extras({ ...bag(rest), ...own(providerMetadata) }) };
        return begin(`call ${id}`, 'call', custom ? { ...head, kind: 'custom' } : head, custom);
      }
      case 'tool-input-delta': {
        const known = open.get(`call ${part.id}`);
        // Of what is wrapped or run by others, a piece shows that it comes along, and no more.
        if (!known || known.kind === 'theirs' || known.custom)
          return delta(`call ${part.id}`, { type: 'opaque', producer: PRODUCER, value: bag(part) });
        known.json += part.delta;
        return delta(`call ${part.id}`, { type: 'arguments', json: part.delta });
      }
      case 'tool-input-end': {
        const theirs = open.get(`call ${part.id}`)?.kind === 'theirs';
        if (theirs)
          return [...delta(`call ${part.id}`, { type: 'opaque', producer: PRODUCER, value: bag(part) }), ...end(`call ${part.id}`)];
        return delta(`call ${part.id}`, ...metadata(part.providerMetadata));
      }
      case 'tool-call':
        return part.providerExecuted === true ? [...end(`call ${part.toolCallId}`), ...opaque(part)] : call(part);
      case 'finish':
        return finish(part);
      case 'source':
      case 'custom':
        return aside(part);
      case 'file':
      case 'reasoning-file':
      case 'tool-result':
      case 'tool-approval-request':
        return opaque(part);
    }
  }

  return { read };
}

function extras(fields: JsonObject): Extras {
  return { dialect: STAND_IN, fields };
}

function own(providerMetadata: object | undefined): JsonObject {
  return providerMetadata ? { providerMetadata: bag(providerMetadata) } : {};
}

/** What a maker notes in a part that is open already. It shows nothing, and so must not open the gate. */
function metadata(providerMetadata: object | undefined, more: object = {}): Delta[] {
  const noted = { ...own(providerMetadata), ...more };
  return Object.keys(noted).length === 0 ? [] : [{ type: 'signature', signature: JSON.stringify(noted) }];
}

function words(text: string): Delta[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function saysTheSame(one: string, other: string): boolean {
  const [first, second] = [parseObject(one), parseObject(other)];
  return first !== undefined && second !== undefined && JSON.stringify(first) === JSON.stringify(second);
}
