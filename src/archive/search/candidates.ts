import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../exchange/clock.ts';
import { driftOf, endOf, firstOf } from './documents.ts';
import { shardsOf, tableOf } from './shards.ts';

/** A document that matches. */
export interface Hit {
  document: number;
  /** messages.row; of a title: minus conversations.row. */
  message: number;
  conversation: number;
  /** UTC milliseconds. */
  at: number;
  /** bm25 within its shard, the greater the better; 0 where it was not asked for. */
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
  weighed: boolean;
  /** Milliseconds, of the clock's monotonic time. */
  deadline: number;
}

/** Matches in a title weigh more than those in pieces of names; in the order of COLUMNS. */
const WEIGHTS = '1.0, 0.6, 0.4, 3.0, 0.0';

export interface Finder {
  find(wanted: Wanted): Hits;
}

/** Finds hits: the newest shards first, and no more of them than it takes. Its statements are prepared once. */
export function finderOf(database: DatabaseSync, clock: Pick<Clock, 'monotonic'>): Finder {
  const prepared = new Map<string, StatementSync>();

  function statement(shard: number, weighed: boolean, branched: boolean): StatementSync {
    const name = `${shard} ${weighed} ${branched}`;
    const known = prepared.get(name);
    if (known) return known;
    const table = tableOf(shard);
    const made = database.prepare(`
      SELECT f.rowid AS document, d.message, d.conversation, d.at, ${weighed ? `bm25(${table}, ${WEIGHTS})` : '0'} AS weight
      FROM ${table} AS f CROSS JOIN search_documents AS d ON d.document = f.rowid
      ${branched ? 'CROSS JOIN conversations AS c ON c.row = d.conversation AND c.branches > 1' : ''}
      WHERE ${table} MATCH :expression AND f.rowid >= :first AND f.rowid < :end AND d.message <= :upTo AND d.at >= :from AND d.at < :to
      ORDER BY f.rowid DESC LIMIT :limit`);
    prepared.set(name, made);
    return made;
  }

  return {
    find({ expression, from = Number.MIN_SAFE_INTEGER, to = Number.MAX_SAFE_INTEGER, branched, below, upTo, most, weighed, deadline }) {
      const first = firstOf(Math.max(0, from));
      const end = Math.min(below ?? Number.MAX_SAFE_INTEGER, to < 8.64e15 ? endOf(to, driftOf(database)) : Number.MAX_SAFE_INTEGER);
      const kept: Hit[] = [];
      let more = false;
      let oldestKept = Number.NEGATIVE_INFINITY;
      for (const shard of shardsOf(database)) {
        if (shard.newest < from || shard.oldest >= to) continue;
        if (more && shard.newest < oldestKept) break;
        if (clock.monotonic() > deadline) return { hits: kept, more: true, late: shard.newest };
        const rows = statement(shard.shard, weighed, branched).all({ expression, first, end, upTo, from, to, limit: most + 1 });
        for (const row of rows) kept.push(hitOf(row));
        if (kept.length <= most) continue;
        more = true;
        kept.sort((one, other) => other.document - one.document);
        kept.length = most;
        oldestKept = kept.at(-1)?.at ?? oldestKept;
      }
      return { hits: kept, more };
    },
  };
}

function hitOf(row: Record<string, unknown>): Hit {
  return {
    document: Number(row['document']),
    message: Number(row['message']),
    conversation: Number(row['conversation']),
    at: Number(row['at']),
    weight: -Number(row['weight']),
  };
}
