/** 32-bit FNV-1a of a string's UTF-16 units: stable across machines, good enough to pick words with. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789';

/** An id as vendors make them: `prefix` and `length` letters and digits, or others of an alphabet. */
export function vendorId(prefix: string, length: number, seed: string, alphabet = LETTERS): string {
  const next = seeded(hash(seed));
  let id = prefix;
  for (let index = 0; index < length; index++) id += alphabet[Math.floor(next() * alphabet.length)]!;
  return id;
}
