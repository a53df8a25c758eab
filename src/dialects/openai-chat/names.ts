import { createHash } from 'node:crypto';
import type { Tool } from '../../exchange/request.ts';

/** OpenAI's rule for names of functions and of JSON schemas. */
const LEGAL_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const NAME_LENGTH = 64;

/** OpenAI's rule for ids of tool calls, as its 400s state it. */
const LEGAL_ID = /^[A-Za-z0-9_-]{1,40}$/;

/** Mistral takes exactly nine letters and digits. */
const MISTRAL_ID = /^[A-Za-z0-9]{9}$/;

/**
 * A name that chat accepts: itself when it is legal, else what is legal of it and a hash of the whole, so that the same name becomes the same
 * everywhere in a conversation and two names stay two.
 */
export function wireName(name: string): string {
  if (LEGAL_NAME.test(name)) return name;
  const digest = hash(name).slice(0, 8);
  return `${name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, NAME_LENGTH - digest.length - 1)}_${digest}`;
}

/** The way back, for names in an answer: the tool that was sent under this name. */
export function originalName(wire: string, tools: readonly Tool[]): string {
  return tools.find((tool) => tool.type === 'function' && wireName(tool.name) === wire)?.name ?? wire;
}

/** An id that the vendor accepts, always the same for the same id. Calls and their results go through it alike. */
export function wireId(id: string, vendor: string): string {
  if (vendor === 'mistral') return MISTRAL_ID.test(id) ? id : hash(id).slice(0, 9);
  return LEGAL_ID.test(id) ? id : `call_${hash(id).slice(0, 32)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
