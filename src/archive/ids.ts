import { createHash } from 'node:crypto';
import type { SourceName } from './conversation.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** 16 letters of 5 bits: two of a million conversations have the same one with a probability below 1e-12. */
const LETTERS = 16;

/** A conversation's id, `c_` and 16 letters: made of its source and its key there, so that it is the same on every import. */
export function conversationId(source: SourceName, key: string): string {
  const hash = createHash('sha256').update(`${source}\n${key}`).digest();
  let id = 'c_';
  for (let letter = 0; letter < LETTERS; letter++) id += ALPHABET[hash[letter]! & 31]!;
  return id;
}

export function isConversationId(text: string): boolean {
  return /^c_[0-9a-hjkmnp-tv-z]{16}$/.test(text);
}
