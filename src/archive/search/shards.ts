import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * The words are in tables of at most this many documents (FTS5 tables `search_<shard>`), filled one after the other. Ranking a very
 * common word, or collecting the words with a common beginning, then costs what one shard costs (some ms), and a search that has
 * found enough in the newest shards leaves the others alone. Also merging, and taking something out for good, stay small.
 */
export const SHARD_SIZE = 32_768;

/** In order. `inner`: pieces of compound names; `facets`: what filters ask for (facets.ts). */
export const COLUMNS = ['body', 'reasoning', 'inner', 'title', 'facets'] as const;

export interface Shard {
  shard: number;
  documents: number;
  /** UTC milliseconds. */
  oldest: number;
  newest: number;
}

export function tableOf(shard: number): string {
  return `search_${shard}`;
}

export function shardsOf(database: DatabaseSync): Shard[] {
  return database
    .prepare('SELECT shard, documents, oldest, newest FROM search_shards ORDER BY newest DESC, shard DESC')
    .all()
    .map((row) => ({
      shard: Number(row['shard']),
      documents: Number(row['documents']),
      oldest: Number(row['oldest']),
      newest: Number(row['newest']),
    }));
}

/** A shard with room, and how much. */
export function openShard(database: DatabaseSync, size: number): { shard: number; room: number } {
  const last = database.prepare('SELECT shard, documents FROM search_shards ORDER BY shard DESC LIMIT 1').get();
  if (last && Number(last['documents']) < size) return { shard: Number(last['shard']), room: size - Number(last['documents']) };
  const shard = last ? Number(last['shard']) + 1 : 1;
  database.exec(`CREATE VIRTUAL TABLE ${tableOf(shard)} USING fts5(${COLUMNS.join(', ')}, content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2 tokenchars '_'")`);
  database.prepare('INSERT INTO search_shards (shard, documents, oldest, newest) VALUES (?, 0, ?, 0)').run(shard, Number.MAX_SAFE_INTEGER);
  return { shard, room: size };
}

/** Pages that are merged in one piece: some 20 ms. */
const PIECE = 200;

/**
 * A full shard is brought into its final form, one segment, which is the quickest to search; a piece at a time, as writers wait meanwhile.
 * Within the caller's transaction. False: all are in it.
 */
export function tidy(database: DatabaseSync, size: number): boolean {
  const next = database
    .prepare(
      `SELECT min(shard) AS shard FROM search_shards WHERE documents >= ? AND shard > coalesce((SELECT value FROM search_facts WHERE name = 'tidied'), 0)`,
    )
    .get(size)?.['shard'];
  if (typeof next !== 'number') return false;
  const table = tableOf(next);
  const changes = (): number => Number(database.prepare('SELECT total_changes() AS count').get()?.['count']);
  const before = changes();
  // https://sqlite.org/fts5.html#the_merge_command: negative begins a merge of all segments; fewer than two changes: nothing was left to do.
  database.exec(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', -${PIECE})`);
  if (changes() - before < 2) {
    database.exec(
      `INSERT INTO search_facts (name, value) VALUES ('tidied', ${next}) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    );
  }
  forgetRowId(database);
  return true;
}

/** Also what was taken out is then gone from its pages. */
export function optimize(database: DatabaseSync, shard: number): void {
  database.exec(`INSERT INTO ${tableOf(shard)} (${tableOf(shard)}) VALUES ('optimize')`);
  forgetRowId(database);
}

/**
 * FTS5 leaves the row id of a page of its own behind when it takes something out or merges; those are above 2^53, and every later `run` of
 * this connection, of whatever statement, would fail to say it as a number. So FTS5's own deletes go through `all`, and then this.
 */
export function forgetRowId(database: DatabaseSync): void {
  database.exec('INSERT OR REPLACE INTO search_queue (message) VALUES (0); DELETE FROM search_queue WHERE message = 0');
}

export function dropShards(database: DatabaseSync): void {
  for (const { shard } of shardsOf(database)) database.exec(`DROP TABLE ${tableOf(shard)}`);
  database.exec('DELETE FROM search_shards');
}

/** Statements that are made once for each shard. */
export function forEachShard(database: DatabaseSync, sql: (table: string) => string): (shard: number) => StatementSync {
  const prepared = new Map<number, StatementSync>();
  return (shard) => {
    const known = prepared.get(shard);
    if (known) return known;
    const statement = database.prepare(sql(tableOf(shard)));
    prepared.set(shard, statement);
    return statement;
  };
}
