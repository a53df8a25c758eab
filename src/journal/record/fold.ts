import type { DatabaseSync } from 'node:sqlite';
import type { Told } from './collect.ts';
import { pack, requestStore } from './pieces.ts';
import { closed, itemsOfTold, openingOfTold, packEntries, summaryOfTold } from './told.ts';

const EXCHANGE = `
  INSERT INTO exchanges (id, at, ended_at, dialect, model, route, stream, principal, session, client, saved, state, target, finish,
    attempts, seams, input_tokens, output_tokens, hole, entries, answer_id, once_key, once_question, runs, again, agent, parent_agent)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
/** With the answer itself: no crash leaves a request waiting that has been answered. */
const ANSWERED = "UPDATE exchanges SET state = 'answered', answered_by = ? WHERE id = ? AND state = 'deferred'";
const ANSWER = 'INSERT INTO answers (exchange, request_form, request, encoding, data) VALUES (?, ?, ?, ?, ?)';

/** Puts exchanges into one database. Its statements are prepared once: that costs more than running them. */
export interface Fold {
  /** Puts one exchange into the record; one that has no end is interrupted. What is there already stays. Within a transaction. */
  exchange(id: string, history: Told): void;
  isFolded(id: string): boolean;
  /** A transaction has come to nothing. */
  undone(): void;
}

export function foldInto(database: DatabaseSync): Fold {
  const addExchange = database.prepare(EXCHANGE);
  const setAnswered = database.prepare(ANSWERED);
  const addAnswer = database.prepare(ANSWER);
  const addItem = database.prepare('INSERT OR IGNORE INTO answer_items (item, exchange) VALUES (?, ?)');
  const known = knownIn(database);
  const requests = requestStore(database);

  return {
    isFolded: known,
    undone: requests.forget,
    exchange(id, history) {
      const told = closed(id, history);
      const opening = openingOfTold(id, told);
      const summary = summaryOfTold(id, told);
      const added = addExchange.run(
        id,
        Math.trunc(opening.at),
        Math.trunc(summary.endedAt ?? opening.at),
        opening.dialect,
        opening.model,
        opening.route,
        opening.stream ? 1 : 0,
        opening.principal,
        opening.session ?? null,
        opening.client ?? null,
        opening.save ? 1 : 0,
        summary.state,
        summary.target ?? null,
        summary.finish ?? null,
        JSON.stringify(summary.attempts),
        summary.seams,
        count(summary.usage?.input),
        count(summary.usage?.output),
        told.hole ? 1 : 0,
        summary.entries,
        summary.answer ?? null,
        opening.once?.key ?? null,
        opening.once?.question ?? null,
        opening.runs ?? null,
        opening.again === undefined ? null : JSON.stringify(opening.again),
        opening.agent ?? null,
        opening.parentAgent ?? null,
      );
      if (added.changes === 0) return;
      if (opening.runs !== undefined && summary.state === 'complete') setAnswered.run(id, opening.runs);
      const request = told.stored?.request && requests.put(told.stored.request);
      const answer = pack(packEntries(told.entries));
      for (const item of itemsOfTold(told)) addItem.run(item, id);
      addAnswer.run(id, request?.form ?? null, request?.data ?? null, answer.encoding, answer.data);
    },
  };
}

/** Providers are not trusted to count in integers. */
function count(tokens: unknown): number | null {
  return typeof tokens === 'number' && Number.isFinite(tokens) ? Math.round(tokens) : null;
}

/** Tells whether an exchange is in the record. */
export function knownIn(database: DatabaseSync): (id: string) => boolean {
  const ask = database.prepare('SELECT 1 FROM exchanges WHERE id = ?');
  return (id) => ask.get(id) !== undefined;
}
