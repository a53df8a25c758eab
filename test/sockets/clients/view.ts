import type { JsonObject } from '../../../src/exchange/json.ts';
import { ANSWER_SCHEMA, type Asking as Content } from '../../matrix/question.ts';

/** What a client has to know to ask. */
export interface Asking {
  /** Where Understudy (or a provider) listens: `http://127.0.0.1:4141`. */
  address: string;
  model: string;
  stream: boolean;
  content: Content;
  key: string;
  headers: Record<string, string>;
  fetch: typeof fetch;
  signal: AbortSignal;
}

/** `id`: Google's calls may have none. */
export interface ToolCall {
  id: string | undefined;
  name: string;
  arguments: string;
}

/** What an official client made of an answer: its final message, or what it raised. */
export type View =
  | { type: 'answer'; text: string; calls: ToolCall[]; stop: string | undefined }
  /** `kind`: the class of the exception. `known`: one of those that the client documents for a failed call. */
  | { type: 'raised'; kind: string; message: string; known: boolean };

export const SCHEMA = {
  type: 'object' as const,
  properties: { topic: { type: 'string' as const }, depth: { type: 'integer' as const } },
  required: ['topic'],
};
export const MAX_TOKENS = 16_000;
export const THINKING_BUDGET = 4000;

/** The schema of an answer that has to be JSON. */
export function schemaOf(content: Content): JsonObject | undefined {
  return content === 'structured' ? ANSWER_SCHEMA : undefined;
}

export function raised(error: unknown, known: boolean): View {
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return { type: 'raised', kind, message: error instanceof Error ? error.message : String(error), known };
}
