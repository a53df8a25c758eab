import type { DatabaseSync } from 'node:sqlite';
import type { Background } from './background.ts';

/** What usually fails of each model, in `watch.db`: it takes thousands of requests to learn. Throws what SQLite throws. */
export interface BackgroundStore {
  known(): Map<string, Background>;
  keep(backgrounds: ReadonlyMap<string, Background>, now: number): void;
}

/** What nobody has asked for so long is learned anew. */
const KEEP = 90 * 86_400_000;

export function createBackgroundStore(database: DatabaseSync): BackgroundStore {
  const all = database.prepare('SELECT key, asked, failed FROM failure_rates');
  const put = database.prepare(
    `INSERT INTO failure_rates (key, asked, failed, at) VALUES (?, ?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET asked = excluded.asked, failed = excluded.failed, at = excluded.at`,
  );
  const prune = database.prepare('DELETE FROM failure_rates WHERE at < ?');
  return {
    known: () =>
      new Map(
        (all.all() as unknown as ({ key: string } & Background)[]).map(({ key, asked, failed }) => [key, { asked, failed, pending: 0 }]),
      ),
    keep(backgrounds, now) {
      for (const [key, { asked, failed }] of backgrounds) if (asked > 0) put.run(key, asked, failed, Math.floor(now));
      prune.run(Math.floor(now - KEEP));
    },
  };
}
