import type { DatabaseSync } from 'node:sqlite';
import type { ProbeOutcome } from './outcome.ts';

/** Probes that were made, in `watch.db`: what they found, and what they have cost. Throws what SQLite throws. */
export interface ProbeLog {
  add(target: string, outcome: Exclude<ProbeOutcome, { type: 'not-asked' }>, now: number): void;
  /** Since the beginning of the UTC day, also over a restart. */
  today(now: number): { asked: number; dollars: number };
}

const DAY = 86_400_000;
/** Milliseconds: for a look back at last week. */
const KEEP = 8 * DAY;

export function createProbeLog(database: DatabaseSync): ProbeLog {
  const insert = database.prepare('INSERT INTO probes (at, target, answered, took, symptom, status, cost) VALUES (?, ?, ?, ?, ?, ?, ?)');
  const prune = database.prepare('DELETE FROM probes WHERE at < ?');
  const sum = database.prepare('SELECT count(*) AS asked, total(cost) AS dollars FROM probes WHERE at >= ?');
  return {
    add(target, outcome, now) {
      const fault = outcome.type === 'failed' ? outcome.fault : undefined;
      const took = Math.round(outcome.took);
      insert.run(Math.floor(now), target, Number(!fault), took, fault?.symptom ?? null, fault?.status ?? null, outcome.cost ?? null);
      prune.run(Math.floor(now - KEEP));
    },
    today(now) {
      const row = sum.get(Math.floor(now / DAY) * DAY) as { asked: number; dollars: number };
      return { asked: row.asked, dollars: row.dollars };
    },
  };
}
