import type { SQLOutputValue } from 'node:sqlite';
import type { ArchivedMessage, ArchivedPart, FilePart } from '../conversation.ts';
import type { Finder } from '../redaction/finder.ts';
import { redactMessage } from '../redaction/redact-message.ts';
import { type Note, redactJson, redactText } from '../redaction/redact-text.ts';
import { packMessage } from '../store/body.ts';
import type { Archive } from '../store/open.ts';
import { messageOfRow, messagesOf } from '../store/read.ts';
import { inTransaction } from '../store/transaction.ts';
import { titleFrom } from '../title.ts';

/** Where it is among conversations. */
export interface MessagePlaces {
  /** Rows of messages, by the row of their conversation; none: it is in what is said of the conversation itself. */
  messages: Map<number, number[]>;
  /** Ids of conversations whose own name has it: that is how they are told apart, and stays. */
  named: string[];
}

/** Messages of one transaction. */
const BATCH = 200;
/** Of a conversation besides its messages. */
const TOLD = ['title', 'project', 'branch', 'account', 'extras'] as const;

/** `conversations`: rows; only in these. */
export function findInMessages(
  { database }: Archive,
  finder: Finder,
  conversations: readonly number[] | undefined,
  note: Note,
): MessagePlaces {
  const places: MessagePlaces = { messages: new Map(), named: [] };
  const all = database.prepare('SELECT row FROM conversations ORDER BY row').all();
  const about = database.prepare('SELECT * FROM conversations WHERE row = ?');
  const messages = database.prepare('SELECT * FROM messages WHERE conversation = ? ORDER BY place');
  for (const row of conversations ?? all.map((each) => Number(each['row']))) {
    const found: number[] = [];
    for (const message of messages.iterate(row)) if (redactMessage(messageOfRow(message), finder, note)) found.push(Number(message['row']));
    const conversation = about.get(row);
    if (!conversation) continue;
    const isTold = Object.keys(cleanOf(conversation, finder, note)).length > 0;
    if (found.length > 0 || isTold) places.messages.set(row, found);
    const names = [conversation['key'], conversation['session']].filter((name) => typeof name === 'string');
    if (names.some((name) => finder.find(name).length > 0)) places.named.push(String(conversation['id']));
  }
  return places;
}

/**
 * Takes it out of them, and puts in what is kept instead of their files. Messages that it was in stay as they are from then on, whoever tells them
 * again. Some at a time; the index follows. Returns titles that are gone.
 */
export function redactMessages(
  archive: Archive,
  finder: Finder,
  { messages }: MessagePlaces,
  instead: ReadonlyMap<string, { sha256: string; size: number }>,
): string[] {
  const { database } = archive;
  const find = database.prepare('SELECT * FROM messages WHERE row = ?');
  const withFile = database.prepare(
    'SELECT message, conversation FROM message_files JOIN messages ON messages.row = message WHERE sha256 = ?',
  );
  const change = database.prepare('UPDATE messages SET hash = ?, encoding = ?, body = ? WHERE row = ?');
  const pin = database.prepare('INSERT OR IGNORE INTO redacted_messages (conversation, key) VALUES (?, ?)');
  const unname = database.prepare('DELETE FROM message_files WHERE message = ? AND sha256 = ?');
  const name = database.prepare('INSERT OR IGNORE INTO message_files (message, sha256) VALUES (?, ?)');
  const going = new Map([...messages].map(([conversation, rows]) => [conversation, new Set(rows)]));
  for (const sha256 of instead.keys())
    for (const { message, conversation } of withFile.all(sha256)) {
      const rows = going.get(Number(conversation)) ?? new Set<number>();
      going.set(Number(conversation), rows.add(Number(message)));
    }
  const titles: string[] = [];
  for (const [conversation, rows] of going) {
    const list = [...rows];
    for (let at = 0; at < list.length; at += BATCH) {
      inTransaction(database, () => {
        for (const row of list.slice(at, at + BATCH)) {
          const found = find.get(row);
          if (!found) continue;
          const before = messageOfRow(found);
          const after = withOtherFiles(redactMessage(before, finder, () => undefined) ?? before, instead);
          const { hash, encoding, body } = packMessage(after);
          change.run(hash, encoding, body, row);
          pin.run(conversation, before.key);
          for (const [old, now] of instead) if (unname.run(row, old).changes > 0) name.run(row, now.sha256);
        }
        revise(archive, conversation);
      });
    }
    inTransaction(database, () => titles.push(...redactHead(archive, conversation, finder)));
  }
  return titles;
}

export function nextRevision({ database }: Archive): number {
  const row = database
    .prepare(
      'SELECT max((SELECT coalesce(max(revision), 0) FROM conversations), (SELECT coalesce(max(revision), 0) FROM deletions)) AS last',
    )
    .get();
  return 1 + Number(row?.['last']);
}

function revise(archive: Archive, conversation: number): void {
  archive.database.prepare('UPDATE conversations SET revision = ? WHERE row = ?').run(nextRevision(archive), conversation);
}

type Row = Record<string, SQLOutputValue>;

function redactHead(archive: Archive, conversation: number, finder: Finder): string[] {
  const { database } = archive;
  const row = database.prepare('SELECT * FROM conversations WHERE row = ?').get(conversation);
  if (!row) return [];
  const clean: Record<string, string> = cleanOf(row, finder, () => undefined);
  const title = String(row['title']);
  // One that was made of the first question may have been cut within it.
  if (row['titled_by'] === 'question') clean['title'] = titleFrom([...messagesOf(archive, String(row['id']))]) ?? '';
  // From now on it is the user's: its source would tell the other one again.
  else if (clean['title'] !== undefined) database.prepare("UPDATE conversations SET titled_by = 'user' WHERE row = ?").run(conversation);
  for (const [column, value] of Object.entries(clean))
    database.prepare(`UPDATE conversations SET ${column} = ? WHERE row = ?`).run(value, conversation);
  database
    .prepare(
      'SELECT t.crowd, t.title FROM exchange_titles AS t JOIN exchange_threads AS th ON th.crowd = t.crowd WHERE th.conversation = ?',
    )
    .all(conversation)
    .forEach(({ crowd, title: named }) => {
      const changed = redactText(String(named), finder, () => undefined);
      if (changed !== named) database.prepare('UPDATE exchange_titles SET title = ? WHERE crowd = ?').run(changed, String(crowd));
    });
  revise(archive, conversation);
  return clean['title'] === undefined || clean['title'] === title ? [] : [title];
}

/** Columns of a conversation that change. */
function cleanOf(row: Row, finder: Finder, note: Note): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const column of TOLD) {
    const before = row[column];
    if (typeof before !== 'string') continue;
    const after = column === 'extras' ? redactJson(before, finder, note) : redactText(before, finder, note);
    if (after !== before) clean[column] = after;
  }
  return clean;
}

function withOtherFiles(message: ArchivedMessage, instead: ReadonlyMap<string, { sha256: string; size: number }>): ArchivedMessage {
  const fileOf = <Part extends ArchivedPart | FilePart>(part: Part): Part => {
    if (part.type !== 'file' || part.content.type !== 'stored') return part;
    const now = instead.get(part.content.sha256);
    return now ? { ...part, content: { type: 'stored', ...now } } : part;
  };
  const parts = message.parts.map((part): ArchivedPart =>
    part.type === 'tool-result'
      ? { ...part, content: part.content.map((each) => (each.type === 'file' ? fileOf(each) : each)) }
      : fileOf(part),
  );
  return { ...message, parts };
}
