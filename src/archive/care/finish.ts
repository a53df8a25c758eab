import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataKey } from '../../journal/at-rest/data-key.ts';
import { openArchive, openArchiveToRead, type Archive } from '../store/open.ts';
import { rememberedIn } from '../store/redactions.ts';
import type { Finder } from '../redaction/finder.ts';
import { finishErasures } from './delete.ts';
import { nextRevision, redactMessages } from './redact-messages.ts';
import { findInOriginals, forgetOriginals, removeForgotten, rewriteOriginals } from './redact-originals.ts';
import { inTransaction } from '../store/transaction.ts';
import { holdForErasing, unfinishedErasures, type Erasure } from './erasing.ts';

/** What a deletion or a redaction that was cut off has left to do; nothing, where the archive can't be read: others say why. */
export function unfinishedIn(dataFolder: string, key?: DataKey): Erasure[] {
  if (!existsSync(join(dataFolder, 'archive.db'))) return [];
  const opened = openArchiveToRead(dataFolder, key);
  if (!opened.ok) return [];
  try {
    return unfinishedErasures(opened.value.database);
  } catch {
    // An older schema: nothing was begun there.
    return [];
  } finally {
    opened.value.close();
  }
}

/** Before a server starts: it can be done by itself unless the text has to be told again. Returns what is still to be done. Throws what SQLite and node:fs throw. */
export function finishBeforeStart(dataFolder: string, key: DataKey | undefined, now: number): Erasure[] {
  const opened = openArchive(dataFolder, key);
  if (!opened.ok) return [];
  try {
    const held = holdForErasing(opened.value, dataFolder, now);
    if (held.ok) {
      try {
        finishErasures(opened.value, held.value, now);
      } finally {
        held.value.close();
      }
    }
    return unfinishedErasures(opened.value.database);
  } finally {
    opened.value.close();
  }
}

/** What was taken out everywhere before; `undefined`: nothing that is remembered. */
export function rememberedEverywhere({ database }: Archive): Finder | undefined {
  return rememberedIn(database, []);
}

/** What was taken out is let in again from now on. A redaction that was cut off is not spoken of any more. Returns how many texts were remembered. */
export function forgetRedactions({ database }: Archive): number {
  const { changes } = database.prepare('DELETE FROM redactions').run();
  database.exec(
    "DELETE FROM redacted_messages; DELETE FROM redacted_files; DELETE FROM erasures WHERE kind = 'redact' AND stage = 'taking'",
  );
  return Number(changes);
}

/** Originals that were kept since then (UTC ms) lose what was taken out everywhere before. Returns how many had it. */
export async function cleanImported(archive: Archive, since: number, now: number): Promise<number> {
  const { database } = archive;
  const finder = rememberedEverywhere(archive);
  if (!finder) return 0;
  const fresh = database.prepare('SELECT sha256 FROM originals WHERE kept_at >= ?').all(Math.floor(since));
  const sha256s = fresh.map(({ sha256 }) => String(sha256));
  const found = await findInOriginals(archive, sha256s, finder, () => undefined);
  const instead = rewriteOriginals(archive, found, finder, now);
  redactMessages(archive, finder, { messages: new Map(), named: [] }, instead);
  if (instead.size > 0) inTransaction(database, () => forgetOriginals(archive, instead, nextRevision(archive)));
  removeForgotten(archive);
  return found.length;
}
