import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** An Ed25519 public key in DER is these bytes and the 32 of the key itself (RFC 8410, section 4). */
const PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** 64 bytes, base64url. */
export function signatureOf(text: string, key: KeyObject): string {
  return sign(null, Buffer.from(text), key).toString('base64url');
}

/** `key`: the public one, 32 bytes in base64url. Whatever is no key or no signature did not sign it. */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  const bytes = Buffer.from(key, 'base64url');
  const signed = Buffer.from(signature, 'base64url');
  if (bytes.length !== 32 || signed.length !== 64) return false;
  // One spelling for one thing: base64 has several for the last character.
  if (bytes.toString('base64url') !== key || signed.toString('base64url') !== signature) return false;
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([PREFIX, bytes]), format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text), publicKey, signed);
  } catch {
    return false;
  }
}

export function publicHalf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PREFIX.length).toString('base64url');
}
