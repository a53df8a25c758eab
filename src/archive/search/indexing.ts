import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { ArchivedMessage } from '../conversation.ts';
import { unpackBody } from '../store/body.ts';
import type { Archive } from '../store/open.ts';
import { messageOfRow } from '../store/read.ts';
import { inTransaction } from '../store/transaction.ts';
import { numberingOf } from './documents.ts';
import { messageFacets, titleFacets, type ConversationFacts } from './facets.ts';
import { forgetWords, lexiconOf } from './lexicon.ts';
import { searchableOf } from './searchable.ts';
import { COLUMNS, dropShards, forEachShard, forgetRowId, openShard, optimize, SHARD_SIZE, shardsOf, tidy } from './shards.ts';
import { indexed, wordReader } from './text.ts';

/**
 * Of what is indexed of a message, and how. Raise it when any of that changes: archives are then indexed anew (catchUp).
 */
const VERSION = 1;

/** What was written of which conversation (its row), by the messages' rows. Empty: its title alone. */
export type Written = ReadonlyMap<number, ReadonlyMap<number, ArchivedMessage>>;

/** Keeps the index in step with the store. What is to be done stands in tables that triggers fill (0002-search.sql), in the transaction that made the change. */
export interface Indexing {
  /** Indexes what was just written, within the writer's transaction. Much in one go costs half of what it costs one by one. */
  written(written: Written): void;
  /** Does some of what waits, in a transaction of its own; returns how much still waits. */
  catchUp(most: number): number;
  /** Merges a piece of a full shard, in a transaction of its own. False: there was nothing to merge. */
  tidy(): boolean;
}

/** Documents of one transaction of catching up: some 50 ms, which other writers wait. */
export const BATCH = 200;

/** Results of calls that were made together stand one after the other. */
const MOST_STEPS = 8;

interface Entry {
  /** messages.row; of a title: minus conversations.row. */
  message: number;
  conversation: number;
  at: number;
  columns: Record<(typeof COLUMNS)[number], string>;
  words: readonly string[];
}

/** A conversation as it is now. */
interface Described {
  facts: ConversationFacts;
  title: string;
  /** For messages of which nobody says when they were; UTC milliseconds. */
  at: number;
}

/** `shardSize` is for tests. */
export function indexingOf({ database }: Pick<Archive, 'database'>, shardSize = SHARD_SIZE): Indexing {
  const lexicon = lexiconOf(database);
  const numbering = numberingOf(database);
  const readWords = wordReader();
  const insertInto = forEachShard(
    database,
    (table) => `INSERT INTO ${table} (rowid, ${COLUMNS.join(', ')}) VALUES (?, ${COLUMNS.map(() => '?').join(', ')})`,
  );
  const addDocument = database.prepare('INSERT INTO search_documents (document, message, conversation, shard, at) VALUES (?, ?, ?, ?, ?)');
  const countIn = database.prepare(
    'UPDATE search_shards SET documents = documents + :count, oldest = min(oldest, :oldest), newest = max(newest, :newest) WHERE shard = :shard',
  );
  const isWaiting = database.prepare('SELECT 1 FROM search_queue WHERE message = ?');
  const isGone = database.prepare('SELECT 1 FROM search_gone LIMIT 1');
  const done = database.prepare('DELETE FROM search_queue WHERE message IN (SELECT value FROM json_each(?))');
  const conversationRow = database.prepare(
    'SELECT row, source, project, title, coalesce(updated_at, created_at, 0) AS at FROM conversations WHERE row = ?',
  );
  const titled = database.prepare('SELECT title, project FROM search_titles WHERE conversation = ?');
  const setTitled = database.prepare('INSERT OR REPLACE INTO search_titles (conversation, title, project) VALUES (?, ?, ?)');

  const byKey = database.prepare('SELECT * FROM messages WHERE conversation = ? AND key = ?');

  function add(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    lexicon.add(entries.flatMap(({ words }) => words));
    const next = numbering.begin();
    let open = openShard(database, shardSize);
    let filled: number[] = [];
    const count = (): void => {
      if (filled.length > 0) countIn.run({ shard: open.shard, count: filled.length, oldest: filled[0]!, newest: filled.at(-1)! });
      filled = [];
    };
    // FTS5 takes rising rows in one go.
    for (const { message, conversation, at, columns } of entries.toSorted((one, other) => one.at - other.at)) {
      if (filled.length === open.room) {
        count();
        open = openShard(database, shardSize);
      }
      const document = next(at);
      insertInto(open.shard).run(document, ...COLUMNS.map((column) => columns[column]));
      addDocument.run(document, message, conversation, open.shard, at);
      filled.push(at);
    }
    count();
    done.run(JSON.stringify(entries.map(({ message }) => message)));
  }

  function titleEntry(facts: ConversationFacts, title: string, at: number): Entry {
    const { whole, inner } = readWords([title]);
    const columns = { body: '', reasoning: '', inner: inner.join(' '), title: indexed(title), facets: titleFacets(facts) };
    return { message: -facts.row, conversation: facts.row, at, columns, words: whole };
  }

  /** Title and project, where they have changed. `isMoved`: the project has, which is a filter of all messages; they wait to be indexed anew. */
  function describe({ facts, title, at }: Described): { isMoved: boolean; titled?: Entry } {
    if (!isWaiting.get(-facts.row)) return { isMoved: false };
    const before = titled.get(facts.row);
    const project = facts.project ?? null;
    const isMoved = before !== undefined && before['project'] !== project;
    if (isMoved) unindex(database, facts.row);
    else if (before) unindexOne(database, -facts.row);
    setTitled.run(facts.row, title, project);
    if (title !== '') return { isMoved, titled: titleEntry(facts, title, at) };
    done.run(JSON.stringify([-facts.row]));
    return { isMoved };
  }

  /** Which tool a result is of whose call was written before: by one of the messages that it follows. */
  function toolBefore(callId: string, after: string | undefined, conversation: number): string | undefined {
    let parent = after;
    for (let steps = 0; parent !== undefined && steps < MOST_STEPS; steps++) {
      const row = byKey.get(conversation, parent);
      const before = row && messageOfRow(row);
      const name = before && callsIn([[0, before]]).get(callId);
      if (name !== undefined) return name;
      parent = before?.parent;
    }
    return undefined;
  }

  function index(written: Written): void {
    const entries: Entry[] = [];
    for (const [conversation, messages] of written) {
      const row = conversationRow.get(conversation);
      if (!row) {
        // Nothing is left of it.
        done.run(JSON.stringify([-conversation, ...messages.keys()]));
        continue;
      }
      const described = describedOf(row);
      const { isMoved, titled: title } = describe(described);
      const those = isMoved ? [...allOf(database, conversation)].filter(([each]) => isWaiting.get(each)) : [...messages];
      const calls = callsIn(those);
      for (const [each, message] of those) {
        const toolOf = (id: string): string | undefined => calls.get(id) ?? toolBefore(id, message.parent, conversation);
        entries.push(entryOf(each, message, described, { readWords, toolOf }));
      }
      if (title) entries.push(title);
    }
    // Most words of a message that has changed are still in it.
    if (isGone.get()) drain(database, new Set(entries.flatMap(({ words }) => words)));
    add(entries);
  }

  return {
    written: index,
    catchUp(most) {
      return inTransaction(database, () => {
        forgetOtherVersion(database);
        if (isGone.get()) drain(database, new Set());
        index(waiting(database, most));
        return waitingCount(database);
      });
    },
    tidy: () => inTransaction(database, () => tidy(database, shardSize)),
  };
}

/** How many messages and titles are not in the index yet. */
export function waitingCount(database: DatabaseSync): number {
  return Number(database.prepare('SELECT count(*) AS count FROM search_queue').get()?.['count']);
}

/** Throws the index away. It is made anew by catchUp. */
export function beginAnew(database: DatabaseSync): void {
  inTransaction(database, () => clear(database));
}

/** After deletions that must leave no trace: what was taken out of the index is then also gone from its pages. Takes up to a second for each shard. */
export function scrub(database: DatabaseSync): void {
  inTransaction(database, () => drain(database, new Set()));
  for (const { shard } of shardsOf(database)) inTransaction(database, () => optimize(database, shard));
  inTransaction(database, () => {
    database.exec("INSERT INTO search_inside (search_inside) VALUES ('optimize')");
    forgetRowId(database);
  });
}

function clear(database: DatabaseSync): void {
  dropShards(database);
  database.exec(`DELETE FROM search_documents; DELETE FROM search_gone; DELETE FROM search_titles; DELETE FROM search_lexicon;
    INSERT INTO search_inside (search_inside) VALUES ('delete-all'); DELETE FROM search_queue; DELETE FROM search_facts WHERE name IN ('drift', 'tidied');
    INSERT INTO search_facts (name, value) VALUES ('forgotten', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1;
    INSERT INTO search_queue (message) SELECT row FROM messages UNION ALL SELECT -row FROM conversations`);
  setVersion(database);
}

function setVersion(database: DatabaseSync): void {
  database
    .prepare("INSERT INTO search_facts (name, value) VALUES ('version', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    .run(VERSION);
}

function forgetOtherVersion(database: DatabaseSync): void {
  const version = database.prepare("SELECT value FROM search_facts WHERE name = 'version'").get()?.['value'];
  if (version === undefined) setVersion(database);
  else if (version !== VERSION) clear(database);
}

/** What waits, by conversation: the newest first, as it is what people look for. */
function waiting(database: DatabaseSync, most: number): Map<number, Map<number, ArchivedMessage>> {
  const groups = new Map<number, Map<number, ArchivedMessage>>();
  const titles = database.prepare('SELECT -message AS row FROM search_queue WHERE message < 0 ORDER BY message LIMIT ?').all(most);
  for (const { row } of titles) groups.set(Number(row), new Map());
  const rows = database
    .prepare(
      'SELECT m.* FROM (SELECT message FROM search_queue WHERE message > 0 ORDER BY message DESC LIMIT ?) AS q CROSS JOIN messages AS m ON m.row = q.message',
    )
    .all(Math.max(0, most - titles.length));
  for (const row of rows) {
    const conversation = Number(row['conversation']);
    const group = groups.get(conversation) ?? new Map<number, ArchivedMessage>();
    groups.set(conversation, group.set(Number(row['row']), messageOfRow(row)));
  }
  return groups;
}

function unindex(database: DatabaseSync, conversation: number): void {
  const rows = database.prepare('SELECT row FROM messages WHERE conversation = ?').all(conversation);
  for (const { row } of rows) unindexOne(database, Number(row));
  unindexOne(database, -conversation);
}

/** The words of a text that did not change stay in the lexicon. */
function unindexOne(database: DatabaseSync, message: number): void {
  database
    .prepare('INSERT OR REPLACE INTO search_gone (document, shard) SELECT document, shard FROM search_documents WHERE message = ?')
    .run(message);
  const { changes } = database.prepare('DELETE FROM search_documents WHERE message = ?').run(message);
  if (changes > 0) database.prepare('INSERT OR IGNORE INTO search_queue (message) VALUES (?)').run(message);
}

/** Takes what is gone out of its shards, and its words out of the lexicon where nothing else has them; `kept` are words that something has. */
function drain(database: DatabaseSync, kept: ReadonlySet<string>): void {
  const remove = forEachShard(database, (table) => `DELETE FROM ${table} WHERE rowid = ?`);
  const words = new Set<string>();
  const readWords = wordReader();
  const finish = database.prepare('DELETE FROM search_gone WHERE document = ?');
  const gone = database.prepare('SELECT * FROM search_gone').all();
  for (const { shard, document } of gone) remove(Number(shard)).all(Number(document));
  forgetRowId(database);
  for (const row of gone) {
    if (row['body'] !== null) {
      const texts = searchableOf(unpackBody(row['encoding'], row['body'])).map(({ text }) => indexed(text));
      for (const word of readWords(texts).whole) if (!kept.has(word)) words.add(word);
    }
    finish.run(Number(row['document']));
  }
  if (words.size === 0) return;
  const find = forEachShard(database, (table) => `SELECT 1 FROM ${table} WHERE ${table} MATCH ? LIMIT 1`);
  const shards = shardsOf(database);
  const isSomewhere = (word: string): boolean => shards.some(({ shard }) => find(shard).get(`"${word}"`) !== undefined);
  forgetWords(
    database,
    [...words].filter((word) => !isSomewhere(word)),
  );
}

function callsIn(messages: Iterable<[row: number, message: ArchivedMessage]>): Map<string, string> {
  const calls = new Map<string, string>();
  for (const [, { parts }] of messages) for (const part of parts) if (part.type === 'tool-call') calls.set(part.id, part.name);
  return calls;
}

interface Means {
  readWords: ReturnType<typeof wordReader>;
  toolOf(callId: string): string | undefined;
}

function entryOf(row: number, message: ArchivedMessage, { facts, at: otherwise }: Described, { readWords, toolOf }: Means): Entry {
  const pieces = searchableOf(message).map(({ type, text }) => ({ isReasoning: type === 'reasoning', text: indexed(text) }));
  const body = pieces.filter(({ isReasoning }) => !isReasoning).map(({ text }) => text);
  const reasoning = pieces.filter(({ isReasoning }) => isReasoning).map(({ text }) => text);
  const { whole, inner } = readWords([...body, ...reasoning]);
  return {
    message: row,
    conversation: facts.row,
    at: message.at === undefined || !(Math.abs(message.at) <= LATEST) ? otherwise : Math.round(message.at),
    columns: {
      body: body.join('\n'),
      reasoning: reasoning.join('\n'),
      inner: inner.join(' '),
      title: '',
      facets: messageFacets(message, facts, toolOf),
    },
    words: whole,
  };
}

/** The last moment that a Date can say. */
const LATEST = 8.64e15;

function describedOf(row: Record<string, SQLOutputValue>): Described {
  const project = row['project'];
  const facts = { row: Number(row['row']), source: String(row['source']), ...(typeof project === 'string' && { project }) };
  return { facts, title: String(row['title']), at: Number(row['at']) };
}

function allOf(database: DatabaseSync, conversation: number): Map<number, ArchivedMessage> {
  const rows = database.prepare('SELECT * FROM messages WHERE conversation = ?').all(conversation);
  return new Map(rows.map((row) => [Number(row['row']), messageOfRow(row)]));
}
