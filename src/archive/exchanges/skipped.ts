import type { Archive } from '../store/open.ts';

/** How many exchanges could not be read into the archive: a fault of ours, which the record bears no harm from. */
export function skippedExchanges({ database }: Archive): number {
  return Number(database.prepare('SELECT count(*) AS count FROM exchange_skips').get()?.['count'] ?? 0);
}
