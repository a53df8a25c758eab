import type { Head } from '../journal/entry.ts';
import type { JournalState } from '../journal/journal.ts';

/** Belong to one connection, or state a length that is only right for what the provider sent (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What node:http refuses to write; a provider's header with such a character must not break the answer. */
const UNWRITABLE = /[^\t\x20-\x7e\x80-\xff]/;

/** Names of targets come from configurations and clients. */
function headerValue(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?');
}

export interface AnswerHead {
  exchange: string;
  journal: JournalState;
  head: Head | undefined;
  /** Targets that were asked, in order, without repetition. */
  asked: readonly string[];
}

/** The answer's headers as a flat list (`[name, value, name, value]`): the provider's own, then ours. */
export function answerHeaders({ exchange, journal, head, asked }: AnswerHead, contentType: string): string[] {
  const flat: string[] = [];
  let typed = false;
  for (const [name, value] of head?.headers ?? []) {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || UNWRITABLE.test(value)) continue;
    if (lower === 'content-type') typed = true;
    flat.push(name, value);
  }
  if (!typed) flat.push('content-type', contentType);
  flat.push('x-understudy-exchange', exchange);
  if (head?.target !== undefined) flat.push('x-understudy-target', headerValue(head.target));
  // One target is the usual case and already named; more than one is a switch, and a switch is visible (promise 5).
  if (asked.length > 1) flat.push('x-understudy-asked', headerValue(asked.join(', ')));
  if (journal.type === 'degraded') flat.push('x-understudy-journal', 'degraded');
  return flat;
}
