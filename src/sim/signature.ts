import type { SimDialect } from './asked.ts';
import { hash } from './seeded.ts';

/**
 * The proof that a simulated vendor puts under its reasoning (Anthropic's signature, OpenAI's encrypted content, Gemini's thought
 * signature). It is bound to nothing but the maker: what the strict checks look for is a proof of another vendor.
 */
export function ownSignature(maker: SimDialect, seed: string): string {
  const nonce = hash(seed).toString(16).padStart(8, '0');
  return Buffer.from(`simulated ${maker}:${nonce}:${proof(maker, nonce)}`).toString('base64');
}

export function isOwnSignature(maker: SimDialect, signature: string): boolean {
  const [name, nonce, proven] = Buffer.from(signature, 'base64').toString('utf8').split(':');
  return name === `simulated ${maker}` && nonce !== undefined && proven === proof(maker, nonce);
}

function proof(maker: SimDialect, nonce: string): string {
  return hash(`${maker} ${nonce}`).toString(16).padStart(8, '0');
}
