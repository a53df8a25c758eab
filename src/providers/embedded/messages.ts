import type { JsonObject } from '../../exchange/json.ts';

/** A model and how it is to be loaded. */
export interface EngineSetup {
  /** Where the engine's package is installed. */
  folder: string;
  file: string;
  /** Tokens. */
  context: number;
  /** Processor cores; absent: all that are of use. */
  threads?: number;
}

/** A turn of a conversation as the package takes it (ChatHistoryItem). */
export type Turn = { type: 'system' | 'user'; text: string } | { type: 'model'; response: (string | PastCall)[] };

/** A call with what came of it. */
export interface PastCall {
  type: 'functionCall';
  name: string;
  params: unknown;
  result: unknown;
  /** It was not made together with the one before it. */
  startsNewChunk: boolean;
}

/** One question. Of what is absent the engine has a mind of its own. */
export interface EngineJob {
  turns: Turn[];
  /** By name. */
  functions: Record<string, { description?: string; params: JsonObject }>;
  /** The answer has to fit: any JSON object, or this schema. */
  shape?: 'json' | JsonObject;
  /** At most so many calls at once. */
  calls?: number;
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  seed?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  stop: string[];
}

export type ToEngine = { type: 'load'; setup: EngineSetup } | { type: 'ask'; id: number; job: EngineJob } | { type: 'cancel'; id: number };

/** Tokens; `input` counts what was still known from the question before. */
export interface EngineUsage {
  input: number;
  cached: number;
  output: number;
}

/** What the engine's process says. All about a question comes in order, and ends with one of `done`, `refused` and `broke`. */
export type FromEngine =
  | { type: 'loaded'; context: number }
  /** It is of no use as it is; the process ends. */
  | { type: 'unusable'; message: string }
  /** It has begun to read the question. */
  | { type: 'reading'; id: number; tokens: number }
  | { type: 'text'; id: number; text: string; thought: boolean }
  | { type: 'call'; id: number; name: string; arguments: JsonObject }
  | { type: 'done'; id: number; reason: 'stop' | 'stop-sequence' | 'length' | 'tool-calls'; usage: EngineUsage }
  | { type: 'refused'; id: number; tooLong: boolean; message: string }
  | { type: 'broke'; id: number; message: string };
