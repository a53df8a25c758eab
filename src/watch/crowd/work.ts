import { hash } from 'node:crypto';

/**
 * Proof of work: a number that makes the hash of challenge, signature and itself begin with so many zero bits. It holds for one signature, which is for
 * one statement: work done once cannot be shown twice.
 */
export function hasWorked(challenge: string, signature: string, proof: number, bits: number): boolean {
  const digest = hash('sha256', `${challenge}.${signature}.${proof}`, 'buffer');
  return digest.readUInt32BE(0) < 2 ** (32 - bits);
}

/** More bits than this are not worked for: some minutes of one core. */
export const MOST_BITS = 26;
/** Attempts (1 µs each) between two chances for others. */
const SLICE = 5000;

/** `undefined`: it was given up. `pause` lets others go first. */
export async function work(
  challenge: string,
  signature: string,
  bits: number,
  { pause, signal }: { pause: () => Promise<void>; signal: AbortSignal },
): Promise<number | undefined> {
  for (let proof = 0; !signal.aborted; proof++) {
    if (hasWorked(challenge, signature, proof, bits)) return proof;
    if (proof % SLICE === SLICE - 1) await pause();
  }
  return undefined;
}
