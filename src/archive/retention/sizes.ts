import { openLedger } from '../protect/ledger.ts';
import type { Archive } from '../store/open.ts';
import type { Family } from './families.ts';
import { inPieces } from './pieces.ts';

/** Conversations that are measured at once. */
const BATCH = 100;
/** Conversations whose sizes are added up at once. */
const CONVERSATIONS = 1000;
/** Attachments that are looked at at once. */
const FILES = 500;

/**
 * What each family takes, in bytes, by the id that it is listed as: its messages as they are stored, its attachments, the copies of its transcripts.
 * A file that several have counts for the newest: it goes with that one. What the search index and the record have of them is not in it. Yields between pieces.
 */
export function* sizesOf(archive: Archive, families: readonly Family[]): Generator<void, Map<string, number>> {
  yield* measure(archive);
  const sizes = new Map<string, number>();
  const familyOfRow = new Map<number, Family>();
  yield* inPieces(families, (piece) => {
    for (const family of piece) for (const row of family.rows) familyOfRow.set(row, family);
  });
  const add = (family: Family | undefined, bytes: number): void => {
    if (family) sizes.set(family.id, (sizes.get(family.id) ?? 0) + bytes);
  };
  const bySession = new Map<string, Family>();
  const measured = archive.database.prepare(
    `SELECT row, source, key, session, bytes FROM conversations JOIN conversation_sizes ON conversation = row
     WHERE row > ? ORDER BY row LIMIT ${CONVERSATIONS}`,
  );
  for (let last = 0; ;) {
    const rows = measured.all(last);
    for (const { row, source, key, session, bytes } of rows) {
      const family = familyOfRow.get(Number(row));
      add(family, Number(bytes));
      for (const name of [key, session]) if (family && typeof name === 'string') bySession.set(`${String(source)} ${name}`, family);
    }
    if (rows.length < CONVERSATIONS) break;
    last = Number(rows.at(-1)!['row']);
    yield;
  }
  const page = archive.database.prepare(
    `SELECT sha256, size, (SELECT group_concat(DISTINCT conversation) FROM message_files JOIN messages ON messages.row = message
       WHERE message_files.sha256 = originals.sha256) AS conversations
     FROM originals WHERE sha256 > ? ORDER BY sha256 LIMIT ${FILES}`,
  );
  for (let last = ''; ;) {
    const rows = page.all(last);
    for (const { size, conversations } of rows) {
      if (typeof conversations !== 'string') continue;
      const holders = conversations.split(',').flatMap((row) => familyOfRow.get(Number(row)) ?? []);
      add(
        holders.reduce<Family | undefined>((newest, each) => (newest && timeOf(newest) >= timeOf(each) ? newest : each), undefined),
        Number(size),
      );
    }
    if (rows.length < FILES) break;
    last = String(rows.at(-1)!['sha256']);
    yield;
  }
  for (const { source, session, size, forgotten } of openLedger(archive).all())
    if (!forgotten && session !== undefined) add(bySession.get(`${source} ${session}`), size);
  return sizes;
}

function timeOf({ changedAt }: Family): number {
  return changedAt ?? Infinity;
}

/** Brings the table of sizes up to date. */
function* measure({ database }: Archive): Generator<void> {
  const next = database.prepare(
    `SELECT c.row, c.revision FROM conversations AS c LEFT JOIN conversation_sizes AS s ON s.conversation = c.row AND s.revision = c.revision
     WHERE c.row > ? AND s.conversation IS NULL ORDER BY c.row LIMIT ${BATCH}`,
  );
  const write = database.prepare(
    `INSERT OR REPLACE INTO conversation_sizes (conversation, revision, bytes)
     SELECT row, revision, coalesce((SELECT sum(length(body)) FROM messages WHERE conversation = conversations.row), 0) FROM conversations WHERE row = ?`,
  );
  for (let last = 0; ;) {
    const rows = next.all(last);
    for (const { row } of rows) write.run(Number(row));
    if (rows.length < BATCH) return;
    last = Number(rows.at(-1)!['row']);
    yield;
  }
}
