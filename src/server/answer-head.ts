import { targetName } from '../exchange/target.ts';
import type { LinePlace } from '../failover/admission.ts';
import type { AttemptStart, Head } from '../journal/entry.ts';
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
  /** Those that have begun so far. */
  attempts: readonly AttemptStart[];
  /** The answer was asked for by an earlier request. */
  attached?: boolean;
  /** While it waits in line. */
  place?: LinePlace | undefined;
}

/** The answer's headers as a flat list (`[name, value, name, value]`): the provider's own, then ours. */
export function answerHeaders({ exchange, journal, head, attempts, attached, place }: AnswerHead, contentType: string): string[] {
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
  if (attached === true) flat.push('x-understudy-attached', 'true');
  if (place) flat.push('x-understudy-place', headerValue(placeText(place)));
  if (head?.target !== undefined) flat.push('x-understudy-target', headerValue(head.target));
  const losses = lossesOf(head?.target, attempts);
  if (losses !== '') flat.push('x-understudy-losses', losses);
  const asked = [...new Set(attempts.map((attempt) => targetName(attempt.target)))];
  // One target is the usual case and already named; more than one is a switch, and a switch is visible (promise 5).
  if (asked.length > 1) flat.push('x-understudy-asked', headerValue(asked.join(', ')));
  if (journal.type === 'degraded') flat.push('x-understudy-journal', 'degraded');
  return flat;
}

/** `2 of 5 at ollama/llama3.2`. */
export function placeText({ place, of, target }: LinePlace): string {
  return `${place} of ${of} at ${target}`;
}

/** Bytes of `x-understudy-losses`: enough for a glance. The whole list, with reasons, is in the exchange's record. */
const LOSSES = 500;

/** What the delivering target could not be told, by name: `top_k, tools[2], +3 more`. Empty where nothing was lost or nobody delivers yet. */
function lossesOf(target: string | undefined, attempts: readonly AttemptStart[]): string {
  if (target === undefined) return '';
  const delivering = attempts.findLast((attempt) => targetName(attempt.target) === target);
  const lost = [...new Set((delivering?.losses ?? []).map((loss) => headerValue(loss.split(': ', 1)[0]!)))];
  let text = '';
  for (const [index, what] of lost.entries()) {
    const longer = text === '' ? what : `${text}, ${what}`;
    if (longer.length > LOSSES) return `${text === '' ? '' : `${text}, `}+${lost.length - index} more`;
    text = longer;
  }
  return text;
}
