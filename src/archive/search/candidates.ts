import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { driftOf, endOf, firstOf } from './documents.ts';
import { newestFirst, type Found } from './newest-first.ts';
import { forEachShard, shardsOf } from './shards.ts';

/** A document that matches. */
export interface Hit {
  document: number;
  /** messages.row; of a title: minus conversations.row. */
  message: number;
  conversation: number;
  /** UTC milliseconds. */
  at: number;
  /** bm25 within its shard, the greater the better; 0 where it was not asked for, or where the words are too frequent. */
  weight: number;
}

export interface Hits {
  /** The newest ones, in no order. */
  hits: Hit[];
  /** There are older ones. */
  more: boolean;
  /** The time was up: shards whose newest document is this old were not looked at. */
  late?: number;
}

export interface Wanted {
  expression: string;
  /** UTC milliseconds. */
  from?: number;
  to?: number;
  branched: boolean;
  /** Only documents below this one; those above have been seen. */
  below?: number;
  /** Only messages that were in the archive when this search began: rows up to this one. */
  upTo: number;
  most: number;
  /** The expression that hits are weighed by, if they are to be; and the one that any of its words matches. */
  weighed?: { words: string; anyWord: string };
  /** Milliseconds, of the clock's monotonic time. */
  deadline: number;
}

/** Matches in a title weigh more than those in pieces of names; in the order of COLUMNS. */
const WEIGHTS = '1.0, 0.6, 0.4, 3.0, 0.0';

/**
 * bm25 counts all messages of a shard that a word is in, one by one, before it weighs the first: at a million messages 35 ms more for `the`, 14 for
 * `was`. Of hits that are only a part of all there are, words that are in more of a shard's messages than this are not weighed (their weight
 * would be next to nothing), which costs 4 ms at most.
 */
const FREQUENT = 1000;

export interface Finder {
  find(wanted: Wanted): Hits;
}

/** Finds hits: the newest shards first, and no more of them than it takes. Its statements are prepared once. */
export function finderOf(database: DatabaseSync, clock: Pick<Clock, 'monotonic'>): Finder {
  const list = forEachShard(database, (table) => hitsIn(table, ''));
  const listBranched = forEachShard(database, (table) =>
    hitsIn(table, 'CROSS JOIN conversations AS c ON c.row = d.conversation AND c.branches > 1'),
  );
  const weigh = forEachShard(
    database,
    (table) => `SELECT rowid AS document, bm25(${table}, ${WEIGHTS}) AS weight FROM ${table}
      WHERE ${table} MATCH ? AND rowid >= ? AND rowid <= ? AND +rowid IN (SELECT value FROM json_each(?))`,
  );
  const count = forEachShard(
    database,
    (table) => `SELECT count(*) AS count FROM (SELECT 1 FROM ${table} WHERE ${table} MATCH ? LIMIT ${FREQUENT + 1})`,
  );

  function isFrequent(expression: string, found: readonly Found[]): boolean {
    const shards = new Set(found.map(({ shard }) => shard));
    return [...shards].some((shard) => Number(count(shard).get(expression)?.['count']) > FREQUENT);
  }

  /**
   * Weighing goes by words alone: what filters have left out is stepped over, which costs much less than a weight.
   */
  function weights(expression: string, found: readonly Found[], deadline: number): Map<number, number> {
    const weight = new Map<number, number>();
    for (const [shard, some] of Map.groupBy(found, ({ shard: one }) => one)) {
      if (clock.monotonic() > deadline) break;
      const documents = some.map(({ hit }) => hit.document);
      const rows = weigh(shard).all(expression, Math.min(...documents), Math.max(...documents), JSON.stringify(documents));
      for (const row of rows) weight.set(Number(row['document']), -Number(row['weight']));
    }
    return weight;
  }

  return {
    find({ expression, from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER, branched, below, upTo, most, weighed, deadline }) {
      const first = firstOf(Math.max(0, from));
      const drift = driftOf(database);
      const end = Math.min(below ?? Number.MAX_SAFE_INTEGER, to < 8.64e15 ? endOf(to, drift) : Number.MAX_SAFE_INTEGER);
      const shards = shardsOf(database)
        .filter(({ oldest, newest }) => newest >= from && oldest < to)
        .map((shard) => ({ ...shard, end: endOf(shard.newest, drift) }));
      const isUp = (): boolean => clock.monotonic() > deadline;
      const merged = newestFirst(shards, isUp, ({ shard }) => {
        const statement = branched ? listBranched(shard) : list(shard);
        const rows = statement.iterate({ expression, first, end, upTo, from, to, limit: most + 1 });
        return { next: () => hitOf(rows.next().value), close: () => void rows.return?.() };
      });
      const { found, more, late } = merged.take(most);
      const isWeighed = weighed !== undefined && late === undefined && !(more && isFrequent(weighed.anyWord, found));
      const weight = isWeighed ? weights(weighed.words, found, deadline) : undefined;
      const hits = found.map(({ hit }) => ({ ...hit, weight: weight?.get(hit.document) ?? 0 }));
      return late === undefined ? { hits, more } : { hits, more: true, late };
    },
  };
}

function hitsIn(table: string, join: string): string {
  return `
    SELECT f.rowid AS document, d.message, d.conversation, d.at
    FROM ${table} AS f CROSS JOIN search_documents AS d ON d.document = f.rowid ${join}
    WHERE ${table} MATCH :expression AND f.rowid >= :first AND f.rowid < :end AND d.message <= :upTo AND d.at >= :from AND d.at < :to
    ORDER BY f.rowid DESC LIMIT :limit`;
}

function hitOf(row: Record<string, unknown> | undefined): Found['hit'] | undefined {
  return (
    row && {
      document: Number(row['document']),
      message: Number(row['message']),
      conversation: Number(row['conversation']),
      at: Number(row['at']),
    }
  );
}
