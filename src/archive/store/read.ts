import type { SQLOutputValue } from 'node:sqlite';
import type { ArchivedMessage, MessageStatus, SourceName } from '../conversation.ts';
import { parseObject } from '../../exchange/json.ts';
import type { JsonObject } from '../../exchange/json.ts';
import { unpackBody } from './body.ts';
import type { Archive } from './open.ts';

type Row = Record<string, SQLOutputValue>;

/** A conversation as lists show it. Times in UTC milliseconds. */
export interface ConversationSummary {
  id: string;
  source: SourceName;
  key: string;
  /** Empty: nobody has asked anything in it. */
  title: string;
  createdAt?: number;
  updatedAt?: number;
  project?: string;
  branch?: string;
  account?: string;
  session?: string;
  /** A sub-agent's: the conversation that started it, by its key in the same source, and the message there. */
  startedBy?: { key: string; message?: string };
  /** Key of the message that is shown as the last. */
  current?: string;
  /** What its client asked for its own use: `title`. */
  purpose?: string;
  /** Id of the conversation that is shown in its place: the same session, as its own client tells it. */
  sameAs?: string;
  status: MessageStatus;
  messages: number;
  /** Ends that the conversation has: 1 where nothing was edited or tried again. */
  branches: number;
  inputTokens?: number;
  outputTokens?: number;
  /** Dollars. */
  cost?: number;
  /** Higher than that of every conversation that was changed before this one. */
  revision: number;
}

export interface ConversationQuery {
  /** Newest first. */
  limit: number;
  /** Only those after this place in the list: `next` of an earlier page. */
  after?: string;
  source?: SourceName;
  /** A folder, with those below it; or a project's name. */
  project?: string;
  session?: string;
  status?: MessageStatus;
  /** Last changed from then on, and before then; UTC milliseconds. */
  from?: number;
  to?: number;
  /** Words of the title, whatever their case. */
  title?: string;
  /** Also sub-agents', and what clients asked for their own use. What is shown in another conversation's place is listed for its source only. */
  everything?: boolean;
}

export interface ConversationPage {
  conversations: ConversationSummary[];
  /** Where the next page begins; absent on the last one. */
  next?: string;
}

/** Ties and missing times have their place too, so that no page leaves one out. */
const LIST = `
  SELECT * FROM conversations
  WHERE (:place IS NULL OR (coalesce(updated_at, -1), row) < (:place, :row))
    AND (:source IS NULL OR source = :source)
    AND (:project IS NULL OR project = :project OR substr(project, 1, length(:project) + 1) IN (:project || '/', :project || '\\'))
    AND (:session IS NULL OR session = :session) AND (:status IS NULL OR status = :status)
    AND (:from IS NULL OR updated_at >= :from) AND (:to IS NULL OR updated_at < :to)
    AND (:title IS NULL OR instr(lower(title), lower(:title)) > 0)
    AND (same_as IS NULL OR :source IS NOT NULL) AND (:everything OR (started_by IS NULL AND purpose IS NULL))
  ORDER BY updated_at DESC, row DESC LIMIT :limit`;

export function pageOfConversations({ database }: Archive, query: ConversationQuery): ConversationPage {
  const { limit, after, source = null, project = null, session = null, status = null, from = null, to = null, title = null } = query;
  const [, place, row] = /^(-?\d{1,15})\.(\d{1,15})$/.exec(after ?? '') ?? [];
  const rows = database.prepare(LIST).all({
    limit: limit + 1,
    place: place === undefined ? null : Number(place),
    row: row === undefined ? null : Number(row),
    source,
    project,
    session,
    status,
    from,
    to,
    title,
    everything: query.everything === true ? 1 : 0,
  });
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    conversations: shown.map(summaryOfRow),
    ...(last && { next: `${typeof last['updated_at'] === 'number' ? last['updated_at'] : -1}.${String(last['row'])}` }),
  };
}

export function listConversations(archive: Archive, query: ConversationQuery): ConversationSummary[] {
  return pageOfConversations(archive, query).conversations;
}

/** What was changed since, the oldest change first. */
export function changedConversations({ database }: Archive, since: number, limit: number): ConversationSummary[] {
  return database.prepare('SELECT * FROM conversations WHERE revision > ? ORDER BY revision LIMIT ?').all(since, limit).map(summaryOfRow);
}

/** Conversations (by id) and originals (by SHA-256) that were deleted since that revision. */
export function deletedSince({ database }: Archive, since: number): { type: 'conversation' | 'file'; name: string }[] {
  const rows = database
    .prepare(
      `SELECT 'conversation' AS type, id AS name FROM deletions WHERE revision > :since AND lifted = 0
       UNION ALL SELECT 'file', sha256 FROM deleted_files WHERE revision > :since AND sha256 NOT IN (SELECT sha256 FROM originals)`,
    )
    .all({ since });
  return rows.map(({ type, name }) => ({ type: type === 'file' ? 'file' : 'conversation', name: String(name) }));
}

export function findConversation({ database }: Archive, id: string): ConversationSummary | undefined {
  const row = database.prepare('SELECT * FROM conversations WHERE id = ?').get(id);
  return row && summaryOfRow(row);
}

/** What a source says of a conversation besides. */
export function extrasOf({ database }: Archive, id: string): JsonObject | undefined {
  const row = database.prepare('SELECT extras FROM conversations WHERE id = ?').get(id);
  return typeof row?.['extras'] === 'string' ? parseObject(row['extras']) : undefined;
}

/** All messages of a conversation, in the order in which its source tells them; tree.ts makes branches of them. */
export function* messagesOf({ database }: Archive, id: string): Generator<ArchivedMessage> {
  const statement = database.prepare(
    'SELECT * FROM messages WHERE conversation = (SELECT row FROM conversations WHERE id = ?) ORDER BY place',
  );
  for (const row of statement.iterate(id)) yield messageOfRow(row);
}

export function messageOfRow(row: Row): ArchivedMessage {
  const { provider, model } = row;
  return {
    key: String(row['key']),
    ...text(row, 'parent', 'parent'),
    role: String(row['role']) as ArchivedMessage['role'],
    ...number(row, 'at', 'at'),
    ...(typeof provider === 'string' || typeof model === 'string'
      ? { producer: { ...text(row, 'provider', 'provider'), ...text(row, 'model', 'model') } }
      : {}),
    status: String(row['status']) as MessageStatus,
    ...(row['hidden'] === 1 ? { hidden: true } : {}),
    ...unpackBody(row['encoding'], row['body']),
    // What it has cost since it was written down stands here alone.
    ...number(row, 'cost', 'cost'),
  };
}

export function summaryOfRow(row: Row): ConversationSummary {
  const startedBy = row['started_by'];
  return {
    id: String(row['id']),
    source: String(row['source']) as SourceName,
    key: String(row['key']),
    title: String(row['title']),
    ...number(row, 'created_at', 'createdAt'),
    ...number(row, 'updated_at', 'updatedAt'),
    ...text(row, 'project', 'project'),
    ...text(row, 'branch', 'branch'),
    ...text(row, 'account', 'account'),
    ...text(row, 'session', 'session'),
    ...(typeof startedBy === 'string' ? { startedBy: { key: startedBy, ...text(row, 'started_at_message', 'message') } } : {}),
    ...text(row, 'current', 'current'),
    ...text(row, 'purpose', 'purpose'),
    ...text(row, 'same_as', 'sameAs'),
    status: String(row['status']) as MessageStatus,
    messages: Number(row['messages']),
    branches: Number(row['branches']),
    ...number(row, 'input_tokens', 'inputTokens'),
    ...number(row, 'output_tokens', 'outputTokens'),
    ...number(row, 'cost', 'cost'),
    revision: Number(row['revision']),
  };
}

function text<Name extends string>(row: Row, column: string, name: Name): Partial<Record<Name, string>> {
  const value = row[column];
  return typeof value === 'string' ? ({ [name]: value } as Partial<Record<Name, string>>) : {};
}

function number<Name extends string>(row: Row, column: string, name: Name): Partial<Record<Name, number>> {
  const value = row[column];
  return typeof value === 'number' ? ({ [name]: value } as Partial<Record<Name, number>>) : {};
}
