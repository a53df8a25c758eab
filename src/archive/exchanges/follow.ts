import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { dialectOf } from '../../dialects/all.ts';
import { parseObject } from '../../exchange/json.ts';
import { recordedEntries } from '../../journal/disk-journal.ts';
import { openReader } from '../../journal/reader.ts';
import { openRecordToRead } from '../../journal/record/database.ts';
import { endedAfter, rowOfEnded, stateOf, type EndedPlace } from '../../journal/record/ended.ts';
import { getRecorded, type Recorded } from '../../journal/record/read.ts';
import type { Decoders } from '../../journal/replay.ts';
import { isAboutContent } from '../../journal/sqlite-file.ts';
import type { Chore } from '../chore.ts';
import type { Archive } from '../store/open.ts';
import { putInto } from '../store/put.ts';
import { messageOfRow } from '../store/read.ts';
import { inTransaction } from '../store/transaction.ts';
import { keptIn } from './kept.ts';
import { nodesIn } from './nodes.ts';
import { takeInto, type Ended } from './take.ts';
import { threadsIn } from './threads.ts';

/** Name in the table `marks`: how far the record has been read. */
const MARK = 'record';
/** Milliseconds of work in one step: a question waits no longer for its turn. */
const STEP = 20;
/** Exchanges in one step. */
const BATCH = 64;

const DECODERS: Decoders = {
  stream: (name) => dialectOf(name).decoder(),
  whole(name, body) {
    const json = parseObject(body.toString('utf8'));
    const decoded = json && dialectOf(name).decodeAnswer(json);
    return decoded?.ok ? decoded.value : [];
  },
};

export interface ExchangeFollower extends Chore {
  /** Also what a server that was killed has left in its log. */
  takeUnfolded(): void;
}

/**
 * Reads what has ended since the last time out of the record. Where it stands is written in the same transaction as what was read, so a crash
 * loses nothing and doubles nothing; nor do two processes that do it at the same time.
 */
export function exchangeFollower(archive: Archive, dataFolder: string): ExchangeFollower {
  const { database } = archive;
  const path = join(dataFolder, 'record.db');
  const kept = keptIn(archive);
  const { take } = takeInto({
    archive,
    // Who goes on with a session after it was deleted here, says it again.
    put: putInto(archive, { again: true }),
    nodes: nodesIn(archive),
    threads: threadsIn(archive),
    kept,
    dialect: dialectOf,
  });
  const readMark = database.prepare('SELECT value FROM marks WHERE name = ?');
  const writeMark = database.prepare(
    'INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const skip = database.prepare('INSERT INTO exchange_skips (exchange, reason) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const waiting = database.prepare('SELECT exchange, conversation, key FROM exchange_waiting');
  const waitsNoLonger = database.prepare('DELETE FROM exchange_waiting WHERE exchange = ?');
  const findMessage = database.prepare('SELECT * FROM messages WHERE conversation = ? AND key = ?');
  const headOf = database.prepare('SELECT key, updated_at FROM conversations WHERE row = ?');
  const put = putInto(archive, { again: true });

  /** The exchange that was read last. */
  function mark(): string | undefined {
    const value = readMark.get(MARK)?.['value'];
    return typeof value === 'string' ? value : undefined;
  }

  /** One that can't be taken does not stand in the way of the others; it is counted, and the server says so. */
  function takeOne(exchange: string, read: () => Recorded | undefined): void {
    if (kept.isPlaced(exchange)) return;
    database.exec('SAVEPOINT one');
    try {
      const recorded = read();
      if (recorded) take(endedOf(recorded));
    } catch (error) {
      if (!isAboutContent(error) || !database.isTransaction) throw error;
      database.exec('ROLLBACK TO one');
      skip.run(exchange, error instanceof Error ? error.message : String(error));
    }
    database.exec('RELEASE one');
  }

  /** What waited has been answered (by an exchange of its own), or is not wanted any more. */
  function settle(record: DatabaseSync): void {
    for (const { exchange, conversation, key } of waiting.all()) {
      const state = stateOf(record, String(exchange));
      if (state === 'deferred') continue;
      waitsNoLonger.run(String(exchange));
      if (state === 'answered') continue;
      const row = findMessage.get(Number(conversation), String(key));
      const head = headOf.get(Number(conversation));
      if (!row || !head || row['status'] !== 'deferred') continue;
      put.within({ source: 'understudy', key: String(head['key']) }, [{ ...messageOfRow(row), status: 'interrupted' }]);
    }
  }

  /** Without a lock on the archive: most looks find nothing. */
  function hasNews(record: DatabaseSync): boolean {
    const before = mark();
    return endedAfter(record, before === undefined ? 0 : rowOfEnded(record, before), 1).length > 0 || waiting.get() !== undefined;
  }

  return {
    step() {
      if (!existsSync(path)) return false;
      const opened = openRecordToRead(path, archive.key);
      // The server says what is wrong with its record.
      if (!opened.ok) return false;
      const record = opened.value;
      try {
        if (!hasNews(record)) return false;
        return inTransaction(database, () => {
          const before = mark();
          const from = before === undefined ? 0 : rowOfEnded(record, before);
          const end = performance.now() + STEP;
          let last: EndedPlace | undefined;
          for (const place of endedAfter(record, from, BATCH)) {
            takeOne(place.exchange, () => getRecorded(record, place.exchange));
            last = place;
            if (performance.now() > end) break;
          }
          if (last) writeMark.run(MARK, last.exchange);
          settle(record);
          return last !== undefined;
        });
      } finally {
        record.close();
      }
    },
    takeUnfolded() {
      const opened = existsSync(dataFolder) ? openReader(dataFolder, DECODERS, archive.key) : undefined;
      if (!opened?.ok) return;
      try {
        for (const recorded of opened.value.unfolded()) inTransaction(database, () => takeOne(recorded.summary.id, () => recorded));
      } finally {
        opened.value.close();
      }
    },
  };
}

function endedOf(recorded: Recorded): Ended {
  const { opening, summary, request } = recorded;
  return { opening, state: summary.state, request, entries: () => recordedEntries(recorded, DECODERS) };
}
