import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { LoggedEntry } from '../../journal/journal.ts';
import { HEAD_ROOM, writeEntry } from '../../journal/payload.ts';
import { pack, unpack } from '../../journal/record/pieces.ts';
import { openingOfRow } from '../../journal/record/read.ts';
import { unpackEntries } from '../../journal/record/told.ts';
import { replayer } from '../../journal/replay.ts';
import { DECODERS } from '../exchanges/follow.ts';
import type { Finder } from '../redaction/finder.ts';
import { redactEntries } from '../redaction/redact-entries.ts';
import { type Note, redactJson, redactText } from '../redaction/redact-text.ts';
import { inTransaction } from '../store/transaction.ts';
import { HASH_BYTES } from './forget-exchanges.ts';

/** Ids of exchanges that hold what is to go, in their request or in their answer. */
export interface RecordedPlaces {
  requests: string[];
  answers: string[];
}

/** Exchanges of one transaction. */
const BATCH = 32;

const ROW = `
  SELECT e.*, a.request_form, a.request, a.encoding, a.data FROM exchanges AS e LEFT JOIN answers AS a ON a.exchange = e.id WHERE e.id = ?`;

/** Where it is in the record. `exchanges`: only in these. */
export function findInRecord(record: DatabaseSync, finder: Finder, exchanges: readonly string[] | undefined, note: Note): RecordedPlaces {
  const places: RecordedPlaces = { requests: [], answers: [] };
  const find = record.prepare(ROW);
  const pieceOf = piecesOf(record, finder, note);
  for (const id of exchanges ?? allOf(record)) {
    const row = find.get(id);
    if (!row) continue;
    if (requestOf(row, finder, note, pieceOf) || detailsOf(row, finder, note)) places.requests.push(id);
    if (answerOf(row, finder, note)) places.answers.push(id);
  }
  return places;
}

/** Takes it out of these exchanges. What is left of it is in free pages. */
export function redactRecord(record: DatabaseSync, finder: Finder, { requests, answers }: RecordedPlaces): void {
  const find = record.prepare(ROW);
  const setDetails = record.prepare('UPDATE exchanges SET attempts = ?, again = ?, client = ? WHERE id = ?');
  const setRequest = record.prepare('UPDATE answers SET request = ? WHERE exchange = ?');
  const setAnswer = record.prepare('UPDATE answers SET encoding = ?, data = ? WHERE exchange = ?');
  const addPiece = record.prepare('INSERT OR IGNORE INTO pieces (hash, encoding, data) VALUES (?, ?, ?)');
  const quiet: Note = () => undefined;
  const pieceOf = piecesOf(record, finder, quiet);
  const ids = [...new Set([...requests, ...answers])];
  for (let at = 0; at < ids.length; at += BATCH) {
    inTransaction(record, () => {
      for (const id of ids.slice(at, at + BATCH)) {
        const row = find.get(id);
        if (!row) continue;
        const request = requestOf(row, finder, quiet, pieceOf);
        if (request) {
          for (const { name, bytes } of request.pieces) {
            const packed = pack(bytes);
            addPiece.run(name, packed.encoding, packed.data);
          }
          setRequest.run(request.stored, id);
        }
        const details = detailsOf(row, finder, quiet);
        if (details) setDetails.run(...details, id);
        const answer = answerOf(row, finder, quiet);
        if (answer) setAnswer.run(answer.encoding, answer.data, id);
      }
    });
  }
  removeUnnamed(record);
}

/** A piece without it; `undefined`: it is not in there. Each is looked at once, however many requests have it. */
type PieceOf = (name: Buffer) => { name: Buffer; bytes: Buffer } | undefined;

function piecesOf(record: DatabaseSync, finder: Finder, note: Note): PieceOf {
  const find = record.prepare('SELECT encoding, data FROM pieces WHERE hash = ?');
  const seen = new Map<string, { name: Buffer; bytes: Buffer } | undefined>();
  return (name) => {
    const key = name.toString('latin1');
    if (seen.has(key)) return seen.get(key);
    const row = find.get(name);
    const text = unpack(row?.['encoding'], row?.['data']).toString('utf8');
    // Cuts are between values, never within one (record/split-request.ts).
    const clean = redactJson(text, finder, note);
    const bytes = Buffer.from(clean);
    const found = clean === text ? undefined : { name: createHash('sha256').update(bytes).digest(), bytes };
    seen.set(key, found);
    return found;
  };
}

type Row = Record<string, SQLOutputValue>;

interface CleanRequest {
  stored: Buffer;
  pieces: { name: Buffer; bytes: Buffer }[];
}

function requestOf(row: Row, finder: Finder, note: Note, pieceOf: PieceOf): CleanRequest | undefined {
  const stored = unpack('raw', row['request']);
  if (row['request_form'] === 'whole') {
    const text = stored.toString('utf8');
    const clean = redactText(text, finder, note);
    return clean === text ? undefined : { stored: Buffer.from(clean), pieces: [] };
  }
  if (row['request_form'] !== 'pieces') return undefined;
  const request: CleanRequest = { stored: Buffer.from(stored), pieces: [] };
  for (let at = 0; at < stored.length; at += HASH_BYTES) {
    const name = stored.subarray(at, at + HASH_BYTES);
    const piece = pieceOf(name);
    if (!piece) continue;
    piece.name.copy(request.stored, at);
    request.pieces.push(piece);
  }
  return request.pieces.length > 0 ? request : undefined;
}

/** Why targets were passed over, in their words; what it takes to ask again; the client's name. */
function detailsOf(row: Row, finder: Finder, note: Note): [attempts: string, again: string | null, client: string | null] | undefined {
  const attempts = String(row['attempts']);
  const again = typeof row['again'] === 'string' ? row['again'] : null;
  const client = typeof row['client'] === 'string' ? row['client'] : null;
  const clean = [
    redactJson(attempts, finder, note),
    again === null ? null : redactJson(again, finder, note),
    client === null ? null : redactText(client, finder, note),
  ] as [string, string | null, string | null];
  return clean[0] === attempts && clean[1] === again && clean[2] === client ? undefined : clean;
}

function answerOf(row: Row, finder: Finder, note: Note): { encoding: string; data: Buffer } | undefined {
  if (row['data'] === null || row['data'] === undefined) return undefined;
  const entries = unpackEntries(unpack(row['encoding'], row['data'])).map(replayer(openingOfRow(row), DECODERS));
  const clean = redactEntries(entries, finder, note);
  return clean && pack(packed(String(row['id']), clean));
}

/** As `packEntries` of record/told.ts. */
function packed(id: string, entries: readonly LoggedEntry[]): Buffer {
  const out: Buffer[] = [];
  for (const logged of entries) writeEntry(Buffer.allocUnsafe(HEAD_ROOM), 0, id, logged, false, 0, out);
  return Buffer.concat(out);
}

/** Pieces that no request has any more: also what a run that was cut off has left. */
function removeUnnamed(record: DatabaseSync): void {
  const named = new Set<string>();
  for (const { request } of record.prepare("SELECT request FROM answers WHERE request_form = 'pieces'").iterate()) {
    const stored = unpack('raw', request);
    for (let at = 0; at < stored.length; at += HASH_BYTES) named.add(stored.toString('latin1', at, at + HASH_BYTES));
  }
  const left = record
    .prepare('SELECT hash FROM pieces')
    .all()
    .map(({ hash }) => unpack('raw', hash))
    .filter((hash) => !named.has(hash.toString('latin1')));
  const remove = record.prepare('DELETE FROM pieces WHERE hash = ?');
  inTransaction(record, () => {
    for (const hash of left) remove.run(hash);
  });
}

function allOf(record: DatabaseSync): string[] {
  return record
    .prepare('SELECT id FROM exchanges ORDER BY id')
    .all()
    .map(({ id }) => String(id));
}
