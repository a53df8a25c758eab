import { hash } from '../openai-names.ts';

/** OpenAI's rule for ids of tool calls, as its 400s state it. */
const LEGAL_ID = /^[A-Za-z0-9_-]{1,40}$/;

/** Mistral takes exactly nine letters and digits. */
const MISTRAL_ID = /^[A-Za-z0-9]{9}$/;

/** An id that the vendor accepts, always the same for the same id. Calls and their results go through it alike. */
export function wireId(id: string, vendor: string): string {
  if (vendor === 'mistral') return MISTRAL_ID.test(id) ? id : hash(id).slice(0, 9);
  return LEGAL_ID.test(id) ? id : `call_${hash(id).slice(0, 32)}`;
}
