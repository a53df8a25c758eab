import { createHash } from 'node:crypto';
import { legalise } from '../legal-names.ts';

/** OpenAI's rule for ids of tool calls, as its 400s state it. */
const LEGAL_ID = /^[A-Za-z0-9_-]{1,40}$/;

/** Mistral takes exactly nine letters and digits. */
const MISTRAL_ID = /^[A-Za-z0-9]{9}$/;

/** OpenAI's limit for names of functions and of JSON schemas; the alphabet is the same as Anthropic's. */
const NAME_LENGTH = 64;

/**
 * A name that chat accepts. Illegal characters are renamed in a way that the decoder of the answer undoes by itself. What is too long is
 * cut and told apart by a hash: the same name becomes the same everywhere in a conversation; `EncodedRequest.renamed` is the way back.
 */
export function wireName(name: string): string {
  const legal = legalise(name);
  return legal.length <= NAME_LENGTH ? legal : `${legal.slice(0, NAME_LENGTH - 9)}_${hash(name).slice(0, 8)}`;
}

/** Whether the name alone does not tell what it was. */
export function isShortened(name: string): boolean {
  return legalise(name).length > NAME_LENGTH;
}

/** An id that the vendor accepts, always the same for the same id. Calls and their results go through it alike. */
export function wireId(id: string, vendor: string): string {
  if (vendor === 'mistral') return MISTRAL_ID.test(id) ? id : hash(id).slice(0, 9);
  return LEGAL_ID.test(id) ? id : `call_${hash(id).slice(0, 32)}`;
}

/** OpenAI's limit; other services allow 128 (ujisati/claude-code-provider-proxy#11, looplj/axonhub#1669). */
const USER_LENGTH = 64;

/** An end user's id that every service takes: Claude Code's is 150 characters of JSON, of which a hash tells as much and says less. */
export function wireUser(user: string): string {
  return user.length <= USER_LENGTH ? user : hash(user);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
