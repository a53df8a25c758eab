import type { Clock } from '../../exchange/clock.ts';
import type { OwnCounts } from './statement.ts';

/** Milliseconds that own requests back a report (status.md 3.2: a failure of one's own in the last 15 minutes). */
const SPAN = 15 * 60_000;
const STEP = 60_000;
/** Products counted at once; more of them than anybody uses. */
const MOST_PRODUCTS = 500;

/** Own requests to each product in the last 15 minutes, by the minute. */
export interface OwnRequests {
  heard(product: string, failed: boolean): void;
  of(product: string): OwnCounts;
}

export function ownRequests(clock: Pick<Clock, 'now'>): OwnRequests {
  const minutes = new Map<string, { minute: number; attempts: number; failures: number }[]>();

  function recent(product: string): { minute: number; attempts: number; failures: number }[] {
    const oldest = Math.floor((clock.now() - SPAN) / STEP);
    return (minutes.get(product) ?? []).filter(({ minute }) => minute > oldest);
  }

  return {
    heard(product, failed) {
      const minute = Math.floor(clock.now() / STEP);
      const kept = recent(product);
      const last = kept.at(-1);
      if (last?.minute === minute) {
        last.attempts++;
        if (failed) last.failures++;
      } else kept.push({ minute, attempts: 1, failures: failed ? 1 : 0 });
      // Moved to the end: the one that is first was used longest ago.
      minutes.delete(product);
      minutes.set(product, kept);
      if (minutes.size > MOST_PRODUCTS) minutes.delete(minutes.keys().next().value!);
    },
    of(product) {
      const kept = recent(product);
      const sum = (count: 'attempts' | 'failures'): number => kept.reduce((total, each) => total + each[count], 0);
      return { attempts: sum('attempts'), failures: sum('failures') };
    },
  };
}
