import { layoutOf } from '../../dialects/json-spans.ts';
import type { Ask } from '../ports.ts';

/** Levels that V8 writes without running out of stack, with room to spare; a schema made by hand or machine has some twenty. */
const MOST_LEVELS = 4000;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, QUOTE, BACKSLASH] = [...Buffer.from('[]{}"\\')];

/** Whether what an answer repeats of its request (all but the input) is nested too deeply to be written. Small ones can't be. */
export function isRepeatedTooDeep({ body, head }: Pick<Ask, 'body' | 'head'>): boolean {
  if (body.length < 2 * MOST_LEVELS) return false;
  const layout = layoutOf(body, head.layout);
  const input = layout.ok ? layout.value.members.get('input') : undefined;
  if (!input) return isDeep(body, 0, body.length);
  return isDeep(body, 0, input.start) || isDeep(body, input.end, body.length);
}

/** The body is JSON: whatever opens closes. */
function isDeep(body: Buffer, start: number, end: number): boolean {
  if (end - start < 2 * MOST_LEVELS) return false;
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = body[at];
    if (byte === QUOTE) at = endOfString(body, at, end);
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > MOST_LEVELS) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
  }
  return false;
}

function endOfString(body: Buffer, quote: number, end: number): number {
  for (let at = body.indexOf('"', quote + 1); at >= 0 && at < end; at = body.indexOf('"', at + 1)) {
    let escapes = 0;
    while (body[at - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return at;
  }
  return end;
}
