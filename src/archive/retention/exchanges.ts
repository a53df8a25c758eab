import type { Archive } from '../store/open.ts';

// A running server has the record to itself. What retention has removed meanwhile leaves it when somebody next has the folder to himself.

/** Within a transaction of the caller's. */
export function forgetLater({ database }: Archive, exchanges: readonly string[]): void {
  const later = database.prepare('INSERT OR IGNORE INTO exchanges_to_forget (exchange) VALUES (?)');
  for (const exchange of exchanges) later.run(exchange);
}

export function exchangesToForget({ database }: Archive): string[] {
  return database
    .prepare('SELECT exchange FROM exchanges_to_forget')
    .all()
    .map(({ exchange }) => String(exchange));
}

/** They are out of the record. */
export function forgotten({ database }: Archive): void {
  database.exec('DELETE FROM exchanges_to_forget');
}
