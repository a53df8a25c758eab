import type { Json, JsonObject } from './json.ts';
import type { CalledTool, Extras, Producer } from './part.ts';
import type { Usage } from './usage.ts';

/** Why an answer ended. `other` carries the dialect's own word in `FinishEvent.raw`. */
export type FinishReason =
  | 'stop'
  | 'stop-sequence'
  | 'length'
  | 'tool-calls'
  | 'content-filter'
  | 'refusal'
  | 'pause'
  | 'context-window'
  | 'other';

export type PartHead =
  | { type: 'text'; extras?: Extras }
  /** `untold`: not for the client, whose own vendor would refuse it on its way back (failover.foreignThoughts). */
  | { type: 'reasoning'; producer: Producer; redacted?: string; untold?: true; extras?: Extras }
  /** `unproved`: its client's own vendor asks for a proof of the thought behind a call, and there is none that it would take. */
  | ({ type: 'tool-call'; id: string; unproved?: true; extras?: Extras } & CalledTool)
  | { type: 'refusal' }
  | { type: 'opaque'; producer: Producer; value: Json };

export type Delta =
  | { type: 'text'; text: string }
  /** A piece of a tool call's arguments: JSON text. */
  | { type: 'arguments'; json: string }
  | { type: 'signature'; signature: string }
  /** A piece that only `producer.dialect` understands (citations, input of a server tool). */
  | { type: 'opaque'; producer: Producer; value: Json };

export interface StartEvent {
  type: 'start';
  /** The provider's id of the message. */
  id: string;
  model: string;
  /** Seconds since 1970, where the dialect has it. */
  created?: number;
  extras?: Extras;
}
export interface PartStartEvent {
  type: 'part-start';
  index: number;
  part: PartHead;
}
export interface PartDeltaEvent {
  type: 'part-delta';
  index: number;
  delta: Delta;
}
export interface PartEndEvent {
  type: 'part-end';
  index: number;
}
/** Later ones replace earlier ones, field by field. */
export interface UsageEvent {
  type: 'usage';
  usage: Partial<Usage>;
  /** The usage object as the provider wrote it. */
  raw?: JsonObject;
}
export interface FinishEvent {
  type: 'finish';
  reason: FinishReason;
  /** Which stop sequence was met. */
  stopSequence?: string;
  /** The dialect's own word. */
  raw?: string;
  extras?: Extras;
}

/**
 * The smallest neutral piece of an answer. Order: `start`, then parts (indexes count up from 0 and do not repeat; chat may
 * interleave parallel tool calls), then `finish`. `usage` may come anywhere after `start`, also after `finish`.
 */
export type AnswerEvent = StartEvent | PartStartEvent | PartDeltaEvent | PartEndEvent | UsageEvent | FinishEvent;
