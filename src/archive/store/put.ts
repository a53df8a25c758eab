import type { SQLInputValue } from 'node:sqlite';
import type { ArchivedMessage, ConversationHead } from '../conversation.ts';
import { conversationId } from '../ids.ts';
import { indexingOf } from '../search/indexing.ts';
import { packMessage, type PackedMessage } from './body.ts';
import { DESCRIBED, describing, whole } from './describing.ts';
import type { Archive } from './open.ts';
import { redactionsIn } from './redactions.ts';
import { inTransaction } from './transaction.ts';

/** What putting a conversation into the archive came to. */
export interface Put {
  id: string;
  conversation: 'added' | 'changed' | 'same';
  messages: { added: number; changed: number; same: number };
}

const FIND = `
  SELECT row, ${DESCRIBED.join(', ')}, (SELECT coalesce(max(place), -1) FROM messages WHERE conversation = c.row) AS place
  FROM conversations AS c WHERE source = ? AND key = ?`;

const NEXT_REVISION = `max((SELECT max(revision) FROM conversations), (SELECT coalesce(max(revision), 0) FROM deletions)) + 1`;

const ADD = `
  INSERT INTO conversations (id, source, key, ${DESCRIBED.join(', ')}, status, messages, branches, revision)
  VALUES (?, ?, ?, ${DESCRIBED.map(() => '?').join(', ')}, 'complete', 0, 0,
    max((SELECT coalesce(max(revision), 0) FROM conversations), (SELECT coalesce(max(revision), 0) FROM deletions)) + 1)`;

/** What messages that were only added change, without looking at all the others: conversations grow to 100,000 of them. */
const COUNTED = `
  messages = messages + :added, branches = branches + :leaves, status = coalesce(:status, status),
  input_tokens = CASE WHEN :input IS NULL THEN input_tokens ELSE coalesce(input_tokens, 0) + :input END,
  output_tokens = CASE WHEN :output IS NULL THEN output_tokens ELSE coalesce(output_tokens, 0) + :output END,
  cost = CASE WHEN :cost IS NULL THEN cost ELSE coalesce(cost, 0) + :cost END`;

const COUNT_ADDED = `UPDATE conversations SET ${COUNTED} WHERE row = :row`;

/** Columns that are not named here cost nothing: each that is indexed is taken out of its index and put in again, whether it changes or not. */
const GO_ON = `UPDATE conversations SET ${COUNTED}, updated_at = :updated_at, current = :current, revision = ${NEXT_REVISION} WHERE row = :row`;

const REWRITE = `
  UPDATE conversations SET ${COUNTED}, ${DESCRIBED.map((name) => `${name} = :${name}`).join(', ')}, revision = ${NEXT_REVISION} WHERE row = :row`;

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

const IS_DELETED = 'SELECT 1 FROM deletions WHERE id = ? AND lifted = 0';

/** Removed by a retention rule, for its age or its size, and not by somebody: who goes on with it wants what is new of it kept. */
const HAS_GONE_ON = `
  SELECT 1 FROM deletions JOIN retention_removals AS removal ON removal.id = deletions.id AND removal.at = deletions.at
  WHERE deletions.id = ? AND removal.updated_at < ?`;

/**
 * A session that is told twice, by the journal and by its client's own transcript, is shown once: as its client tells it, which knows its
 * folder and what it did without us. Each of the others says which one stands for it.
 */
const ONCE = `
  UPDATE conversations SET same_as = nullif(
    (SELECT shown.id FROM conversations AS shown WHERE shown.session = :session AND shown.purpose IS NULL
      ORDER BY shown.source = 'understudy', shown.row LIMIT 1), id)
  WHERE session = :session AND purpose IS NULL`;

/** What is around a message that comes in: whether it has a parent, and whether either has children. */
const AROUND = `
  SELECT EXISTS (SELECT 1 FROM messages WHERE conversation = :row AND parent = :key AND key != parent) AS is_followed,
    EXISTS (SELECT 1 FROM messages WHERE conversation = :row AND key = :parent) AS has_parent,
    EXISTS (SELECT 1 FROM messages WHERE conversation = :row AND parent = :parent AND key != parent) AS parent_is_followed`;

const KNOWN = 'SELECT row, hash FROM messages WHERE conversation = ? AND key = ?';

const ADD_MESSAGE = `
  INSERT INTO messages (parent, role, at, provider, model, status, hidden, input_tokens, output_tokens, cost, hash, encoding, body,
    conversation, key, place)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const CHANGE_MESSAGE = `
  UPDATE messages SET parent = coalesce(?, parent), role = ?, at = ?, provider = ?, model = ?, status = ?, hidden = ?, input_tokens = ?,
    output_tokens = ?, cost = ?, hash = ?, encoding = ?, body = ?
  WHERE row = ?`;

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
  /** A message has cost so many dollars more; within the caller's transaction. Nothing else of it changes, and it is not indexed anew. */
  spent(conversation: number, key: string, dollars: number): void;
}

export interface PutOptions {
  /** Also what was deleted here; else it stays deleted, and putting it changes nothing, unless a rule has removed it and it has gone on since. */
  again?: boolean;
  /** Takes over what is to be indexed (Indexing.written), to do it in one go before the transaction ends. Without it each conversation is indexed as it is put. */
  index?: (conversation: number, messages: ReadonlyMap<number, ArchivedMessage>) => void;
}

export function putInto({ database }: Pick<Archive, 'database'>, { again = false, index }: PutOptions = {}): Putting {
  const indexing = index ? undefined : indexingOf({ database });
  const redactions = redactionsIn(database);
  const find = database.prepare(FIND);
  const add = database.prepare(ADD);
  const count = database.prepare(COUNT);
  const countAdded = database.prepare(COUNT_ADDED);
  const goOn = database.prepare(GO_ON);
  const rewrite = database.prepare(REWRITE);
  const around = database.prepare(AROUND);
  const showOnce = database.prepare(ONCE);
  const isDeleted = database.prepare(IS_DELETED);
  const hasGoneOn = database.prepare(HAS_GONE_ON);
  const lift = database.prepare('UPDATE deletions SET lifted = 1 WHERE id = ?');
  const known = database.prepare(KNOWN);
  const addMessage = database.prepare(ADD_MESSAGE);
  const changeMessage = database.prepare(CHANGE_MESSAGE);
  const costOf = database.prepare('SELECT cost FROM messages WHERE row = ?');
  const spendOnMessage = database.prepare('UPDATE messages SET cost = ? WHERE row = ?');
  const spendOn = database.prepare(`UPDATE conversations SET cost = coalesce(cost, 0) + ?, revision = ${NEXT_REVISION} WHERE row = ?`);
  const nameFile = database.prepare('INSERT OR IGNORE INTO message_files (message, sha256) VALUES (?, ?)');

  function put(told: ConversationHead, said: readonly ArchivedMessage[]): Put {
    const id = conversationId(told.source, told.key);
    const found = find.get(told.source, told.key);
    // What was deleted is not there.
    if (!found && isDeleted.get(id)) {
      const changedAt = whole(told.updatedAt) ?? said.reduce((latest, { at }) => Math.max(latest, whole(at) ?? 0), 0);
      if (!again && !hasGoneOn.get(id, changedAt))
        return { id, conversation: 'same', messages: { added: 0, changed: 0, same: said.length } };
      lift.run(id);
    }
    // What was taken out comes in without it.
    const finder = redactions.finderFor(id);
    const head = finder ? redactions.head(told, finder) : told;
    const messages = finder ? said.map((message) => redactions.message(message, finder)) : said;
    const isOlder = head.updatedAt !== undefined && typeof found?.['updated_at'] === 'number' && head.updatedAt < found['updated_at'];
    const describes = describing(isOlder ? undefined : head, messages, found);
    const row = found
      ? Number(found['row'])
      : Number(add.run(id, head.source, head.key, ...DESCRIBED.map((name) => describes[name])).lastInsertRowid);
    const counts = { added: 0, changed: 0, same: 0 };
    const added = addedTo(row);
    const writtenRows = new Map<number, ArchivedMessage>();
    const beside = found ? among(row) : alone();
    let place = found ? Number(found['place']) : -1;

    for (const message of messages) {
      const packed = packMessage(message);
      const before = beside.known(message.key);
      if (before && (isOlder || packed.hash.equals(before.hash) || redactions.isPinned(row, message.key))) {
        counts.same += 1;
        continue;
      }
      const columns = columnsOf(message, packed);
      let written: number;
      if (before) {
        counts.changed += 1;
        written = before.row;
        changeMessage.run(...columns, written);
      } else {
        counts.added += 1;
        place += 1;
        added.count(message, beside.around(message));
        written = Number(addMessage.run(...columns, row, message.key, place).lastInsertRowid);
      }
      beside.add(message, { row: written, hash: packed.hash });
      writtenRows.set(written, message);
      for (const sha256 of filesOf(message)) nameFile.run(written, sha256);
    }

    const isChanged = counts.added + counts.changed > 0;
    const differing = DESCRIBED.filter((name) => describes[name] !== found?.[name]);
    const described = found !== undefined && differing.length > 0;
    const sums = added.sums();
    if (!found) countAdded.run(sums);
    else if (differing.some((name) => name !== 'updated_at' && name !== 'current')) rewrite.run({ ...sums, ...describes });
    else if (isChanged || described) goOn.run({ ...sums, updated_at: describes.updated_at, current: describes.current });
    if (counts.changed > 0) count.run({ row });
    if (isChanged || !found || described) {
      if (index) index(row, writtenRows);
      else indexing?.written(new Map([[row, writtenRows]]));
    }
    if (head.session !== undefined && (described || !found)) showOnce.run({ session: head.session });
    return { id, conversation: !found ? 'added' : isChanged || described ? 'changed' : 'same', messages: counts };
  }

  function knownIn(row: number, key: string): KnownMessage | undefined {
    const found = known.get(row, key);
    return found && { row: Number(found['row']), hash: found['hash'] as Uint8Array };
  }

  /** Of a conversation that is there. */
  function among(row: number): Beside {
    return {
      known: (key) => knownIn(row, key),
      around({ key, parent = null }) {
        const found = around.get({ row, key, parent });
        return {
          isFollowed: found?.['is_followed'] === 1,
          hasParent: found?.['has_parent'] === 1,
          parentIsFollowed: found?.['parent_is_followed'] === 1,
        };
      },
      add: () => undefined,
    };
  }

  return {
    conversation: (head, messages) => inTransaction(database, () => put(head, messages)),
    within: put,
    spent(conversation, key, dollars) {
      const message = knownIn(conversation, key);
      if (!message) return;
      const before = Number(costOf.get(message.row)?.['cost'] ?? 0);
      // Sums of binary fractions have tails that nobody wants to read.
      spendOnMessage.run(Number((before + dollars).toPrecision(12)), message.row);
      spendOn.run(dollars, conversation);
    },
  };
}

interface KnownMessage {
  row: number;
  hash: Uint8Array;
}

/** What a message that comes in finds in its conversation. */
interface Beside {
  known(key: string): KnownMessage | undefined;
  around(message: ArchivedMessage): Around;
  /** It is there now. */
  add(message: ArchivedMessage, known: KnownMessage): void;
}

interface Around {
  /** Others follow it: they came before. */
  isFollowed: boolean;
  hasParent: boolean;
  parentIsFollowed: boolean;
}

/** Of a new conversation, in which is what comes now: the database need not be asked. */
function alone(): Beside {
  const here = new Map<string, KnownMessage>();
  const followed = new Set<string>();
  return {
    known: (key) => here.get(key),
    around: ({ key, parent }) => ({
      isFollowed: followed.has(key),
      hasParent: parent !== undefined && here.has(parent),
      parentIsFollowed: parent !== undefined && followed.has(parent),
    }),
    add({ key, parent }, known) {
      here.set(key, known);
      if (parent !== undefined && parent !== key) followed.add(parent);
    },
  };
}

/** What a conversation's own figures grow by. */
function addedTo(row: number) {
  let added = 0;
  let leaves = 0;
  let input: number | null = null;
  let output: number | null = null;
  let cost: number | null = null;
  let last: string | null = null;
  return {
    /** Before it is written. */
    count({ status, usage, cost: dollars }: ArchivedMessage, { isFollowed, hasParent, parentIsFollowed }: Around): void {
      added += 1;
      if (!isFollowed) leaves += 1;
      if (hasParent && !parentIsFollowed) leaves -= 1;
      input = plus(input, whole(usage?.input));
      output = plus(output, whole(usage?.output));
      cost = plus(cost, dollars ?? null);
      last = status;
    },
    sums: (): Record<string, SQLInputValue> => ({ row, added, leaves, input, output, cost, status: last }),
  };
}

function plus(sum: number | null, more: number | null): number | null {
  return more === null ? sum : (sum ?? 0) + more;
}

/** As ADD_MESSAGE and CHANGE_MESSAGE take them: by place, which costs less than by name. */
function columnsOf(message: ArchivedMessage, { hash, encoding, body }: PackedMessage): SQLInputValue[] {
  const { parent, role, at, producer, status, hidden, usage, cost } = message;
  const producedBy = [producer?.provider ?? null, producer?.model ?? null];
  const counted = [whole(usage?.input), whole(usage?.output), cost ?? null];
  return [parent ?? null, role, whole(at), ...producedBy, status, hidden ? 1 : 0, ...counted, hash, encoding, body];
}

function filesOf({ parts }: ArchivedMessage): string[] {
  return parts.flatMap((part) => {
    const within = part.type === 'tool-result' ? part.content : [part];
    return within.flatMap((each) => (each.type === 'file' && each.content.type === 'stored' ? [each.content.sha256] : []));
  });
}
