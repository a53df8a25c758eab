import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { driftOf, endOf, firstOf } from './documents.ts';
import { forEachShard, shardsOf } from './shards.ts';

/** A document that matches. */
export interface Hit {
  document: number;
  /** messages.row; of a title: minus conversations.row. */
  message: number;
  conversation: number;
  /** UTC milliseconds. */
  at: number;
  /** bm25 within its shard, the greater the better; 0 where it was not asked for, or where there are too many hits. */
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
  /** The expression that hits are weighed by, if they are to be. */
  weighed?: string;
  /** Milliseconds, of the clock's monotonic time. */
  deadline: number;
}

/** Documents of a shard that are weighed. Weighing goes by words alone, and filters may leave few of those that have them. */
const MOST_WEIGHED = 1000;
/** Matches in a title weigh more than those in pieces of names; in the order of COLUMNS. */
const WEIGHTS = '1.0, 0.6, 0.4, 3.0, 0.0';

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
      WHERE ${table} MATCH ? AND rowid >= ? AND rowid <= ? ORDER BY rowid DESC LIMIT ${MOST_WEIGHED}`,
  );

  /** bm25 counts all that a word is in, so it is left alone where there is too much of it to rank. */
  function weights(expression: string, found: readonly Found[], deadline: number): Map<number, number> {
    const weight = new Map<number, number>();
    for (const [shard, some] of Map.groupBy(found, ({ shard: one }) => one)) {
      if (clock.monotonic() > deadline) break;
      const documents = some.map(({ hit }) => hit.document);
      const rows = weigh(shard).all(expression, Math.min(...documents), Math.max(...documents));
      for (const row of rows) weight.set(Number(row['document']), -Number(row['weight']));
    }
    return weight;
  }

  return {
    find({ expression, from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER, branched, below, upTo, most, weighed, deadline }) {
      const first = firstOf(Math.max(0, from));
      const end = Math.min(below ?? Number.MAX_SAFE_INTEGER, to < 8.64e15 ? endOf(to, driftOf(database)) : Number.MAX_SAFE_INTEGER);
      let kept: Found[] = [];
      let more = false;
      let late: number | undefined;
      for (const { shard, oldest, newest } of shardsOf(database)) {
        if (newest < from || oldest >= to) continue;
        const last = more ? kept.at(-1)?.hit : undefined;
        if (last && newest < last.at) break;
        if (clock.monotonic() > deadline) {
          late = newest;
          break;
        }
        // Once there are enough, only newer ones count.
        const above = last ? Math.max(first, last.document + 1) : first;
        const statement = branched ? listBranched(shard) : list(shard);
        const rows = statement.all({ expression, first: above, end, upTo, from, to, limit: most + 1 });
        kept.push(...rows.map((row) => ({ shard, hit: hitOf(row) })));
        if (kept.length <= most) continue;
        more = true;
        kept = kept.toSorted((one, other) => other.hit.document - one.hit.document).slice(0, most);
      }
      const weight = weighed !== undefined && !more && late === undefined ? weights(weighed, kept, deadline) : undefined;
      const hits = kept.map(({ hit }) => ({ ...hit, weight: weight?.get(hit.document) ?? 0 }));
      return late === undefined ? { hits, more } : { hits, more: true, late };
    },
  };
}

interface Found {
  shard: number;
  hit: Omit<Hit, 'weight'>;
}

function hitsIn(table: string, join: string): string {
  return `
    SELECT f.rowid AS document, d.message, d.conversation, d.at
    FROM ${table} AS f CROSS JOIN search_documents AS d ON d.document = f.rowid ${join}
    WHERE ${table} MATCH :expression AND f.rowid >= :first AND f.rowid < :end AND d.message <= :upTo AND d.at >= :from AND d.at < :to
    ORDER BY f.rowid DESC LIMIT :limit`;
}

function hitOf(row: Record<string, unknown>): Found['hit'] {
  return {
    document: Number(row['document']),
    message: Number(row['message']),
    conversation: Number(row['conversation']),
    at: Number(row['at']),
  };
}
