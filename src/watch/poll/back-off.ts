import type { Clock } from '../../exchange/clock.ts';
import type { FetchProblem } from './fetch-page.ts';

/** Which hosts are left alone for now, because they have asked for it or do not want us. */
export interface BackOff {
  /** Milliseconds for which an address is not asked, and what it said. */
  remaining(url: string): { wait: number; problem: string } | undefined;
  /** `alone`: of an address that the page can do without; a refusal of that may mean it alone, and its host is still asked for others. */
  failed(url: string, problem: FetchProblem, alone: boolean): void;
  worked(url: string): void;
}

/** Milliseconds after the first refusal: a usual interval between two looks. Doubles up to the most. */
const FIRST = 300_000;
const MOST = 3_600_000;
/** What is said to programs that ask too often or are not wanted: research/status.md, 0.5 and 1.1. */
const REFUSALS = new Set([403, 405, 429]);

interface Refused {
  times: number;
  /** Monotonic. */
  until: number;
  problem: string;
}

export function createBackOff(clock: Pick<Clock, 'monotonic'>): BackOff {
  /** By host, and by address for those that were refused alone. */
  const refused = new Map<string, Refused>();

  return {
    remaining(url) {
      const now = clock.monotonic();
      const waits = [hostOf(url), url].flatMap((key) => refused.get(key) ?? []).filter(({ until }) => until > now);
      const longest = waits.toSorted((one, other) => other.until - one.until)[0];
      return longest && { wait: longest.until - now, problem: longest.problem };
    },
    failed(url, problem, alone) {
      const refusal = problem.type === 'challenge' || REFUSALS.has(problem.status ?? 0);
      if (!refusal && problem.retryAfter === undefined) return;
      const key = alone && problem.status !== 429 ? url : hostOf(url);
      const times = refusal ? (refused.get(key)?.times ?? 0) + 1 : 0;
      const own = refusal ? Math.min(MOST, FIRST * 2 ** (times - 1)) : 0;
      const wait = Math.max(own, problem.retryAfter ?? 0);
      refused.set(key, { times, until: clock.monotonic() + wait, problem: problem.message });
    },
    worked(url) {
      refused.delete(hostOf(url));
      refused.delete(url);
    },
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
