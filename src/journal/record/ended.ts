import type { DatabaseSync } from 'node:sqlite';

/** A finished exchange, in the order in which they were folded. `row`: of the table `answers`. */
export interface EndedPlace {
  row: number;
  exchange: string;
}

export function endedAfter(database: DatabaseSync, row: number, limit: number): EndedPlace[] {
  const rows = database.prepare('SELECT rowid AS place, exchange FROM answers WHERE rowid > ? ORDER BY rowid LIMIT ?').all(row, limit);
  return rows.map(({ place, exchange }) => ({ row: Number(place), exchange: String(exchange) }));
}

/**
 * The row behind which a reader goes on that has read up to this exchange: VACUUM numbers rows anew. 0, if it is not there any more:
 * everything before it has been taken out too, or this is another record.
 */
export function rowOfEnded(database: DatabaseSync, exchange: string): number {
  return Number(database.prepare('SELECT rowid AS place FROM answers WHERE exchange = ?').get(exchange)?.['place'] ?? 0);
}

/** As `ExchangeSummary.state`; `undefined`: it is not in the record. */
export function stateOf(database: DatabaseSync, exchange: string): string | undefined {
  const row = database.prepare('SELECT state FROM exchanges WHERE id = ?').get(exchange);
  return row && String(row['state']);
}
