import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { dialectOf } from '../../dialects/all.ts';
import { parseObject } from '../../exchange/json.ts';
import { recordedEntries } from '../../journal/disk-journal.ts';
import { openReader } from '../../journal/reader.ts';
import { openRecordToRead } from '../../journal/record/database.ts';
import { endedAfter, rowOfEnded, stateOf } from '../../journal/record/ended.ts';
import { talksIn, type RecordedTalk } from '../../journal/record/read.ts';
import type { Decoders } from '../../journal/replay.ts';
import { isAboutContent } from '../../journal/sqlite-file.ts';
import type { Chore } from '../chore.ts';
import type { ArchivedMessage } from '../conversation.ts';
import { indexingOf } from '../search/indexing.ts';
import type { Archive } from '../store/open.ts';
import { putInto } from '../store/put.ts';
import { messageOfRow } from '../store/read.ts';
import { inTransaction } from '../store/transaction.ts';
import { keptIn } from './kept.ts';
import { nodesIn } from './nodes.ts';
import { takeInto } from './take.ts';
import { threadsIn } from './threads.ts';

/** Name in the table `marks`: how far the record has been read. */
const MARK = 'record';
/** Milliseconds of work in which one step reads; what it has read is then indexed, in some half of that: so long a question waits for its turn. */
const STEP = 12;
/** The same as time goes by. On a busy machine, where that is more, short steps would make the work twice as much. */
const PATIENCE = 50;
/** Exchanges in one step: each transaction, and what it adds to the index, costs as much as some ten of them. */
const BATCH = 256;

/** What targets' own bytes in the record mean. */
export const DECODERS: Decoders = {
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
 * loses nothing and doubles nothing; nor do two processes that do it at the same time. `batch` is for tests.
 */
export function exchangeFollower(archive: Archive, dataFolder: string, batch = BATCH): ExchangeFollower {
  const { database } = archive;
  const path = join(dataFolder, 'record.db');
  const kept = keptIn(archive);
  const indexing = indexingOf(archive);
  /** Since the step began; of the exchange that is being taken. */
  let written = new Map<number, Map<number, ArchivedMessage>>();
  let taken: [conversation: number, messages: ReadonlyMap<number, ArchivedMessage>][] = [];
  // Who goes on with a session after it was deleted here, says it again.
  const put = putInto(archive, { again: true, index: (conversation, messages) => taken.push([conversation, messages]) });
  const { take } = takeInto({ archive, put, nodes: nodesIn(archive), threads: threadsIn(archive), kept, dialect: dialectOf });
  const readMark = database.prepare('SELECT value FROM marks WHERE name = ?');
  const writeMark = database.prepare(
    'INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  const skip = database.prepare('INSERT INTO exchange_skips (exchange, reason) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const waiting = database.prepare('SELECT exchange, conversation, key FROM exchange_waiting');
  const waitsNoLonger = database.prepare('DELETE FROM exchange_waiting WHERE exchange = ?');
  const findMessage = database.prepare('SELECT * FROM messages WHERE conversation = ? AND key = ?');
  const headOf = database.prepare('SELECT key, updated_at FROM conversations WHERE row = ?');
  let record: Open | undefined;

  /** The exchange that was read last. */
  function mark(): string | undefined {
    const value = readMark.get(MARK)?.['value'];
    return typeof value === 'string' ? value : undefined;
  }

  function takeOne({ opening, state, request, packed }: Talk): void {
    take({ opening, state, request, entries: () => recordedEntries({ opening, packed }, DECODERS) });
    keep();
  }

  /** One that can't be taken does not stand in the way of the others; it is counted, and the server says so. */
  function takeOrSkip(talk: Talk): void {
    database.exec('SAVEPOINT one');
    try {
      takeOne(talk);
    } catch (error) {
      if (!isAboutContent(error) || !database.isTransaction) throw error;
      database.exec('ROLLBACK TO one');
      skip.run(talk.opening.id, error instanceof Error ? error.message : String(error));
      taken = [];
    }
    database.exec('RELEASE one');
  }

  function keep(): void {
    for (const [conversation, messages] of taken) {
      const known = written.get(conversation);
      if (!known) written.set(conversation, new Map(messages));
      else for (const [row, message] of messages) known.set(row, message);
    }
    taken = [];
  }

  /**
   * All of it, or nothing; with its words in the index. Savepoints make SQLite write twice as much as it would without them, so they are set only
   * where something can't be taken: it is then done once more, from the beginning.
   */
  function inOneGo<Value>(work: (takeEach: (talk: Talk) => void) => Value): Value {
    const go = (takeEach: (talk: Talk) => void): Value => {
      written = new Map();
      taken = [];
      return inTransaction(database, () => {
        const value = work(takeEach);
        if (written.size > 0) indexing.written(written);
        return value;
      });
    };
    try {
      return go(takeOne);
    } catch (error) {
      if (!isAboutContent(error)) throw error;
      return go(takeOrSkip);
    }
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
      keep();
    }
  }

  /** Without a lock on the archive: most looks find nothing. */
  function hasNews(record: DatabaseSync): boolean {
    const before = mark();
    return endedAfter(record, before === undefined ? 0 : rowOfEnded(record, before), 1).length > 0 || waiting.get() !== undefined;
  }

  function opened(): Open | undefined {
    if (record) return record;
    const found = existsSync(path) ? openRecordToRead(path, archive.key) : undefined;
    // The server says what is wrong with its record.
    if (!found?.ok) return undefined;
    return (record = { database: found.value, talks: talksIn(found.value) });
  }

  /** Nobody else's record, and not for longer than there is something to be read. */
  function shut(): void {
    record?.database.close();
    record = undefined;
  }

  function readOn({ database: from, talks }: Open): boolean {
    if (!hasNews(from)) return false;
    return inOneGo((takeEach) => {
      const before = mark();
      const began = performance.now();
      const worked = process.threadCpuUsage();
      let last: string | undefined;
      for (const talk of talks(before === undefined ? 0 : rowOfEnded(from, before), batch)) {
        takeEach(talk);
        last = talk.opening.id;
        const took = performance.now() - began;
        if (took > PATIENCE || (took > STEP && millisecondsSince(worked) > STEP)) break;
      }
      if (last !== undefined) writeMark.run(MARK, last);
      settle(from);
      return last !== undefined;
    });
  }

  return {
    step() {
      const open = opened();
      if (!open) return false;
      let isMore = false;
      try {
        isMore = readOn(open);
      } finally {
        if (!isMore) shut();
      }
      return isMore;
    },
    takeUnfolded() {
      const reader = existsSync(dataFolder) ? openReader(dataFolder, DECODERS, archive.key) : undefined;
      if (!reader?.ok) return;
      try {
        for (const { summary, ...talk } of reader.value.unfolded()) inOneGo((takeEach) => takeEach({ ...talk, state: summary.state }));
      } finally {
        reader.value.close();
      }
    },
    close: shut,
  };
}

function millisecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

type Talk = Omit<RecordedTalk, 'row'>;

interface Open {
  database: DatabaseSync;
  talks: ReturnType<typeof talksIn>;
}
