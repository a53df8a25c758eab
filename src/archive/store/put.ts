import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { conversationId } from '../ids.ts';
import { titleFrom } from '../title.ts';
import { packMessage } from './body.ts';
import type { Archive } from './open.ts';

/** What putting a conversation into the archive came to. */
export interface Put {
  id: string;
  conversation: 'added' | 'changed' | 'same';
  messages: { added: number; changed: number; same: number };
}

const FIND = 'SELECT row, title, titled_by, updated_at FROM conversations WHERE source = ? AND key = ?';

const ADD = `
  INSERT INTO conversations (id, source, key, title, titled_by, status, messages, branches, revision)
  VALUES (?, ?, ?, '', 'question', 'complete', 0, 0, 0)`;

const REVISE = 'UPDATE conversations SET revision = (SELECT max(revision) + 1 FROM conversations) WHERE row = ?';

/** What the source no longer says stays as it was. */
const DESCRIBE = `
  UPDATE conversations SET
    title = :title, titled_by = :titled_by, created_at = coalesce(:created_at, created_at), updated_at = coalesce(:updated_at, updated_at),
    project = coalesce(:project, project), branch = coalesce(:branch, branch), account = coalesce(:account, account),
    session = coalesce(:session, session), started_by = coalesce(:started_by, started_by),
    started_at_message = coalesce(:started_at_message, started_at_message), current = coalesce(:current, current),
    extras = coalesce(:extras, extras)
  WHERE row = :row AND
    (title, titled_by, created_at, updated_at, project, branch, account, session, started_by, started_at_message, current, extras) IS NOT (:title, :titled_by, coalesce(:created_at, created_at), coalesce(:updated_at, updated_at), coalesce(:project, project),
      coalesce(:branch, branch), coalesce(:account, account), coalesce(:session, session), coalesce(:started_by, started_by),
      coalesce(:started_at_message, started_at_message), coalesce(:current, current), coalesce(:extras, extras))`;

const COUNT = `
  UPDATE conversations SET
    messages = (SELECT count(*) FROM messages WHERE conversation = :row),
    branches = (SELECT count(*) FROM messages AS leaf WHERE conversation = :row
      AND NOT EXISTS (SELECT 1 FROM messages AS next WHERE next.conversation = :row AND next.parent = leaf.key)),
    status = coalesce((SELECT status FROM messages WHERE conversation = :row ORDER BY place DESC LIMIT 1), 'complete'),
    created_at = coalesce(created_at, (SELECT min(at) FROM messages WHERE conversation = :row)),
    updated_at = coalesce(updated_at, (SELECT max(at) FROM messages WHERE conversation = :row)),
    (input_tokens, output_tokens, cost) =
      (SELECT sum(input_tokens), sum(output_tokens), sum(cost) FROM messages WHERE conversation = :row)
  WHERE row = :row`;

const KNOWN = 'SELECT row, hash FROM messages WHERE conversation = ? AND key = ?';

const PUT_MESSAGE = `
  INSERT INTO messages (conversation, key, parent, place, role, at, provider, model, status, hidden, input_tokens, output_tokens, cost,
    hash, encoding, body)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (conversation, key) DO UPDATE SET parent = excluded.parent, role = excluded.role, at = excluded.at,
    provider = excluded.provider, model = excluded.model, status = excluded.status, hidden = excluded.hidden,
    input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens, cost = excluded.cost,
    hash = excluded.hash, encoding = excluded.encoding, body = excluded.body
  RETURNING row`;

/** Puts conversations into one archive. Its statements are prepared once. */
export interface Putting {
  /**
   * Adds what is new of a conversation and changes what differs, in a transaction of its own. What is there and not told now
   * stays: an archive forgets nothing by itself. Of an older state of a conversation (by `updatedAt`) only what is missing is taken.
   * Putting the same again changes nothing. `messages` are in the order in which the source tells them.
   */
  conversation(head: ConversationHead, messages: readonly ArchivedMessage[]): Put;
}

export function putInto({ database }: Archive): Putting {
  const find = database.prepare(FIND);
  const add = database.prepare(ADD);
  const describe = database.prepare(DESCRIBE);
  const count = database.prepare(COUNT);
  const revise = database.prepare(REVISE);
  const known = database.prepare(KNOWN);
  const putMessage = database.prepare(PUT_MESSAGE);
  const lastPlace = database.prepare('SELECT coalesce(max(place), -1) AS place FROM messages WHERE conversation = ?');
  const nameFile = database.prepare('INSERT OR IGNORE INTO message_files (message, sha256) VALUES (?, ?)');

  function put(head: ConversationHead, messages: readonly ArchivedMessage[]): Put {
    const id = conversationId(head.source, head.key);
    const found = find.get(head.source, head.key);
    const row = found ? Number(found['row']) : Number(add.run(id, head.source, head.key).lastInsertRowid);
    const isOlder = head.updatedAt !== undefined && typeof found?.['updated_at'] === 'number' && head.updatedAt < found['updated_at'];
    const counts = { added: 0, changed: 0, same: 0 };
    let place = Number(lastPlace.get(row)?.['place']);

    for (const message of messages) {
      const packed = packMessage(message);
      const before = known.get(row, message.key);
      if (before && (isOlder || packed.hash.equals(before['hash'] as Uint8Array))) {
        counts.same += 1;
        continue;
      }
      counts[before ? 'changed' : 'added'] += 1;
      if (!before) place += 1;
      const written = putMessage.get(...columnsOf(row, place, message), packed.hash, packed.encoding, packed.body);
      for (const sha256 of filesOf(message)) nameFile.run(Number(written?.['row']), sha256);
    }

    const isChanged = counts.added + counts.changed > 0;
    const described = !isOlder && describe.run(describing(row, head, messages, found)).changes > 0;
    if (isChanged || !found) count.run({ row });
    if (isChanged || !found || described) revise.run(row);
    return { id, conversation: !found ? 'added' : isChanged || described ? 'changed' : 'same', messages: counts };
  }

  return {
    conversation: (head, messages) => inTransaction(database, () => put(head, messages)),
  };
}

/** All of it, or nothing. */
export function inTransaction<Value>(database: DatabaseSync, work: () => Value): Value {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = work();
    database.exec('COMMIT');
    return value;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function describing(
  row: number,
  head: ConversationHead,
  messages: readonly ArchivedMessage[],
  found: Record<string, unknown> | undefined,
): Record<string, SQLInputValue> {
  return {
    row,
    ...titleOf(head, messages, found),
    created_at: whole(head.createdAt),
    updated_at: whole(head.updatedAt),
    project: head.project ?? null,
    branch: head.branch ?? null,
    account: head.account ?? null,
    session: head.session ?? null,
    started_by: head.startedBy?.key ?? null,
    started_at_message: head.startedBy?.message ?? null,
    current: head.current ?? null,
    extras: head.extras === undefined ? null : JSON.stringify(head.extras),
  };
}

/** A user's own title stays; a source's goes before ours. */
function titleOf(
  { title }: ConversationHead,
  messages: readonly ArchivedMessage[],
  found: Record<string, unknown> | undefined,
): { title: string; titled_by: string } {
  const before = found && { title: String(found['title']), titled_by: String(found['titled_by']) };
  if (before?.titled_by === 'user') return before;
  if (title !== undefined && title.trim() !== '') return { title, titled_by: 'source' };
  if (before && before.title !== '') return before;
  return { title: titleFrom(messages) ?? '', titled_by: 'question' };
}

function columnsOf(row: number, place: number, message: ArchivedMessage): SQLInputValue[] {
  const { key, parent, role, at, producer, status, hidden, usage, cost } = message;
  return [
    row,
    key,
    parent ?? null,
    place,
    role,
    whole(at),
    producer?.provider ?? null,
    producer?.model ?? null,
    status,
    hidden ? 1 : 0,
    whole(usage?.input),
    whole(usage?.output),
    cost ?? null,
  ];
}

/** Sources are not trusted to count in integers. */
function whole(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : Math.round(value);
}

function filesOf({ parts }: ArchivedMessage): string[] {
  return parts.flatMap((part) => {
    const within = part.type === 'tool-result' ? part.content : [part];
    return within.flatMap((each) => (each.type === 'file' && each.content.type === 'stored' ? [each.content.sha256] : []));
  });
}
