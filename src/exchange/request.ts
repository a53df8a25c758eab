import type { JsonObject } from './json.ts';
import type { CallKind, Extras, OpaquePart, Part, TextPart } from './part.ts';

export interface Message {
  /** `system` here is an instruction in the middle of a conversation; leading ones are in `Request.system`. */
  role: 'system' | 'user' | 'assistant';
  parts: Part[];
  /** OpenAI's participant name. */
  name?: string;
  extras?: Extras;
}

export interface FunctionTool {
  type: 'function';
  name: string;
  namespace?: string;
  description?: string;
  /** JSON Schema of the arguments. */
  parameters: JsonObject;
  strict?: boolean;
  extras?: Extras;
}

/** A tool that takes free text (Codex' `apply_patch`). */
export interface CustomTool {
  type: 'custom';
  name: string;
  namespace?: string;
  description?: string;
  /** What the text has to obey; absent: nothing. */
  grammar?: { syntax: 'lark' | 'regex'; definition: string };
  extras?: Extras;
}

/** A tool that the vendor defines and the client runs: the model knows its arguments without being told. */
export interface ClientTool {
  type: 'client';
  kind: Exclude<CallKind, 'custom'>;
  /** By what name its calls go where the vendor's own form is not spoken: `local_shell`, `shell`, `apply_patch`. */
  name: string;
  definition: OpaquePart;
}

/** A tool that the provider itself runs (web search, code execution); only its own dialect can say it. */
export interface ServerTool {
  type: 'server';
  name: string;
  definition: OpaquePart;
}

export type Tool = FunctionTool | CustomTool | ClientTool | ServerTool;

export type ToolChoice = { type: 'auto' } | { type: 'none' } | { type: 'required' } | { type: 'tool'; name: string; namespace?: string };

export type OutputFormat =
  | { type: 'text' }
  | { type: 'json' }
  | { type: 'json-schema'; name: string; schema: JsonObject; strict?: boolean; description?: string };

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export interface Reasoning {
  effort?: Effort;
  /** Tokens that reasoning may take. */
  budget?: number;
  /** The model decides by itself whether and how long to think. */
  adaptive?: boolean;
  extras?: Extras;
}

export interface Sampling {
  temperature?: number;
  topP?: number;
  topK?: number;
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
}

/** One question to a model, whatever the dialect it came in. */
export interface Request {
  model: string;
  stream: boolean;
  /** Leading instructions, in order. */
  system: (TextPart | OpaquePart)[];
  messages: Message[];
  tools: Tool[];
  toolChoice?: ToolChoice;
  parallelToolCalls?: boolean;
  output: OutputFormat;
  sampling: Sampling;
  reasoning?: Reasoning;
  /** Upper bound of the answer, in tokens. */
  maxOutputTokens?: number;
  stop: string[];
  /** The end user's id, as the client gave it. */
  user?: string;
  /** Top-level fields that only the client's dialect can say. */
  extras?: Extras;
}
