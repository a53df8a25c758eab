import type { Journal, KeptExchange } from '../../journal/journal.ts';
import type { KeptLog } from '../ports.ts';
import { followEnded } from '../exchange-events.ts';

/** An exchange, and the one whose entries are its answer: itself, or who answered it after it had been deferred. */
export interface FoundAnswer {
  exchange: KeptExchange;
  source: KeptExchange;
}

/** `undefined`: there is no such exchange. While one that was deferred is being asked again, what is coming in is its answer. */
export async function answerOf(journal: Journal, id: string): Promise<FoundAnswer | undefined> {
  const exchange = await journal.recall(id);
  if (!exchange) return undefined;
  if (exchange.state !== 'deferred' && exchange.state !== 'answered') return { exchange, source: exchange };
  const run = await journal.findRun(id);
  const source = run === undefined ? undefined : await journal.recall(run);
  return { exchange, source: source && (source.state === 'complete' || source.state === 'running') ? source : exchange };
}

/** A kept answer for one more reader. */
export function keptLog(journal: Journal, { opening, entries }: KeptExchange): KeptLog {
  return journal.live(opening.id) ?? { opening, follow: (cursor, take) => followEnded(entries, cursor, take) };
}
