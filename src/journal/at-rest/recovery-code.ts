import { randomBytes } from 'node:crypto';

/** Crockford's: no letter can be taken for a digit (https://www.crockford.com/base32.html). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const WHOLE = new RegExp(`^[${ALPHABET}]+$`);
/** 160 bits: nobody guesses them, however fast. */
const CHARACTERS = 32;
const GROUP = 4;

/** Something to be printed and put away: `7H2K-…`, eight groups of four. */
export function newRecoveryCode(): string {
  const characters = [...randomBytes(CHARACTERS)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
  return characters.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-');
}

/** As it was printed, however it was typed: small letters, other separators, O for 0, I and L for 1. `undefined`: it is none. */
export function readRecoveryCode(typed: string): string | undefined {
  const characters = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (characters.length !== CHARACTERS || !WHOLE.test(characters)) return undefined;
  return characters.match(new RegExp(`.{${GROUP}}`, 'g'))!.join('-');
}
