import { createHash } from 'node:crypto';
import { legalise } from './legal-names.ts';

/** OpenAI's limit for names of functions and of JSON schemas; the alphabet is the same as Anthropic's. */
const NAME_LENGTH = 64;

/**
 * A name that OpenAI accepts. Illegal characters are renamed in a way that the decoder of the answer undoes by itself. What is too long is
 * cut and told apart by a hash: the same name becomes the same everywhere in a conversation; `EncodedRequest.calls` is the way back.
 */
export function wireName(name: string): string {
  const legal = legalise(name);
  return legal.length <= NAME_LENGTH ? legal : `${legal.slice(0, NAME_LENGTH - 9)}_${hash(name).slice(0, 8)}`;
}

/** Whether the name alone does not tell what it was. */
export function isShortened(name: string): boolean {
  return legalise(name).length > NAME_LENGTH;
}

/** OpenAI's limit; other services allow 128 (ujisati/claude-code-provider-proxy#11, looplj/axonhub#1669). */
const USER_LENGTH = 64;

/** An end user's id that every service takes: Claude Code's is 150 characters of JSON, of which a hash tells as much and says less. */
export function wireUser(user: string): string {
  return user.length <= USER_LENGTH ? user : hash(user);
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
