import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { DialectName } from '../../exchange/dialect-name.ts';
import type { Opening } from '../entry.ts';
import type { AnswerQuery, AttemptSummary, ExchangeQuery, ExchangeSummary } from '../journal.ts';
import { loadRequest, unpack } from './pieces.ts';

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

/** Providers may give an id twice (and simulated ones do): the newest is meant. */
const FIND = `
  SELECT id FROM exchanges
  WHERE (answer_id = :name OR id IN (SELECT exchange FROM answer_items WHERE item = :name)) AND dialect = :dialect AND principal = :principal
  ORDER BY id DESC LIMIT 1`;

export function findRecorded(database: DatabaseSync, { name, dialect, principal }: AnswerQuery): string | undefined {
  const row = database.prepare(FIND).get({ name, dialect, principal });
  return row && String(row['id']);
}

function openingOfRow(row: Row): Opening {
  return {
    id: String(row['id']),
    at: Number(row['at']),
    dialect: String(row['dialect']) as DialectName,
    model: String(row['model']),
    route: String(row['route']),
    stream: row['stream'] === 1,
    principal: String(row['principal']),
    ...text(row, 'session', 'session'),
    ...text(row, 'client', 'client'),
    save: row['saved'] === 1,
  };
}

function summaryOfRow(row: Row): ExchangeSummary {
  const { id, at, dialect, model, route, stream } = openingOfRow(row);
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
    ...text(row, 'target', 'target'),
    ...text(row, 'finish', 'finish'),
    attempts: JSON.parse(String(row['attempts'])) as AttemptSummary[],
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
