import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Result } from '../../exchange/result.ts';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { type DatabaseKind, type DatabaseProblem, openDatabase } from '../../journal/sqlite-file.ts';
import type { ReadinessReport } from './report.ts';

const DRILLS: DatabaseKind = {
  /** `undd` */
  applicationId: 0x756e6464,
  migrations: new URL('./migrations/', import.meta.url),
  setAside: (path) => `move ${path} (and its -wal and -shm files) away: only the reports of earlier drills are in it`,
};

/** A drill as a list shows it. */
export interface DrillSummary {
  id: string;
  /** UTC milliseconds. */
  at: number;
  score: number;
  sentence: string;
  /** As in `ReadinessReport`. */
  ended: ReadinessReport['ended'];
}

/** Reports of drills, in `drills.db` of the data folder. */
export interface DrillStore {
  /** Newest first. */
  list(limit: number): DrillSummary[];
  get(id: string): ReadinessReport | undefined;
  put(report: ReadinessReport): void;
  close(): void;
}

/** Reports kept; a monthly drill makes twelve a year. */
const MOST = 200;

/** `key`: of an encrypted data folder. */
export function openDrillStore(folder: string, key?: DataKey): Result<DrillStore, DatabaseProblem> {
  const opened = openDatabase(join(folder, 'drills.db'), DRILLS, key);
  return opened.ok ? { ok: true, value: storeIn(opened.value) } : opened;
}

function storeIn(database: DatabaseSync): DrillStore {
  const listed = database.prepare(
    "SELECT id, at, score, report ->> 'sentence' AS sentence, report ->> 'ended' AS ended FROM drills ORDER BY at DESC LIMIT ?",
  );
  const one = database.prepare('SELECT report FROM drills WHERE id = ?');
  const insert = database.prepare('INSERT OR REPLACE INTO drills (id, at, score, report) VALUES (?, ?, ?, ?)');
  const prune = database.prepare('DELETE FROM drills WHERE id NOT IN (SELECT id FROM drills ORDER BY at DESC LIMIT ?)');
  return {
    list: (limit) =>
      listed.all(limit).map(({ id, at, score, sentence, ended }) => ({
        id: String(id),
        at: Number(at),
        score: Number(score),
        sentence: String(sentence),
        ended: String(ended) as ReadinessReport['ended'],
      })),
    get(id) {
      const row = one.get(id);
      return row === undefined ? undefined : (JSON.parse(String(row['report'])) as ReadinessReport);
    },
    put(report) {
      insert.run(report.id, report.at, report.score, JSON.stringify(report));
      prune.run(MOST);
    },
    close: () => database.close(),
  };
}
