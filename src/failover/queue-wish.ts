import { duration } from '../journal/units.ts';

/** What is to become of a request that nobody can answer now. `allow`: it is kept. `wait`: that, and its client holds on for so many milliseconds. */
export type QueueWish = { type: 'off' } | { type: 'allow' } | { type: 'wait'; ms: number };

/** How long a client holds on that does not say how long: as long as the SDKs of OpenAI and Anthropic wait for an answer by default. */
const USUAL_WAIT = 10 * 60_000;
/** Nobody's connection lives longer, and by then what is kept is given up by default. */
const LONGEST_WAIT = 24 * 3_600_000;

/** `off`, `allow`, `wait` (ten minutes), `wait=30m`. `undefined`: none of these. */
export function queueWish(text: string): QueueWish | undefined {
  const [word, time, ...more] = text.trim().toLowerCase().split('=');
  if (more.length > 0) return undefined;
  if (time === undefined) {
    if (word === 'off' || word === 'allow') return { type: word };
    return word === 'wait' ? { type: 'wait', ms: USUAL_WAIT } : undefined;
  }
  const ms = duration.safeParse(time);
  if (word !== 'wait' || !ms.success || ms.data === 0 || ms.data > LONGEST_WAIT) return undefined;
  return { type: 'wait', ms: ms.data };
}
