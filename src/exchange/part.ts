import type { DialectName } from './dialect-name.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * Fields that only `dialect` can say (cache_control, citations, …). They are written back by that dialect's encoder and
 * reported as a loss by every other.
 */
export interface Extras {
  dialect: DialectName;
  fields: JsonObject;
}

/** Who made something that only its maker can read: reasoning with a signature, a server tool's block. */
export interface Producer {
  dialect: DialectName;
  /** Vendor family as in the catalogue (`anthropic`, `openai`, …); absent when the client did not say. */
  vendor?: string;
  model?: string;
}

export interface TextPart {
  type: 'text';
  text: string;
  extras?: Extras;
}

export interface ReasoningPart {
  type: 'reasoning';
  /** Empty for redacted reasoning. */
  text: string;
  /** Opaque proof by the producer; never sent to anyone else. */
  signature?: string;
  /** Encrypted reasoning (Anthropic `redacted_thinking.data`). */
  redacted?: string;
  producer: Producer;
  extras?: Extras;
}

/**
 * Calls that some dialect does not write as function calls. Their `arguments` are JSON all the same, so that everybody else can treat
 * them as such: of `custom` (free text, such as a patch) `{"input": "…"}`, of the others the object that says what to do.
 */
export type CallKind = 'custom' | 'local-shell' | 'shell' | 'apply-patch';

/** A tool as its client knows it. */
export interface CalledTool {
  name: string;
  /** OpenAI's grouping of tools (Codex' MCP servers); elsewhere part of the name (plain-tools.ts). */
  namespace?: string;
  /** Absent: a function. */
  kind?: CallKind;
}

export interface ToolCallPart extends CalledTool {
  type: 'tool-call';
  id: string;
  /** JSON text of an object, as produced; an empty string means no arguments. */
  arguments: string;
  extras?: Extras;
}

export interface ToolResultPart {
  type: 'tool-result';
  callId: string;
  /** Of the call that it answers. */
  kind?: CallKind;
  content: ResultContent[];
  isError: boolean;
  extras?: Extras;
}

/** Where the bytes of an image, document or audio clip are. */
export type Source =
  | { type: 'base64'; mediaType: string; data: string }
  | { type: 'url'; url: string }
  | { type: 'text'; mediaType: string; text: string }
  | { type: 'file'; id: string; producer: Producer };

export interface ImagePart {
  type: 'image';
  source: Source;
  /** OpenAI's resolution hint. */
  detail?: string;
  extras?: Extras;
}

export interface DocumentPart {
  type: 'document';
  source: Source;
  /** File name or title. */
  title?: string;
  extras?: Extras;
}

export interface AudioPart {
  type: 'audio';
  source: Source;
  /** `wav`, `mp3`, … as the client named it. */
  format?: string;
  extras?: Extras;
}

export interface RefusalPart {
  type: 'refusal';
  text: string;
}

/** Anything the neutral vocabulary has no word for: carried as it came, with its producer. */
export interface OpaquePart {
  type: 'opaque';
  producer: Producer;
  value: Json;
}

export type ResultContent = TextPart | ImagePart | DocumentPart | OpaquePart;

export type Part =
  | TextPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | ImagePart
  | DocumentPart
  | AudioPart
  | RefusalPart
  | OpaquePart;
