import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { filesOf } from '../../journal/at-rest/files-of.ts';
import { openRecord } from '../../journal/record/database.ts';
import { folder } from '../../journal/record/folder.ts';
import { segmentNumbers } from '../../journal/segment.ts';
import { inTransaction } from '../store/transaction.ts';

/** The caller holds the data folder's lock: nobody else writes into its log and its record. */
export interface Forgetting {
  database: DatabaseSync;
  /** Moves what is still in the log into the record, as the next start of a server would. Returns how many segments could not go. */
  emptyLog(): number;
  /** Takes exchanges out of the record, with the pieces of requests that nothing else has. */
  forget(exchanges: readonly string[]): void;
  close(): void;
}

/** Of a piece's name. */
export const HASH_BYTES = 32;

/** `undefined`: there is no record. `key`: of an encrypted data folder. Throws what SQLite and node:fs throw. */
export function forgettingIn(dataFolder: string, key: DataKey | undefined): Forgetting | undefined {
  const path = join(dataFolder, 'record.db');
  const log = join(dataFolder, 'log');
  if (!existsSync(path)) return undefined;
  const opened = openRecord(path, key);
  const files = filesOf(key);
  if (!opened.ok) throw new Error(`${opened.error.reason}; ${opened.error.action}`);
  const record = opened.value;
  record.exec('PRAGMA secure_delete = ON');
  return {
    database: record,
    emptyLog() {
      const first = (segmentNumbers(log, files).at(-1) ?? 0) + 1;
      const folding = folder(log, first, record, files, { damaged: () => undefined, unfit: () => undefined });
      try {
        folding.recover();
        folding.clean(first);
      } finally {
        folding.close();
      }
      return segmentNumbers(log, files).length;
    },
    forget(exchanges) {
      inTransaction(record, () => {
        const going = new Set(exchanges);
        const pieces = piecesOnlyIn(record, going);
        const removeExchange = record.prepare('DELETE FROM exchanges WHERE id = ?');
        for (const id of going) removeExchange.run(id);
        const removePiece = record.prepare('DELETE FROM pieces WHERE hash = ?');
        for (const hash of pieces) removePiece.run(Buffer.from(hash, 'latin1'));
      });
      shrink(record);
    },
    close: () => record.close(),
  };
}

/** Writes a database anew without what was deleted, and empties the log beside it. */
export function shrink(database: DatabaseSync): void {
  database.exec('VACUUM');
  const row = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
  if (row?.['busy'] !== 0) throw new Error('another process reads the database, and what was deleted is still in its -wal file');
}

function piecesOnlyIn(record: DatabaseSync, going: ReadonlySet<string>): Set<string> {
  const theirs = new Set<string>();
  const others = new Set<string>();
  const rows = record.prepare("SELECT exchange, request FROM answers WHERE request_form = 'pieces'");
  for (const { exchange, request } of rows.iterate()) {
    if (!(request instanceof Uint8Array)) continue;
    const into = going.has(String(exchange)) ? theirs : others;
    const bytes = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
    for (let at = 0; at < bytes.length; at += HASH_BYTES) into.add(bytes.toString('latin1', at, at + HASH_BYTES));
  }
  for (const hash of others) theirs.delete(hash);
  return theirs;
}
