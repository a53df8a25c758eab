import { createHash } from 'node:crypto';

/**
 * `Invalid function name. Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores (_), dots (.), colons
 * (:), or dashes (-), with a maximum length of 64`, says the API (kaitranntt/ccs#25, March 2026); the SDK's comments allow 128 by now.
 * A name that is renamed comes back by `EncodedRequest.calls`, so the stricter limit costs nothing.
 */
const LEGAL = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/;
const LONGEST = 64;

/** A name that Gemini takes; always the same for the same name. What had to be changed ends in a hash, so that two never meet. */
export function wireName(name: string): string {
  if (LEGAL.test(name)) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const kept = name.replace(/[^a-zA-Z0-9_.:-]/g, '_').replace(/^(?![a-zA-Z_])/, '_');
  return `${kept.slice(0, LONGEST - 9)}_${digest}`;
}
