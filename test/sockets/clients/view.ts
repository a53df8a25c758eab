import type { Content } from '../../../src/sim/faults/fault.ts';

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

/** What an official client made of an answer: its final message, or what it raised. */
export type View =
  | { type: 'answer'; text: string; calls: { name: string; arguments: string }[]; stop: string | undefined }
  /** `kind`: the class of the exception. `known`: one of those that the client documents for a failed call. */
  | { type: 'raised'; kind: string; message: string; known: boolean };

export const PROMPTS: Record<Content, string> = {
  text: 'How is the weather at sea? [sim words=60]',
  tool: 'Look it up. [sim tools=1]',
  parallel: 'Look both up. [sim tools=2]',
  thinking: 'Think about the sea. [sim thinking words=60]',
};

export const TOOLS = ['look_up', 'search'];
export const SCHEMA = {
  type: 'object' as const,
  properties: { topic: { type: 'string' as const }, depth: { type: 'integer' as const } },
  required: ['topic'],
};
export const MAX_TOKENS = 16_000;
export const THINKING_BUDGET = 4000;

export function callsTools(content: Content): boolean {
  return content === 'tool' || content === 'parallel';
}

export function raised(error: unknown, known: boolean): View {
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return { type: 'raised', kind, message: error instanceof Error ? error.message : String(error), known };
}
