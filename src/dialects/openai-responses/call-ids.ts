import { hash } from '../openai-names.ts';

/** OpenAI's rule for `call_id`: 1 to 64 characters (its OpenAPI document), of the alphabet that its errors state. */
const LEGAL = /^[A-Za-z0-9_-]{1,64}$/;

/** An id that is accepted, always the same for the same id. Calls and their results go through it alike. */
export function wireCallId(id: string): string {
  return LEGAL.test(id) ? id : `call_${hash(id).slice(0, 32)}`;
}
