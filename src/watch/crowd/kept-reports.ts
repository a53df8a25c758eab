import type { DatabaseSync } from 'node:sqlite';
import type { Symptom } from './symptoms.ts';

export type ReportState = 'kept' | 'sent' | 'waiting' | 'refused' | 'late';

/** A report as it is kept here. Times are UTC ms. */
export interface KeptReport {
  id: number;
  at: number;
  /** `anthropic/chat`. */
  product: string;
  model?: string;
  symptom: Symptom;
  state: ReportState;
  /** Where it went, or is to go. */
  hub?: string;
  /** Canonical JSON, with its signature. */
  statement?: string;
  signature?: string;
  tries: number;
  /** When it is tried again. */
  nextTry?: number;
  /** Why it has not arrived: one sentence. */
  problem?: string;
}

export interface KeptReports {
  add(report: Omit<KeptReport, 'id' | 'tries'>): number;
  settle(id: number, outcome: Pick<KeptReport, 'state' | 'nextTry' | 'problem'>): void;
  /** Oldest first. */
  waiting(): KeptReport[];
  /** Since then, newest first. */
  since(at: number): KeptReport[];
  /** One of that product that a hub has, or is to get. */
  counted(product: string, hub: string, since: number): KeptReport | undefined;
  isKnown(hub: string, key: string): boolean;
  setKnown(hub: string, key: string, at: number): void;
}

const RETENTION = 90 * 86_400_000;
const MOST = 1000;

/** Reports in `watch.db`. Throws SQLite's errors. */
export function keptReports(database: DatabaseSync): KeptReports {
  const add = database.prepare(
    'INSERT INTO reports (at, product, model, symptom, state, hub, statement, signature, next_try) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const settle = database.prepare('UPDATE reports SET state = ?, next_try = ?, problem = ?, tries = tries + 1 WHERE id = ?');
  const waiting = database.prepare("SELECT * FROM reports WHERE state = 'waiting' ORDER BY id");
  const since = database.prepare('SELECT * FROM reports WHERE at >= ? ORDER BY id DESC');
  const counted = database.prepare(
    "SELECT * FROM reports WHERE product = ? AND hub = ? AND at > ? AND state IN ('sent', 'waiting') ORDER BY id LIMIT 1",
  );
  const prune = database.prepare('DELETE FROM reports WHERE at < ? OR id <= (SELECT max(id) FROM reports) - ?');
  const known = database.prepare('SELECT 1 FROM hub_keys WHERE hub = ? AND key = ?');
  const tell = database.prepare('INSERT OR REPLACE INTO hub_keys (hub, key, told_at) VALUES (?, ?, ?)');

  return {
    add({ at, product, model, symptom, state, hub, statement, signature, nextTry }) {
      const { lastInsertRowid } = add.run(
        at,
        product,
        model ?? null,
        symptom,
        state,
        hub ?? null,
        statement ?? null,
        signature ?? null,
        nextTry ?? null,
      );
      prune.run(at - RETENTION, MOST);
      return Number(lastInsertRowid);
    },
    settle(id, { state, nextTry, problem }) {
      settle.run(state, nextTry ?? null, problem ?? null, id);
    },
    waiting: () => waiting.all().map(read),
    since: (at) => since.all(at).map(read),
    counted(product, hub, at) {
      const row = counted.get(product, hub, at);
      return row && read(row);
    },
    isKnown: (hub, key) => known.get(hub, key) !== undefined,
    setKnown(hub, key, at) {
      tell.run(hub, key, at);
    },
  };
}

function read(row: Record<string, unknown>): KeptReport {
  const { id, at, product, model, symptom, state, hub, statement, signature, tries, next_try: nextTry, problem } = row;
  const optional = { model, hub, statement, signature, nextTry, problem };
  return {
    id,
    at,
    product,
    symptom,
    state,
    tries,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
  } as KeptReport;
}
