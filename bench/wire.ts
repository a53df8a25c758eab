/** The four dialects as the bench's provider writes them and the load generator reads them. */
import { chatWire } from './wires/chat.ts';
import { geminiWire } from './wires/gemini.ts';
import { messagesWire } from './wires/messages.ts';
import { responsesWire } from './wires/responses.ts';
import type { Turn, Wire } from './wires/wire.ts';

export type BenchDialect = 'anthropic-messages' | 'openai-chat' | 'openai-responses' | 'gemini';

export const WIRES: Record<BenchDialect, Wire> = {
  'anthropic-messages': messagesWire,
  'openai-chat': chatWire,
  'openai-responses': responsesWire,
  gemini: geminiWire,
};

export const DIALECTS = Object.keys(WIRES) as BenchDialect[];

/** A request body of about `size` bytes: a conversation, with the quotes and line breaks of real ones. */
export function requestBody(wire: Wire, model: string, stream: boolean, size: number): Buffer {
  const turns: Turn[] = [];
  const line = 'const answer = ask("what now?"); // the line, as it came:\n';
  for (let bytes = 0; bytes < size; bytes += 2 * 2100) {
    turns.push({ role: 'user', text: line.repeat(36) }, { role: 'assistant', text: line.repeat(34) });
  }
  return Buffer.from(JSON.stringify(wire.request(model, stream, [...turns, { role: 'user', text: 'Say "hello".' }])));
}
