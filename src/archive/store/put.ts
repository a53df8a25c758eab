import type { SQLInputValue } from 'node:sqlite';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { conversationId } from '../ids.ts';
import { indexingOf } from '../search/indexing.ts';
import { titleFrom } from '../title.ts';
import { packMessage } from './body.ts';
import type { Archive } from './open.ts';
import { inTransaction } from './transaction.ts';

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

const REVISE = `
  UPDATE conversations SET revision = (
    SELECT max((SELECT max(revision) FROM conversations), (SELECT coalesce(max(revision), 0) FROM deletions)) + 1) WHERE row = ?`;

const IS_DELETED = 'SELECT 1 FROM deletions WHERE id = ? AND lifted = 0';

/** What the source no longer says stays as it was. */
const DESCRIBE = `
  UPDATE conversations SET
    title = :title, titled_by = :titled_by, created_at = coalesce(:created_at, created_at), updated_at = coalesce(:updated_at, updated_at),
    project = coalesce(:project, project), branch = coalesce(:branch, branch), account = coalesce(:account, account),
    session = coalesce(:session, session), started_by = coalesce(:started_by, started_by),
    started_at_message = coalesce(:started_at_message, started_at_message), current = coalesce(:current, current),
    purpose = coalesce(:purpose, purpose), extras = coalesce(:extras, extras)
  WHERE row = :row AND
    (title, titled_by, created_at, updated_at, project, branch, account, session, started_by, started_at_message, current, purpose, extras)
      IS NOT (:title, :titled_by, coalesce(:created_at, created_at), coalesce(:updated_at, updated_at), coalesce(:project, project),
      coalesce(:branch, branch), coalesce(:account, account), coalesce(:session, session), coalesce(:started_by, started_by),
      coalesce(:started_at_message, started_at_message), coalesce(:current, current), coalesce(:purpose, purpose), coalesce(:extras, extras))`;

/**
 * A session that is told twice, by the journal and by its client's own transcript, is shown once: as its client tells it, which knows its
 * folder and what it did without us. Each of the others says which one stands for it.
 */
const ONCE = `
  UPDATE conversations SET same_as = nullif(
    (SELECT shown.id FROM conversations AS shown WHERE shown.session = :session AND shown.purpose IS NULL
      ORDER BY shown.source = 'understudy', shown.row LIMIT 1), id)
  WHERE session = :session AND purpose IS NULL`;

const COUNT = `
  UPDATE conversations SET
    messages = (SELECT count(*) FROM messages WHERE conversation = :row),
    branches = (SELECT count(*) FROM messages AS leaf WHERE conversation = :row
      AND NOT EXISTS (SELECT 1 FROM messages AS next WHERE next.conversation = :row AND next.parent = leaf.key AND next.key != leaf.key)),
    status = coalesce((SELECT status FROM messages WHERE conversation = :row ORDER BY place DESC LIMIT 1), 'complete'),
    created_at = coalesce(created_at, (SELECT min(at) FROM messages WHERE conversation = :row)),
    updated_at = coalesce(updated_at, (SELECT max(at) FROM messages WHERE conversation = :row)),
    (input_tokens, output_tokens, cost) =
      (SELECT sum(input_tokens), sum(output_tokens), sum(cost) FROM messages WHERE conversation = :row)
  WHERE row = :row`;

/** The same where messages were only added, without looking at all the others: conversations grow to 100,000 of them. */
const COUNT_ADDED = `
  UPDATE conversations SET messages = messages + :added, branches = branches + :leaves,
    status = coalesce((SELECT status FROM messages WHERE conversation = :row ORDER BY place DESC LIMIT 1), 'complete'),
    created_at = coalesce(created_at, :first_at), updated_at = coalesce(updated_at, :last_at),
    input_tokens = CASE WHEN :input IS NULL THEN input_tokens ELSE coalesce(input_tokens, 0) + :input END,
    output_tokens = CASE WHEN :output IS NULL THEN output_tokens ELSE coalesce(output_tokens, 0) + :output END,
    cost = CASE WHEN :cost IS NULL THEN cost ELSE coalesce(cost, 0) + :cost END
  WHERE row = :row`;

const HAS_CHILD = 'SELECT 1 FROM messages WHERE conversation = ? AND parent = ? AND key != parent LIMIT 1';

const KNOWN = 'SELECT row, hash FROM messages WHERE conversation = ? AND key = ?';

const ADD_MESSAGE = `
  INSERT INTO messages (conversation, key, parent, place, role, at, provider, model, status, hidden, input_tokens, output_tokens, cost,
    hash, encoding, body)
  VALUES (:conversation, :key, :parent, :place, :role, :at, :provider, :model, :status, :hidden, :input, :output, :cost,
    :hash, :encoding, :body)`;

const CHANGE_MESSAGE = `
  UPDATE messages SET parent = coalesce(:parent, parent), role = :role, at = :at, provider = :provider, model = :model, status = :status,
    hidden = :hidden, input_tokens = :input, output_tokens = :output, cost = :cost, hash = :hash, encoding = :encoding, body = :body
  WHERE row = :row`;

/** Puts conversations into one archive. Its statements are prepared once. */
export interface Putting {
  /**
   * Adds what is new of a conversation and changes what differs, in a transaction of its own. What is there and not told now
   * stays: an archive forgets nothing by itself. Of an older state of a conversation (by `updatedAt`) only what is missing is taken.
   * Putting the same again changes nothing. `messages` are in the order in which the source tells them.
   */
  conversation(head: ConversationHead, messages: readonly ArchivedMessage[]): Put;
  /** The same within a transaction that is the caller's. */
  within(head: ConversationHead, messages: readonly ArchivedMessage[]): Put;
}

/** `again`: also what was deleted here; else it stays deleted, and putting it changes nothing. */
export function putInto({ database }: Pick<Archive, 'database'>, { again = false } = {}): Putting {
  const indexing = indexingOf({ database });
  const find = database.prepare(FIND);
  const add = database.prepare(ADD);
  const describe = database.prepare(DESCRIBE);
  const count = database.prepare(COUNT);
  const countAdded = database.prepare(COUNT_ADDED);
  const hasChild = database.prepare(HAS_CHILD);
  const showOnce = database.prepare(ONCE);
  const revise = database.prepare(REVISE);
  const isDeleted = database.prepare(IS_DELETED);
  const lift = database.prepare('UPDATE deletions SET lifted = 1 WHERE id = ?');
  const known = database.prepare(KNOWN);
  const addMessage = database.prepare(ADD_MESSAGE);
  const changeMessage = database.prepare(CHANGE_MESSAGE);
  const lastPlace = database.prepare('SELECT coalesce(max(place), -1) AS place FROM messages WHERE conversation = ?');
  const nameFile = database.prepare('INSERT OR IGNORE INTO message_files (message, sha256) VALUES (?, ?)');

  function put(head: ConversationHead, messages: readonly ArchivedMessage[]): Put {
    const id = conversationId(head.source, head.key);
    if (isDeleted.get(id)) {
      if (!again) return { id, conversation: 'same', messages: { added: 0, changed: 0, same: messages.length } };
      lift.run(id);
    }
    const found = find.get(head.source, head.key);
    const row = found ? Number(found['row']) : Number(add.run(id, head.source, head.key).lastInsertRowid);
    const isOlder = head.updatedAt !== undefined && typeof found?.['updated_at'] === 'number' && head.updatedAt < found['updated_at'];
    const counts = { added: 0, changed: 0, same: 0 };
    const added = addedTo(row, (key) => hasChild.get(row, key) !== undefined);
    const writtenRows = new Map<number, ArchivedMessage>();
    let place = Number(lastPlace.get(row)?.['place']);

    for (const message of messages) {
      const packed = packMessage(message);
      const before = known.get(row, message.key);
      if (before && (isOlder || packed.hash.equals(before['hash'] as Uint8Array))) {
        counts.same += 1;
        continue;
      }
      const columns = { ...columnsOf(message), ...packed };
      let written = Number(before?.['row']);
      if (before) {
        counts.changed += 1;
        changeMessage.run({ ...columns, row: written });
      } else {
        counts.added += 1;
        place += 1;
        added.count(message, message.parent !== undefined && known.get(row, message.parent) !== undefined);
        written = Number(addMessage.run({ ...columns, conversation: row, key: message.key, place }).lastInsertRowid);
      }
      writtenRows.set(written, message);
      for (const sha256 of filesOf(message)) nameFile.run(written, sha256);
    }

    const isChanged = counts.added + counts.changed > 0;
    const described = !isOlder && describe.run(describing(row, head, messages, found)).changes > 0;
    if (counts.changed > 0) count.run({ row });
    else if (isChanged || !found) countAdded.run(added.sums());
    if (isChanged || !found || described) revise.run(row);
    if (isChanged || !found || described) indexing.written(row, writtenRows);
    if (head.session !== undefined && (described || !found)) showOnce.run({ session: head.session });
    return { id, conversation: !found ? 'added' : isChanged || described ? 'changed' : 'same', messages: counts };
  }

  return {
    conversation: (head, messages) => inTransaction(database, () => put(head, messages)),
    within: put,
  };
}

/** What a conversation's own figures grow by. */
function addedTo(row: number, hasChild: (key: string) => boolean) {
  let added = 0;
  let leaves = 0;
  let input: number | null = null;
  let output: number | null = null;
  let cost: number | null = null;
  let first: number | null = null;
  let last: number | null = null;
  return {
    /** Before it is written. */
    count({ key, parent, at, usage, cost: dollars }: ArchivedMessage, hasParent: boolean): void {
      added += 1;
      if (!hasChild(key)) leaves += 1;
      if (hasParent && parent !== undefined && !hasChild(parent)) leaves -= 1;
      input = plus(input, whole(usage?.input));
      output = plus(output, whole(usage?.output));
      cost = plus(cost, dollars ?? null);
      const time = whole(at);
      if (time !== null) {
        first = Math.min(first ?? time, time);
        last = Math.max(last ?? time, time);
      }
    },
    sums: (): Record<string, SQLInputValue> => ({ row, added, leaves, input, output, cost, first_at: first, last_at: last }),
  };
}

function plus(sum: number | null, more: number | null): number | null {
  return more === null ? sum : (sum ?? 0) + more;
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
    updated_at: whole(head.updatedAt) ?? newest(messages, found?.['updated_at']),
    project: head.project ?? null,
    branch: head.branch ?? null,
    account: head.account ?? null,
    session: head.session ?? null,
    started_by: head.startedBy?.key ?? null,
    started_at_message: head.startedBy?.message ?? null,
    current: head.current ?? null,
    purpose: head.purpose ?? null,
    extras: head.extras === undefined ? null : JSON.stringify(head.extras),
  };
}

/** Where the source doesn't say when a conversation was changed, its messages do. */
function newest(messages: readonly ArchivedMessage[], before: unknown): number | null {
  let latest = typeof before === 'number' ? before : null;
  for (const { at } of messages) {
    const time = whole(at);
    if (time !== null) latest = Math.max(latest ?? time, time);
  }
  return latest;
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

function columnsOf(message: ArchivedMessage): Record<string, SQLInputValue> {
  const { parent, role, at, producer, status, hidden, usage, cost } = message;
  return {
    parent: parent ?? null,
    role,
    at: whole(at),
    provider: producer?.provider ?? null,
    model: producer?.model ?? null,
    status,
    hidden: hidden ? 1 : 0,
    input: whole(usage?.input),
    output: whole(usage?.output),
    cost: cost ?? null,
  };
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
