import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import type { Finder } from '../redaction/finder.ts';
import { redactJson } from '../redaction/redact-text.ts';
import { redactMessage } from '../redaction/redact-message.ts';
import { rememberedFinder, rememberedOf, SHORTEST_REMEMBERED, type Remembered } from '../redaction/remembered.ts';

/** What was taken out of the archive before, seen by whoever puts something in. */
export interface Redactions {
  /** Of a conversation, by its id: what must not come in again; `undefined`: nothing. */
  finderFor(conversation: string): Finder | undefined;
  head(head: ConversationHead, finder: Finder): ConversationHead;
  message(message: ArchivedMessage, finder: Finder): ArchivedMessage;
  /** A message that stays as it is, whatever is told of it. */
  isPinned(conversation: number, key: string): boolean;
}

/** Name in the table `marks`. */
const KEY = 'redaction/key';

export function redactionsIn(database: DatabaseSync): Redactions {
  const newest = database.prepare('SELECT coalesce(max(row), 0) AS newest, count(*) AS count FROM redactions');
  const pinned = database.prepare('SELECT 1 FROM redacted_messages WHERE conversation = ? AND key = ?');
  let state = '';
  let everywhere: Finder | undefined;
  let some = new Set<string>();

  /** Another process may have taken something out since. */
  function refresh(): void {
    const row = newest.get();
    const now = `${Number(row?.['newest'])} ${Number(row?.['count'])}`;
    if (now === state) return;
    state = now;
    everywhere = rememberedIn(database, []);
    const named = database.prepare('SELECT DISTINCT conversation FROM redactions WHERE conversation IS NOT NULL').all();
    some = new Set(named.map(({ conversation }) => String(conversation)));
  }

  return {
    finderFor(conversation) {
      refresh();
      return some.has(conversation) ? rememberedIn(database, [conversation]) : everywhere;
    },
    head(head, finder) {
      const { title, extras, project, branch, account } = head;
      const clean = redactJson(JSON.stringify({ title, extras, project, branch, account }), finder, () => undefined);
      return { ...head, ...(JSON.parse(clean) as Partial<ConversationHead>) };
    },
    message: (message, finder) => redactMessage(message, finder, () => undefined) ?? message,
    isPinned: (conversation, key) => pinned.get(conversation, key) !== undefined,
  };
}

/** What is remembered for everywhere, and for conversations (by their ids). */
export function rememberedIn(database: DatabaseSync, conversations: readonly string[]): Finder | undefined {
  const rows = database
    .prepare(
      'SELECT length, sketch, proof, instead FROM redactions WHERE conversation IS NULL OR conversation IN (SELECT value FROM json_each(?))',
    )
    .all(JSON.stringify(conversations));
  const all = rows.map(({ length, sketch, proof, instead }): Remembered => ({
    length: Number(length),
    sketch: Number(sketch),
    proof: String(proof),
    instead: String(instead),
  }));
  return all.length === 0 ? undefined : rememberedFinder(all, redactionKey(database));
}

/** Remembers texts for everywhere, or for conversations (by their ids). Within the caller's transaction. Returns how many are too short for that. */
export function rememberTexts(
  database: DatabaseSync,
  texts: ReadonlyMap<string, string>,
  conversations: readonly string[] | undefined,
  now: number,
): number {
  const key = redactionKey(database);
  const add = database.prepare(
    'INSERT OR IGNORE INTO redactions (conversation, length, sketch, proof, instead, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  let short = 0;
  for (const [text, instead] of texts) {
    if (text.length < SHORTEST_REMEMBERED) {
      short += 1;
      continue;
    }
    const { length, sketch, proof } = rememberedOf(text, instead, key);
    for (const conversation of conversations ?? [null]) add.run(conversation, length, sketch, proof, instead, Math.round(now));
  }
  return short;
}

/** Of this archive only: two archives' proofs of one text are not the same. */
export function redactionKey(database: DatabaseSync): Buffer {
  const find = database.prepare('SELECT value FROM marks WHERE name = ?');
  database.prepare('INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING').run(KEY, randomBytes(32).toString('hex'));
  return Buffer.from(String(find.get(KEY)?.['value']), 'hex');
}
