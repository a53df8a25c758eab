const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Source of randomness: fills and returns the array. */
export type Random = (bytes: Uint8Array) => Uint8Array;

/**
 * An exchange id: `x_` and 26 characters of Crockford base 32, 48 bits of UTC milliseconds and 80 random ones (the ULID
 * layout, in lower case), so ids sort by the time they were made.
 */
export function exchangeId(now: number, random: Random): string {
  let time = '';
  let rest = now;
  for (let digit = 0; digit < 10; digit++) {
    time = ALPHABET[rest % 32]! + time;
    rest = Math.floor(rest / 32);
  }
  let tail = '';
  const bytes = random(new Uint8Array(16));
  for (let at = 0; at < 16; at++) tail += ALPHABET[bytes[at]! & 31]!;
  return `x_${time}${tail}`;
}

/** UTC milliseconds at which an exchange id was made; `undefined` for what is not an exchange id. */
export function exchangeTime(id: string): number | undefined {
  if (!/^x_[0-9a-hjkmnp-tv-z]{26}$/.test(id)) return undefined;
  let time = 0;
  for (const digit of id.slice(2, 12)) time = time * 32 + ALPHABET.indexOf(digit);
  return time;
}

/** Bytes asked for at once: asking the system costs the same 5 µs for 4 KB as for 16 bytes. */
const POOL = 4096;

/** The same randomness, asked for in bulk. Each byte is given out once. */
export function pooled(random: Random): Random {
  const pool = new Uint8Array(POOL);
  let at = POOL;
  return (bytes) => {
    if (bytes.length > POOL) return random(bytes);
    if (at + bytes.length > POOL) {
      random(pool);
      at = 0;
    }
    bytes.set(pool.subarray(at, at + bytes.length));
    at += bytes.length;
    return bytes;
  };
}
