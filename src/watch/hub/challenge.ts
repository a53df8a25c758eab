import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Challenge } from '../crowd/hub-answers.ts';
import { hasWorked, MOST_BITS } from '../crowd/work.ts';

/** Challenges are not kept: each says when it was given and how hard it is, and bears the hub's mark. */
export interface Challenges {
  give(now: number): Challenge;
  /** Whether it is one of these, still good, and its work was done for this signature. */
  isMet(challenge: string, signature: string, proof: number, now: number): 'met' | 'not-ours' | 'too-old' | 'not-met';
  /** Something was handed in: the more there is, the harder it gets. */
  heard(now: number): void;
}

/** Milliseconds in which the work has to be done. */
const GOOD_FOR = 10 * 60_000;
/** Statements a minute from which on one bit more is asked for, and again at each doubling. */
const BUSY = 600;
const MINUTE = 60_000;

/** `bits`: of work while little goes on; 18 take a quarter of a second. */
export function challenges(secret: Uint8Array, bits: number): Challenges {
  let minute = 0;
  let count = 0;
  let before = 0;

  function turn(now: number): void {
    const current = Math.floor(now / MINUTE);
    if (current === minute) return;
    before = current === minute + 1 ? count : 0;
    count = 0;
    minute = current;
  }

  function mark(text: string): Buffer {
    return createHmac('sha256', secret).update(text).digest();
  }

  return {
    give(now) {
      turn(now);
      const load = Math.max(before, count) / BUSY;
      const harder = load < 1 ? 0 : 1 + Math.floor(Math.log2(load));
      const wanted = Math.min(MOST_BITS - 4, bits + harder);
      // One challenge for all who ask in the same second would do as well: the work is for a signature.
      const text = `1.${now}.${Math.max(bits, wanted)}`;
      return { challenge: `${text}.${mark(text).toString('base64url')}`, bits: Math.max(bits, wanted), now };
    },
    isMet(challenge, signature, proof, now) {
      const [, text, given, wanted, shown] = /^(1\.(\d{1,16})\.(\d{1,2}))\.([\w-]{43})$/.exec(challenge) ?? [];
      if (text === undefined || !timingSafeEqual(mark(text), Buffer.from(shown!, 'base64url'))) return 'not-ours';
      if (now - Number(given) > GOOD_FOR || Number(given) > now + MINUTE) return 'too-old';
      return hasWorked(challenge, signature, proof, Number(wanted)) ? 'met' : 'not-met';
    },
    heard(now) {
      turn(now);
      count++;
    },
  };
}
