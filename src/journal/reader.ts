import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { err, ok } from '../exchange/result.ts';
import type { Result } from '../exchange/result.ts';
import type { DataKey } from './at-rest/data-key.ts';
import { filesOf } from './at-rest/files-of.ts';
import { recordedDetail, recordedEntries } from './disk-journal.ts';
import type { Files } from './files.ts';
import type { ExchangeDetail, ExchangeQuery, ExchangeSummary, LoggedEntry } from './journal.ts';
import { lockedProblem } from './at-rest/locked.ts';
import { select } from './live.ts';
import { whoHolds } from './lock.ts';
import type { Holder } from './lock.ts';
import { openRecordToRead } from './record/database.ts';
import type { RecordProblem } from './record/database.ts';
import { collector } from './record/collect.ts';
import { knownIn } from './record/fold.ts';
import { readPosition } from './record/folder.ts';
import { getRecorded, listRecorded } from './record/read.ts';
import type { Recorded } from './record/read.ts';
import { closed, openingOfTold, packEntries, summaryOfTold } from './record/told.ts';
import type { Decoders } from './replay.ts';
import { segmentName, segmentNumbers } from './segment.ts';

/** A data folder, read while a server runs on it or not. */
export interface JournalReader {
  /** Who writes in it now. */
  holder: Holder | undefined;
  /** The record can't be read: only what is still in the log is seen. */
  problem: RecordProblem | undefined;
  list(query: ExchangeQuery): ExchangeSummary[];
  get(id: string): ExchangeDetail | undefined;
  entries(id: string): LoggedEntry[] | undefined;
  /** What has not come into the record, because its server was killed. Nothing while one writes: it folds by itself. */
  unfolded(): Recorded[];
  close(): void;
}

/** Reads the log as it is now, and the record. Writes nothing. `key`: of an encrypted folder. The error is for people. */
export function openReader(folder: string, decoders: Decoders, key?: DataKey): Result<JournalReader, string> {
  if (!existsSync(folder)) return err(`${folder} does not exist: no server has saved anything there yet`);
  const locked = lockedProblem(folder, key);
  if (locked) return err(`${locked.reason}; ${locked.action}`);
  const files = filesOf(key);
  const { held, holder } = whoHolds(folder);
  const path = join(folder, 'record.db');
  const opened = existsSync(path) ? openRecordToRead(path, key) : undefined;
  const database = opened?.ok ? opened.value : undefined;
  const log = join(folder, 'log');

  const found = collector(
    log,
    database ? readPosition(database) : { segment: 0, offset: 0 },
    files,
    database ? knownIn(database) : () => false,
    () => undefined,
  );
  for (const segment of segmentNumbers(log, files))
    found.read(segment, sizeOf(join(log, segmentName(segment)), files), !held, () => undefined);
  const inLog = new Map(found.open().map((each) => [each.id, each]));

  function fromLog(id: string): Recorded | undefined {
    const each = inLog.get(id);
    if (!each) return undefined;
    const told = held ? found.tell(each) : closed(id, found.tell(each));
    return {
      summary: summaryOfTold(id, told),
      opening: openingOfTold(id, told),
      request: told.stored?.request,
      packed: packEntries(told.entries),
    };
  }

  function look(id: string): Recorded | undefined {
    return (database && getRecorded(database, id)) ?? fromLog(id);
  }

  return ok({
    holder: held ? holder : undefined,
    problem: opened && !opened.ok ? opened.error : undefined,
    list(query) {
      const running = [...inLog.keys()].flatMap((id) => fromLog(id)?.summary ?? []);
      return select([...(database ? listRecorded(database, query) : []), ...running], query);
    },
    get(id) {
      const recorded = look(id);
      return recorded && recordedDetail(recorded, decoders);
    },
    entries(id) {
      const recorded = look(id);
      return recorded && recordedEntries(recorded, decoders);
    },
    unfolded: () => (held ? [] : [...inLog.keys()].flatMap((id) => fromLog(id) ?? [])),
    close() {
      found.close();
      database?.close();
    },
  });
}

/** 0: a server has just folded and removed it. */
function sizeOf(path: string, files: Files): number {
  return existsSync(path) ? files.size(path) : 0;
}
