import { createHmac } from 'node:crypto';
import type { Finder, Found } from './finder.ts';

/**
 * What is remembered of a text that was taken out: enough to know it when it comes again, within longer texts too, and not the text
 * itself. Who suspects a text, and has the archive, can make sure of it: short and guessable ones are not hidden by this.
 */
export interface Remembered {
  /** UTF-16 units. */
  length: number;
  /** 16 bits of a rolling sum: rules out all but one place in 65,536, so that a proof is made there only. */
  sketch: number;
  /** HMAC-SHA-256, hexadecimal. */
  proof: string;
  instead: string;
}

/** Shorter texts are part of too many others to be taken out of all that comes. */
export const SHORTEST_REMEMBERED = 8;

/** `key`: random, of the archive: the same text has another proof elsewhere. */
export function rememberedOf(text: string, instead: string, key: Buffer): Remembered {
  let sum = 0;
  const factor = factorOf(key);
  for (let at = 0; at < text.length; at++) sum = (Math.imul(sum, factor) + text.charCodeAt(at)) | 0;
  return { length: text.length, sketch: sum >>> 16, proof: proofOf(text, key), instead };
}

export function rememberedFinder(all: readonly Remembered[], key: Buffer): Finder {
  const factor = factorOf(key);
  const lengths = [...Map.groupBy(all, ({ length }) => length)].map(([length, group]) => {
    let first = 1;
    for (let power = 1; power < length; power++) first = Math.imul(first, factor);
    return { length, first, sketches: new Set(group.map(({ sketch }) => sketch)), known: new Map(group.map((each) => [each.proof, each])) };
  });
  lengths.sort((one, other) => other.length - one.length);

  function findOf({ length, first, sketches, known }: (typeof lengths)[number], text: string): Found[] {
    const found: Found[] = [];
    let sum = 0;
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      if (at - from >= length) sum = (sum - Math.imul(text.charCodeAt(at - length), first)) | 0;
      sum = (Math.imul(sum, factor) + text.charCodeAt(at)) | 0;
      if (at - from < length - 1 || !sketches.has(sum >>> 16)) continue;
      const start = at - length + 1;
      const each = known.get(proofOf(text.slice(start, at + 1), key));
      if (!each) continue;
      found.push({ start, end: at + 1, instead: each.instead });
      sum = 0;
      from = at + 1;
    }
    return found;
  }

  return {
    find(text) {
      const found: Found[] = [];
      // The longest first: a part of it may be remembered as well.
      for (const each of lengths) {
        if (each.length > text.length) continue;
        for (const one of findOf(each, text)) if (!found.some(({ start, end }) => one.start < end && start < one.end)) found.push(one);
      }
      return lengths.length > 1 ? found.toSorted((one, other) => one.start - other.start) : found;
    },
  };
}

/** Odd, so that no unit of a text is lost on the way. */
function factorOf(key: Buffer): number {
  return key.readInt32LE(0) | 1;
}

function proofOf(text: string, key: Buffer): string {
  // As UTF-16: half a surrogate pair is a text too.
  return createHmac('sha256', key).update(Buffer.from(text, 'utf16le')).digest('hex');
}
