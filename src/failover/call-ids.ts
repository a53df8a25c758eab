import { hash } from 'node:crypto';
import { legalise, restore } from '../dialects/legal-names.ts';
import type { Part } from '../exchange/part.ts';
import type { Request } from '../exchange/request.ts';

/** What every vendor takes back: chat's 40 characters are the fewest (dialects/openai-chat/names.ts), the alphabet is Anthropic's and OpenAI's. */
const LEGAL = /^[A-Za-z0-9_-]{1,40}$/;

export function isLegalId(id: string): boolean {
  return LEGAL.test(id);
}

/**
 * The id under which a client is told of a backup's call, so that its own vendor takes it back (Kimi's `functions.search:0` would be refused).
 * It says by itself what it was, unless that is too long.
 */
export function toldId(id: string): string {
  if (isLegalId(id)) return id;
  const legal = legalise(id);
  return isLegalId(legal) ? legal : `call_${hash('sha256', id).slice(0, 32)}`;
}

/** The request with the ids that their makers gave. */
export function withMadeIds(request: Request): Request {
  return { ...request, messages: request.messages.map((message) => ({ ...message, parts: message.parts.map(withMadeId) })) };
}

function withMadeId(part: Part): Part {
  if (part.type === 'tool-call') return { ...part, id: restore(part.id) };
  return part.type === 'tool-result' ? { ...part, callId: restore(part.callId) } : part;
}
