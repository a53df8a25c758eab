import type { MessageStatus, SourceName } from '../conversation.ts';
import type { Archive } from '../store/open.ts';
import { inPieces } from './pieces.ts';

/** What is removed as one: a conversation, its sub-agents', and the same session as others tell it (as in care/deletion-plan.ts). */
export interface Family {
  /** Of the conversation that is listed. What a rule says of source, project and status is meant of this one. */
  id: string;
  source: SourceName;
  project?: string;
  status: MessageStatus;
  /** Of all of them. */
  ids: string[];
  rows: number[];
  messages: number;
  /** The newest change of any of them; UTC milliseconds. Absent: one of them doesn't say. */
  changedAt?: number;
}

/** Conversations that are read at once: some 10 ms. */
const BATCH = 1000;

interface Member {
  row: number;
  id: string;
  source: string;
  changedAt: number | undefined;
  project: string | undefined;
  status: string;
  messages: number;
  isListed: boolean;
}

/** Reads them in pieces: it yields after each. */
export function* familiesIn({ database }: Archive): Generator<void, Family[]> {
  const page = database.prepare(
    `SELECT row, id, source, key, session, started_by, updated_at, project, status, messages, same_as IS NULL AND started_by IS NULL AND purpose IS NULL AS listed
     FROM conversations WHERE row > ? ORDER BY row LIMIT ${BATCH}`,
  );
  const above = new Map<string, string>();
  const root = (name: string): string => {
    let at = name;
    for (let next = above.get(at); next !== undefined; next = above.get(at)) at = next;
    // The way is shortened for whoever comes next.
    for (let each = name; each !== at;) {
      const next = above.get(each) ?? at;
      above.set(each, at);
      each = next;
    }
    return at;
  };
  const join = (one: string, other: string): void => {
    const [first, second] = [root(one), root(other)];
    if (first !== second) above.set(second, first);
  };
  const members: [name: string, member: Member][] = [];
  for (let last = 0; ;) {
    const rows = page.all(last);
    for (const row of rows) {
      const source = String(row['source']);
      const name = `${source} ${String(row['key'])}`;
      if (typeof row['started_by'] === 'string') join(`${source} ${row['started_by']}`, name);
      if (typeof row['session'] === 'string') join(`\n${row['session']}`, name);
      members.push([
        name,
        {
          row: Number(row['row']),
          id: String(row['id']),
          source,
          changedAt: typeof row['updated_at'] === 'number' ? row['updated_at'] : undefined,
          project: typeof row['project'] === 'string' ? row['project'] : undefined,
          status: String(row['status']),
          messages: Number(row['messages']),
          isListed: row['listed'] === 1,
        },
      ]);
    }
    if (rows.length < BATCH) break;
    last = Number(rows.at(-1)!['row']);
    yield;
  }
  const families = new Map<string, Member[]>();
  yield* inPieces(members, (piece) => {
    for (const [name, member] of piece) {
      const top = root(name);
      const family = families.get(top);
      if (family) family.push(member);
      else families.set(top, [member]);
    }
  });
  const found: Family[] = [];
  yield* inPieces([...families.values()], (piece) => found.push(...piece.map(familyOf)));
  return found;
}

function familyOf(members: Member[]): Family {
  const listed = members.find(({ isListed }) => isListed) ?? members[0]!;
  const times = members.map(({ changedAt }) => changedAt ?? Infinity);
  const changedAt = times.reduce((newest, each) => Math.max(newest, each));
  return {
    id: listed.id,
    source: listed.source as SourceName,
    ...(listed.project !== undefined && { project: listed.project }),
    status: listed.status as MessageStatus,
    ids: members.map(({ id }) => id),
    rows: members.map(({ row }) => row),
    messages: members.reduce((sum, { messages }) => sum + messages, 0),
    ...(Number.isFinite(changedAt) && { changedAt }),
  };
}
