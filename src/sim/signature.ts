import { hash } from './seeded.ts';

/**
 * The proof that a simulated vendor puts under its thinking. It is bound to nothing but the maker: what the strict checks
 * look for is a signature of another vendor.
 */
export function ownSignature(seed: string): string {
  const nonce = hash(seed).toString(16);
  return Buffer.from(`simulated-thinking:${nonce}:${hash(`simulated ${nonce}`).toString(16)}`).toString('base64');
}

export function isOwnSignature(signature: string): boolean {
  const [maker, nonce, proof] = Buffer.from(signature, 'base64').toString('utf8').split(':');
  return maker === 'simulated-thinking' && nonce !== undefined && proof === hash(`simulated ${nonce}`).toString(16);
}
