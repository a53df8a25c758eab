import type { DatabaseSync } from 'node:sqlite';
import type { Told } from './collect.ts';
import { pack, storeRequest } from './pieces.ts';
import { splitRequest } from './split-request.ts';
import { closed, openingOfTold, packEntries, summaryOfTold } from './told.ts';

const EXCHANGE = `
  INSERT INTO exchanges (id, at, ended_at, dialect, model, route, stream, principal, session, client, saved, state, target, finish, seams,
    input_tokens, output_tokens, hole, entries)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const ATTEMPT = `
  INSERT INTO attempts (exchange, position, ordinal, kind, target, outcome, fault, message, headers_after, first_event_after, took)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Puts one exchange into the record; one that has no end is interrupted. What is there already stays. Within a transaction. */
export function foldExchange(database: DatabaseSync, id: string, history: Told): void {
  if (isFolded(database, id)) return;
  const told = closed(history);
  const opening = openingOfTold(id, told);
  const summary = summaryOfTold(id, told);
  database
    .prepare(EXCHANGE)
    .run(
      id,
      Math.trunc(opening.at),
      Math.trunc(summary.endedAt ?? opening.at),
      opening.dialect,
      opening.model,
      opening.route,
      Number(opening.stream),
      opening.principal,
      opening.session ?? null,
      opening.client ?? null,
      Number(opening.save),
      summary.state,
      summary.target ?? null,
      summary.finish ?? null,
      summary.seams,
      count(summary.usage?.input),
      count(summary.usage?.output),
      Number(told.hole),
      summary.entries,
    );
  const attempt = database.prepare(ATTEMPT);
  for (const [position, each] of summary.attempts.entries()) {
    attempt.run(
      id,
      position,
      each.ordinal,
      each.kind,
      each.target,
      each.outcome,
      each.fault ?? null,
      each.message ?? null,
      each.headersAfter ?? null,
      each.firstEventAfter ?? null,
      each.took ?? null,
    );
  }
  if (told.stored?.request) storeRequest(database, id, splitRequest(told.stored.request));
  const answer = pack(packEntries(id, told.entries));
  database.prepare('INSERT INTO answers (exchange, encoding, data) VALUES (?, ?, ?)').run(id, answer.encoding, answer.data);
}

/** Providers are not trusted to count in integers. */
function count(tokens: unknown): number | null {
  return typeof tokens === 'number' && Number.isFinite(tokens) ? Math.round(tokens) : null;
}

export function isFolded(database: DatabaseSync, id: string): boolean {
  return database.prepare('SELECT 1 FROM exchanges WHERE id = ?').get(id) !== undefined;
}
