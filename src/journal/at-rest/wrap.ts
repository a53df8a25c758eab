import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { type DataKey, KEY_BYTES } from './data-key.ts';

/** A data key, encrypted with another key: AES-256-GCM. All three in base64. */
export interface WrappedKey {
  nonce: string;
  wrapped: string;
  tag: string;
}

/** How a passphrase became a key: scrypt (RFC 7914). */
export interface Stretched {
  kdf: 'scrypt';
  N: number;
  r: number;
  p: number;
  /** Base64. */
  salt: string;
}

/**
 * 128 MiB and about a third of a second for each guess: what OWASP recommends for scrypt (Password Storage Cheat Sheet). Argon2 is in node:crypto
 * since 24.7, marked as a release candidate, and only where OpenSSL 3.2 is.
 */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
/** Others than ours are taken from a header, which a stranger may have written: no more memory than this. */
const MOST_MEMORY = 1024 * 1024 * 1024;
const NONCE_BYTES = 12;

/** `about`: what the wrapped key belongs to; it can't be unwrapped as that of something else. */
export function wrapKey(key: DataKey, wrapping: Uint8Array, about: string): WrappedKey {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce);
  cipher.setAAD(Buffer.from(about));
  const wrapped = Buffer.concat([cipher.update(key), cipher.final()]);
  return { nonce: nonce.toString('base64'), wrapped: wrapped.toString('base64'), tag: cipher.getAuthTag().toString('base64') };
}

/** `undefined`: it is another key that it was wrapped with, or somebody has changed it. */
export function unwrapKey({ nonce, wrapped, tag }: WrappedKey, wrapping: Uint8Array, about: string): DataKey | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', wrapping, Buffer.from(nonce, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(about));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    const key = Buffer.concat([decipher.update(Buffer.from(wrapped, 'base64')), decipher.final()]);
    return key.length === KEY_BYTES ? key : undefined;
  } catch {
    return undefined;
  }
}

export function freshStretch(): Stretched {
  return { kdf: 'scrypt', ...COST, salt: randomBytes(16).toString('base64') };
}

/** Blocks for about a third of a second. Characters that look the same are the same (Unicode NFKC). Throws where the parameters are none. */
export function stretch(passphrase: string, { N, r, p, salt }: Stretched): Buffer {
  return scryptSync(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64'), KEY_BYTES, { N, r, p, maxmem: MOST_MEMORY });
}
