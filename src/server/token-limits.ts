import type { Clock } from '../exchange/clock.ts';
import type { Fault } from '../exchange/fault.ts';
import type { Guest } from './access.ts';

/** How often, and how many at once, each holder of a token of `server.tokens` may ask. Starts anew with the server. */
export interface TokenLimits {
  /** A request comes in. Its end has to be told by what is returned; or why it is not taken, and from when on. */
  admit(name: string, limits: Pick<Guest, 'requests' | 'concurrency'>): { done: () => void } | { fault: Fault };
}

const SPANS: Record<string, number> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };
/** What is told to who has too many at once, in milliseconds: nobody knows when one of them ends. */
const SOON = 2000;

interface Holder {
  underWay: number;
  /** When requests were taken, oldest first, on the monotonic clock; only those that still count. */
  taken: number[];
}

export function createTokenLimits(clock: Clock): TokenLimits {
  const holders = new Map<string, Holder>();

  function tooOften(name: string, holder: Holder, requests: string): Fault | undefined {
    const [most, span] = requests.split('/') as [string, string];
    const now = clock.monotonic();
    const length = SPANS[span] ?? 0;
    const first = holder.taken.findIndex((at) => at > now - length);
    holder.taken = first < 0 ? [] : holder.taken.slice(first);
    const oldest = holder.taken.at(-Number(most));
    if (oldest === undefined) return undefined;
    const wait = oldest + length - now;
    const until = new Date(clock.now() + wait).toISOString().slice(11, 19);
    return limited(
      `${name} has sent ${most} requests within a ${span}, which is all that there may be (server.tokens.${name}.requests: ${requests}). The next one is taken from ${until} UTC on, in ${Math.ceil(wait / 1000)} s`,
      wait,
    );
  }

  return {
    admit(name, { requests, concurrency }) {
      const holder = holders.get(name) ?? { underWay: 0, taken: [] };
      holders.set(name, holder);
      if (concurrency !== undefined && holder.underWay >= concurrency) {
        const now = holder.underWay === 1 ? '1 request' : `${holder.underWay} requests`;
        return {
          fault: limited(
            `${name} has ${now} under way, and no more may be at once (server.tokens.${name}.concurrency: ${concurrency}). The next one is taken as soon as one of them is answered`,
            SOON,
          ),
        };
      }
      const fault = requests === undefined ? undefined : tooOften(name, holder, requests);
      if (fault) return { fault };
      if (requests !== undefined) holder.taken.push(clock.monotonic());
      holder.underWay += 1;
      let over = false;
      return {
        done() {
          if (!over) holder.underWay -= 1;
          over = true;
        },
      };
    },
  };
}

function limited(message: string, retryAfter: number): Fault {
  return { class: 'rate-limited', symptom: 'skipped', message: `${message}.`, retryAfter: Math.max(1, Math.ceil(retryAfter)) };
}
