import { hkdfSync, randomBytes } from 'node:crypto';

/** What everything in a data folder is encrypted with: 32 random bytes. Whoever has it can read all of it. */
export type DataKey = Uint8Array;

export const KEY_BYTES = 32;

export function newDataKey(): DataKey {
  return randomBytes(KEY_BYTES);
}

/** A key of its own for each purpose, so that nothing that is done with one says anything about another: RFC 5869, SHA-256. */
export function derivedKey(key: DataKey, purpose: 'files' | 'databases' | 'names' | 'header', salt: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, `understudy ${purpose}`, KEY_BYTES));
}
