import { parseObject } from '../../exchange/json.ts';
import { openLedger, type KeptFile } from '../protect/ledger.ts';
import type { Archive } from '../store/open.ts';
import { findConversation, type ConversationSummary } from '../store/read.ts';

/** All that goes when conversations are deleted. */
export interface DeletionPlan {
  /** Those that were named, their sub-agents', and the same sessions as others tell them. */
  conversations: ConversationSummary[];
  /** Files that no other conversation has; SHA-256. */
  originals: string[];
  /** Export files that were kept whole when they were imported, and may hold them; SHA-256. */
  exports: string[];
  copies: KeptFile[];
  /** Copies of whole databases, which other sessions are in too: they stay. */
  shared: string[];
  exchanges: string[];
}

/** Short session ids could be part of any path. */
const SHORTEST_SESSION = 16;

export function planDeletion(archive: Archive, ids: readonly string[]): DeletionPlan {
  const { database } = archive;
  const family = database.prepare(`
    SELECT id FROM conversations WHERE (source, started_by) = (SELECT source, key FROM conversations WHERE id = :id)
    UNION SELECT id FROM conversations WHERE session = (SELECT session FROM conversations WHERE id = :id)`);
  const found = new Map<string, ConversationSummary>();
  const left = [...ids];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const conversation = found.has(id) ? undefined : findConversation(archive, id);
    if (!conversation) continue;
    found.set(id, conversation);
    left.push(...family.all({ id }).map((row) => String(row['id'])));
  }
  const conversations = [...found.values()];
  const going = JSON.stringify([...found.keys()]);
  const column = (sql: string, name: string): string[] =>
    database
      .prepare(`WITH going AS (SELECT row FROM conversations WHERE id IN (SELECT value FROM json_each(?))) ${sql}`)
      .all(going)
      .map((row) => String(row[name]));
  const originals = column(
    `SELECT DISTINCT sha256 FROM message_files AS theirs WHERE message IN (SELECT row FROM messages WHERE conversation IN going)
      AND NOT EXISTS (SELECT 1 FROM message_files AS others JOIN messages ON messages.row = message
        WHERE others.sha256 = theirs.sha256 AND conversation NOT IN going)`,
    'sha256',
  );
  return {
    conversations,
    originals,
    exports: exportsOf(archive, conversations),
    ...copiesOf(archive, conversations),
    exchanges: column('SELECT exchange FROM exchange_places WHERE conversation IN going', 'exchange'),
  };
}

/** Import remembers which reader has read which file (import/marks.ts). */
function exportsOf({ database }: Archive, conversations: readonly ConversationSummary[]): string[] {
  const sources = new Set(conversations.map(({ source }) => source as string));
  return database
    .prepare(
      `SELECT sha256, value FROM marks JOIN originals ON sha256 = substr(marks.name, 1 + length('import/file/'))
       WHERE marks.name >= 'import/file/' AND marks.name < 'import/file0' AND NOT EXISTS (SELECT 1 FROM message_files WHERE message_files.sha256 = originals.sha256)`,
    )
    .all()
    .filter(({ value }) => {
      const versions = parseObject(String(value))?.['versions'];
      // An export of our own has any source's.
      return typeof versions === 'string' && versions.split(/[ ,]+/).some((word) => word === 'understudy' || sources.has(word));
    })
    .map(({ sha256 }) => String(sha256));
}

function copiesOf(archive: Archive, conversations: readonly ConversationSummary[]): Pick<DeletionPlan, 'copies' | 'shared'> {
  const files = openLedger(archive).all();
  const copies = new Map<number, KeptFile>();
  const shared = new Set<string>();
  for (const { source, key, session } of conversations) {
    for (const file of files) {
      if (file.source !== source || file.forgotten) continue;
      const isIts = [key, session].some(
        (name) => name !== undefined && (file.session === name || (name.length >= SHORTEST_SESSION && file.path.includes(name))),
      );
      if (isIts) copies.set(file.row, file);
      else if (/\.(db|sqlite|vscdb)$/.test(file.path)) shared.add(file.copy);
    }
  }
  return { copies: [...copies.values()], shared: [...shared] };
}
