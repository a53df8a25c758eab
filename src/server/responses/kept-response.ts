import type { Dialect, RequestHead } from '../../dialects/dialect.ts';
import type { AnswerEvent } from '../../exchange/event.ts';
import { exchangeTime } from '../../exchange/ids.ts';
import type { ExchangeOutcome, Opening } from '../../journal/entry.ts';
import type { Journal, LoggedEntry } from '../../journal/journal.ts';
import { answerOf } from '../deferred/answer-of.ts';

/** A response that was kept, as far as it has come. */
export interface KeptResponse {
  opening: Opening;
  /** The request in its full form: with the history that it went on from. */
  request: Buffer;
  head: RequestHead;
  /** As in `ExchangeSummary`. */
  state: string;
  entries: LoggedEntry[];
  /** Whose entries these are: another's than `opening` says where it had been deferred. */
  source: string;
}

/** What every place of this room works with. */
export interface ResponseDesk {
  journal: Journal;
  dialect: Dialect;
}

const PATH = '/v1/responses';

/**
 * A response by its id: one of ours (`resp_` and the exchange's id), or as a native provider named it. Nothing for another principal,
 * and nothing where the client (`store: false`) or the route (`save: off`) did not want it kept.
 */
export async function findResponse({ journal, dialect }: ResponseDesk, principal: string, id: string): Promise<KeptResponse | undefined> {
  const exchange = exchangeOf(id) ?? (await journal.find({ dialect: dialect.name, principal, name: id }));
  const found = exchange === undefined ? undefined : await answerOf(journal, exchange);
  if (!found) return undefined;
  const { exchange: kept, source } = found;
  if (!kept.request || kept.opening.dialect !== dialect.name || kept.opening.principal !== principal) return undefined;
  const head = dialect.inspect(kept.request, PATH);
  if (!head.ok || !head.value.stored) return undefined;
  const { state, entries } = source;
  return { opening: kept.opening, request: kept.request, head: head.value, state, entries, source: source.opening.id };
}

/** Our own ids say which exchange they stand for. */
function exchangeOf(id: string): string | undefined {
  const exchange = id.startsWith('resp_') ? id.slice(5) : '';
  return exchangeTime(exchange) === undefined ? undefined : exchange;
}

export function outcomeOf({ entries }: Pick<KeptResponse, 'entries'>): ExchangeOutcome | undefined {
  const last = entries.at(-1)?.entry;
  return last?.type === 'end' ? last.outcome : undefined;
}

export function eventsOf({ entries }: Pick<KeptResponse, 'entries'>): AnswerEvent[] {
  return entries.flatMap(({ entry }) => (entry.type === 'bytes' || entry.type === 'events' ? entry.events : []));
}
