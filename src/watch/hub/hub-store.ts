import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import type { Random } from '../../exchange/ids.ts';
import type { CrowdState } from '../crowd/hub-answers.ts';
import type { Standing } from './rule.ts';

export interface Change {
  id: number;
  /** UTC ms. */
  at: number;
  key: string;
  was: CrowdState;
  state: CrowdState;
}

/** `model` may be empty: not said. */
export interface Slice {
  at: number;
  product: string;
  model: string;
  country: string;
  symptom: string;
  reports: number;
}

/** A hub's database. Every change of one quarter of a second is one transaction. Throws SQLite's errors. */
export interface HubStore {
  /** 32 random bytes, made once: what keys are hashed with, and challenges are marked with. */
  secret: Uint8Array;
  /** UTC ms of its first start. */
  since: number;
  /** The day (since 1970) on which a key was first seen. */
  firstDay(tag: Uint8Array): number | undefined;
  seen(tag: Uint8Array, day: number): void;
  keyCount(): number;
  /** UTC ms of this key's report of that product, where there is one. */
  spokeAt(tag: Uint8Array, product: string): number | undefined;
  speak(tag: Uint8Array, product: string, at: number): void;
  count(slice: Omit<Slice, 'reports'>): void;
  setScore(key: string, at: number, total: { reports: number; score: number }): void;
  scores(key: string, from: number, to: number): { at: number; reports: number; score: number }[];
  modelsOf(product: string): string[];
  slices(from: number, to: number, product?: string): Slice[];
  standings(): Map<string, Standing>;
  setStanding(key: string, standing: Standing): void;
  change(change: Omit<Change, 'id'>): void;
  /** Newest first. */
  changes(limit: number): Change[];
  prune(now: number): void;
  close(): void;
}

const TOGETHER = 250;
const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

/** `trouble`: what was counted in the last moment could not be written (a full disk). */
export function hubStore(database: DatabaseSync, clock: Clock, random: Random, trouble: (error: unknown) => void): HubStore {
  const prepare = (sql: string): ReturnType<DatabaseSync['prepare']> => database.prepare(sql);
  const one = {
    fact: prepare('SELECT value FROM facts WHERE name = ?'),
    setFact: prepare('INSERT INTO facts (name, value) VALUES (?, ?)'),
    firstDay: prepare('SELECT first_day FROM keys WHERE tag = ?'),
    seen: prepare('INSERT INTO keys (tag, first_day, last_day) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET last_day = excluded.last_day'),
    keys: prepare('SELECT count(*) AS count FROM keys'),
    spoke: prepare('SELECT at FROM spoken WHERE tag = ? AND product = ?'),
    speak: prepare('INSERT OR REPLACE INTO spoken (tag, product, at) VALUES (?, ?, ?)'),
    count: prepare(
      'INSERT INTO bins (at, product, model, country, symptom, reports) VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET reports = reports + 1',
    ),
    // A bin that a restart has cut in two is the sum of both.
    setScore: prepare(
      'INSERT INTO scores (key, at, reports, score) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET reports = reports + excluded.reports, score = score + excluded.score',
    ),
    scores: prepare('SELECT at, reports, score FROM scores WHERE key = ? AND at >= ? AND at < ? ORDER BY at'),
    models: prepare('SELECT DISTINCT key FROM scores WHERE key > ? AND key < ?'),
    slices: prepare('SELECT * FROM bins WHERE at >= ? AND at < ? ORDER BY at, product, model, country, symptom'),
    slicesOf: prepare('SELECT * FROM bins WHERE at >= ? AND at < ? AND product = ? ORDER BY at, model, country, symptom'),
    standings: prepare('SELECT key, standing FROM standings'),
    setStanding: prepare('INSERT OR REPLACE INTO standings (key, standing) VALUES (?, ?)'),
    dropStanding: prepare('DELETE FROM standings WHERE key = ?'),
    change: prepare('INSERT INTO changes (at, key, was, state) VALUES (?, ?, ?, ?)'),
    changes: prepare('SELECT id, at, key, was, state FROM changes ORDER BY id DESC LIMIT ?'),
  };
  const prunes = [
    [prepare('DELETE FROM keys WHERE last_day < ?'), (now: number) => Math.floor(now / DAY) - 180],
    [prepare('DELETE FROM spoken WHERE at < ?'), (now: number) => now - HOUR],
    [prepare('DELETE FROM bins WHERE at < ?'), (now: number) => now - 8 * DAY],
    [prepare('DELETE FROM scores WHERE at < ?'), (now: number) => now - 29 * DAY],
    [prepare('DELETE FROM changes WHERE at < ? OR id <= (SELECT max(id) FROM changes) - 5000'), (now: number) => now - 90 * DAY],
  ] as const;
  let open = false;
  let ending: (() => void) | undefined;

  function write(change: () => void): void {
    if (!open) {
      database.exec('BEGIN IMMEDIATE');
      open = true;
      ending = clock.after(TOGETHER, commit);
    }
    change();
  }

  function commit(): void {
    ending?.();
    ending = undefined;
    if (!open) return;
    open = false;
    try {
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      trouble(error);
    }
  }

  function fact<Value>(name: string, make: () => Value): Value {
    const kept = one.fact.get(name);
    if (kept) return kept['value'] as Value;
    const made = make();
    one.setFact.run(name, made as number | Uint8Array);
    return made;
  }

  return {
    secret: fact('secret', () => random(new Uint8Array(32))),
    since: fact('since', () => clock.now()),
    firstDay: (tag) => one.firstDay.get(tag)?.['first_day'] as number | undefined,
    seen: (tag, day) => write(() => one.seen.run(tag, day, day)),
    keyCount: () => Number(one.keys.get()?.['count']),
    spokeAt: (tag, product) => one.spoke.get(tag, product)?.['at'] as number | undefined,
    speak: (tag, product, at) => write(() => one.speak.run(tag, product, at)),
    count: ({ at, product, model, country, symptom }) => write(() => one.count.run(at, product, model, country, symptom)),
    setScore: (key, at, { reports, score }) => write(() => one.setScore.run(key, at, reports, score)),
    scores: (key, from, to) => one.scores.all(key, from, to) as unknown as { at: number; reports: number; score: number }[],
    // '0' comes behind '/'.
    modelsOf: (product) => one.models.all(`${product}/`, `${product}0`).map(({ key }) => String(key).slice(product.length + 1)),
    slices: (from, to, product) =>
      (product === undefined ? one.slices.all(from, to) : one.slicesOf.all(from, to, product)) as unknown as Slice[],
    standings: () => new Map(one.standings.all().map(({ key, standing }) => [String(key), JSON.parse(String(standing)) as Standing])),
    setStanding(key, standing) {
      const isOrdinary = standing.state === 'none' && standing.below.length === 0 && standing.since === 0;
      write(() => (isOrdinary ? one.dropStanding.run(key) : one.setStanding.run(key, JSON.stringify(standing))));
    },
    change: ({ at, key, was, state }) => write(() => one.change.run(at, key, was, state)),
    changes: (limit) => one.changes.all(limit) as unknown as Change[],
    prune(now) {
      for (const [statement, before] of prunes) write(() => void statement.run(before(now)));
    },
    close() {
      commit();
      database.close();
    },
  };
}
