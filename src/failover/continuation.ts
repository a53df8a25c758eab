import type { Request } from '../exchange/request.ts';

/**
 * Asks a model to carry an answer on. In the user's voice: operator-style notices are taken for prompt injection
 * (research/dialects.md 3.2). `{fragment}` stands for the last words received.
 */
export const DEFAULT_NOTE =
  'My connection dropped while you were answering. I received your answer only up to this point: «{fragment}» ' +
  'Please start by repeating that fragment word for word, and then go on from there to the end of your answer. Do not start over, and do not comment on this.';

/** About so many characters are quoted; enough to be unique, short enough to be repeated faithfully (research/dialects.md 3.2). */
const FRAGMENT_LENGTH = 40;

/** A rule of dashes or an empty row says nothing about where it stands: then more is quoted. */
const LONGER_FRAGMENT = 120;
const LEAST_VARIETY = 6;

/**
 * The last ~40 characters, beginning at a word where there is one, without surrounding space. What reads as one character stays in one
 * piece at its beginning; half of a surrogate pair at its end, which no model can repeat, is left out.
 */
export function lastFragment(text: string): string {
  const whole = soundEnd(text);
  const usual = endOf(whole, FRAGMENT_LENGTH);
  return new Set(usual).size < LEAST_VARIETY ? endOf(whole, LONGER_FRAGMENT) : usual;
}

function endOf(whole: string, length: number): string {
  const near = whole.slice(-8 * length);
  let from = near.length;
  for (const { index } of [...characters.segment(near)].toReversed()) {
    if (near.length - index > 2 * length || Array.from(near.slice(index)).length > length) break;
    from = index;
  }
  // A character may be long in itself (marks upon marks); then its last pieces have to do.
  const tail = from < near.length ? near.slice(from) : Array.from(near).slice(-length).join('');
  if (tail.length === whole.length) return tail.trimStart();
  const space = tail.search(/\s\S/);
  return space >= 0 && space < tail.length / 2 ? tail.slice(space + 1).trimStart() : tail.trimStart();
}

const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The first half of a surrogate pair whose second half has not come: some services cut their pieces there. */
export function danglingOf(text: string): string {
  return /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
}

function soundEnd(text: string): string {
  return text.slice(0, text.length - danglingOf(text).length).trimEnd();
}

/**
 * The request of a hop: the history, the partial answer as the assistant's turn, and the note. The note exists only in this
 * request; it is in nobody's history. With `prefill` the target carries a trailing assistant turn on by itself.
 */
export function continuationRequest(request: Request, delivered: string, prefill: boolean, note: string): Request {
  const partial = { role: 'assistant' as const, parts: [{ type: 'text' as const, text: soundEnd(delivered) }] };
  if (prefill) return { ...request, stream: true, messages: [...request.messages, partial] };
  const text = note.replaceAll('{fragment}', () => lastFragment(delivered));
  return { ...request, stream: true, messages: [...request.messages, partial, { role: 'user', parts: [{ type: 'text', text }] }] };
}
