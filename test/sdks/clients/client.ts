import type { JsonObject } from '../../../src/exchange/json.ts';

/** What a client has to know to hold a conversation. */
export interface Conversation {
  /** Where Understudy listens: `http://127.0.0.1:4141`. */
  address: string;
  model: string;
  stream: boolean;
  prompt: string;
  /** The tool that may be called; absent where none is offered. */
  tool?: { name: string; description: string; schema: ToolSchema; run(args: unknown): string };
  /** What the answer has to be, where JSON is demanded; `takesSchema` says which clients pass it on. */
  schema?: JsonObject;
  key: string;
}

export interface ToolSchema {
  type: 'object';
  properties: { topic: { type: 'string' }; depth: { type: 'integer' } };
  required: string[];
  additionalProperties: false;
}

/** What came of it, as the client's own API tells. `stop`: its word for why the last answer ended. */
export interface Told {
  text: string;
  stop: string | undefined;
}

/** Asks, runs the tool when it is called, hands the result back, and says what the last answer was. Rejects as the client does. */
export type Client = (conversation: Conversation) => Promise<Told>;

/** Nobody calls a tool so often in these conversations. */
export const MOST_ROUNDS = 4;

export function tooManyRounds(): Error {
  return new Error(`the tool was called in more than ${MOST_ROUNDS} rounds`);
}
