import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Opening } from '../entry.ts';
import type { AnswerQuery, AttemptSummary, ExchangeQuery, ExchangeSummary, OnceQuery } from '../journal.ts';
import { totalCost } from '../summary.ts';
import { loadRequest, piecesIn, requestOf, unpack } from './pieces.ts';

type Row = Record<string, SQLOutputValue>;

/** An exchange out of the record. `packed`: its entries as frames (see told.ts). */
export interface Recorded {
  summary: ExchangeSummary;
  opening: Opening;
  request: Buffer | undefined;
  packed: Buffer;
}

const LIST = `
  SELECT * FROM exchanges
  WHERE (:before IS NULL OR id < :before) AND (:state IS NULL OR state = :state)
  ORDER BY id DESC LIMIT :limit`;

export function listRecorded(database: DatabaseSync, query: ExchangeQuery): ExchangeSummary[] {
  const rows = database.prepare(LIST).all({ before: query.before ?? null, state: query.state ?? null, limit: query.limit });
  return rows.map(summaryOfRow);
}

export function getRecorded(database: DatabaseSync, id: string): Recorded | undefined {
  const row = database.prepare('SELECT * FROM exchanges WHERE id = ?').get(id);
  if (!row) return undefined;
  const answer = database.prepare('SELECT encoding, data FROM answers WHERE exchange = ?').get(id);
  return {
    summary: summaryOfRow(row),
    opening: openingOfRow(row),
    request: loadRequest(database, id),
    packed: unpack(answer?.['encoding'], answer?.['data']),
  };
}

/** What has been said in an exchange, without what is counted of it. */
export interface RecordedTalk extends Omit<Recorded, 'summary'> {
  state: string;
  /** Of the table `answers`: in the order in which exchanges were folded. */
  row: number;
}

const TALKS = `
  SELECT a.rowid AS place, request_form, request, encoding, data, state, id, at, dialect, model, route, stream, principal, session, agent,
    parent_agent, client, saved, once_key, once_question, runs, again
  FROM answers AS a JOIN exchanges ON id = exchange WHERE a.rowid > ? ORDER BY a.rowid LIMIT ?`;

/** Finished exchanges after a row of `answers`, one after another: of many, that costs half of what asking for each one costs. */
export function talksIn(database: DatabaseSync): (after: number, limit: number) => Generator<RecordedTalk> {
  const find = database.prepare(TALKS);
  const pieces = piecesIn(database);
  return function* talks(after, limit) {
    for (const row of find.iterate(after, limit)) {
      const { place, state, encoding, data } = row;
      yield {
        row: Number(place),
        state: String(state),
        opening: openingOfRow(row),
        request: requestOf(row, pieces),
        packed: unpack(encoding, data),
      };
    }
  };
}

/** Providers may give an id twice (and simulated ones do): the newest is meant. */
const FIND = `
  SELECT id FROM exchanges
  WHERE (answer_id = :name OR id IN (SELECT exchange FROM answer_items WHERE item = :name)) AND dialect = :dialect AND principal = :principal
  ORDER BY id DESC LIMIT 1`;

export function findRecorded(database: DatabaseSync, { name, dialect, principal }: AnswerQuery): string | undefined {
  const row = database.prepare(FIND).get({ name, dialect, principal });
  return row && String(row['id']);
}

const FIND_ONCE = `
  SELECT id FROM exchanges
  WHERE once_key = :key AND dialect = :dialect AND principal = :principal AND at >= :since
    AND state IN ('complete', 'deferred', 'answered') AND saved = 1 AND hole = 0
  ORDER BY id DESC LIMIT 1`;

export function findOnceRecorded(database: DatabaseSync, { key, dialect, principal, since }: OnceQuery): string | undefined {
  const row = database.prepare(FIND_ONCE).get({ key, dialect, principal, since });
  return row && String(row['id']);
}

export function findRunRecorded(database: DatabaseSync, deferred: string): string | undefined {
  const row = database.prepare('SELECT id FROM exchanges WHERE runs = ? ORDER BY id DESC LIMIT 1').get(deferred);
  return row && String(row['id']);
}

/** False: it did not wait. */
export function withdrawRecorded(database: DatabaseSync, deferred: string): boolean {
  return database.prepare("UPDATE exchanges SET state = 'cancelled' WHERE id = ? AND state = 'deferred'").run(deferred).changes === 1;
}

export function openingOfRow(row: Row): Opening {
  const key = row['once_key'];
  const question = row['once_question'];
  const again = row['again'];
  return {
    id: String(row['id']),
    at: Number(row['at']),
    dialect: String(row['dialect']) as DialectName,
    model: String(row['model']),
    route: String(row['route']),
    stream: row['stream'] === 1,
    principal: String(row['principal']),
    ...text(row, 'session', 'session'),
    ...text(row, 'agent', 'agent'),
    ...text(row, 'parent_agent', 'parentAgent'),
    ...text(row, 'client', 'client'),
    save: row['saved'] === 1,
    ...(typeof key === 'string' && typeof question === 'string' ? { once: { key, question } } : {}),
    ...text(row, 'runs', 'runs'),
    ...(typeof again === 'string' ? { again: JSON.parse(again) as NonNullable<Opening['again']> } : {}),
  };
}

function summaryOfRow(row: Row): ExchangeSummary {
  const { id, at, dialect, model, route, stream } = openingOfRow(row);
  const attempts = JSON.parse(String(row['attempts'])) as AttemptSummary[];
  const usage = { ...number(row, 'input_tokens', 'input'), ...number(row, 'output_tokens', 'output') };
  return {
    id,
    at,
    endedAt: Number(row['ended_at']),
    dialect,
    model,
    route,
    stream,
    ...text(row, 'session', 'session'),
    ...text(row, 'client', 'client'),
    state: String(row['state']),
    ...text(row, 'answered_by', 'answeredBy'),
    ...text(row, 'runs', 'runs'),
    ...text(row, 'target', 'target'),
    ...text(row, 'finish', 'finish'),
    attempts,
    ...totalCost(attempts),
    seams: Number(row['seams']),
    ...(Object.keys(usage).length === 0 ? {} : { usage }),
    ...text(row, 'answer_id', 'answer'),
    ...(row['hole'] === 1 ? { hole: true } : {}),
    entries: Number(row['entries']),
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
