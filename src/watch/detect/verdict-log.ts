import type { DatabaseSync } from 'node:sqlite';
import type { SaidVerdict } from '../incidents/bars.ts';
import type { Judgement, Verdict } from '../verdict.ts';

/** What was said of each key, in `watch.db`. Throws what SQLite throws. */
export interface VerdictLog {
  add(judgement: Judgement, now: number): void;
  /** The last word on each key, for a start. What was ill when nobody looked any more may be well by now: it is said to be unknown. */
  last(now: number): Pick<Judgement, 'key' | 'verdict' | 'since'>[];
  /** Of one key, oldest first, with the last word before. */
  since(key: string, from: number): SaidVerdict[];
  /** Somebody looks. Told now and then, so that a program that was killed leaves no verdict behind for the time in which it did not run. */
  alive(now: number): void;
}

/** A quarter of bars, and a while more. */
const KEEP = 100 * 86_400_000;
/** An outage outlasts a restart of Understudy, not a night without it. */
const REMEMBERED = 30 * 60_000;

export function createVerdictLog(database: DatabaseSync): VerdictLog {
  const insert = database.prepare(
    `INSERT INTO verdict_log (key, at, verdict, scope, score, summary) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (key, at) DO UPDATE SET verdict = excluded.verdict, scope = excluded.scope, score = excluded.score, summary = excluded.summary`,
  );
  const prune = database.prepare('DELETE FROM verdict_log WHERE at < ?');
  // SQLite takes the other columns out of the row that has the maximum: https://sqlite.org/lang_select.html#bareagg
  const newest = database.prepare('SELECT key, verdict, max(at) AS at FROM verdict_log GROUP BY key');
  const before = database.prepare('SELECT at, verdict FROM verdict_log WHERE key = ? AND at <= ? ORDER BY at DESC LIMIT 1');
  const after = database.prepare('SELECT at, verdict FROM verdict_log WHERE key = ? AND at > ? ORDER BY at');
  const life = database.prepare('SELECT at FROM watch_life');
  const live = database.prepare('INSERT INTO watch_life (id, at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET at = excluded.at');
  interface Row {
    key: string;
    at: number;
    verdict: Verdict;
  }
  const rows = (found: unknown): Row[] => found as Row[];

  return {
    add({ key, verdict, scope, score, summary }, now) {
      insert.run(key, Math.floor(now), verdict, scope ?? null, score, summary);
      prune.run(Math.floor(now - KEEP));
    },
    last(now) {
      const until = (life.get() as { at: number } | undefined)?.at;
      // Time in which nothing was watched is not time in which all was well.
      for (const { key, verdict, at } of rows(newest.all())) {
        if (verdict !== 'unknown')
          insert.run(key, Math.max(at + 1, Math.min(until ?? at, now)), 'unknown', null, 0, 'Understudy did not run.');
      }
      return rows(newest.all()).flatMap(({ key, at, verdict }) => {
        const [word] = verdict === 'unknown' ? rows(before.all(key, at - 1)) : [{ at, verdict }];
        const isFresh = verdict === 'unknown' ? now - at <= REMEMBERED : true;
        return word && isFresh && word.verdict !== 'unknown' ? [{ key, verdict: word.verdict, since: word.at }] : [];
      });
    },
    since(key, from) {
      return [...rows(before.all(key, from)), ...rows(after.all(key, from))].map(({ at, verdict }) => ({ at, verdict }));
    },
    alive: (now) => void live.run(Math.floor(now)),
  };
}
