import { shareOf } from '../budget.ts';
import { type Desk, refuse, type Visit } from '../desk.ts';
import { deliver, parsedOnce } from '../dialect-endpoint.ts';
import { followEnded, unknownExchange } from '../exchange-events.ts';
import type { KeptExchange, LoggedEntry } from '../../journal/journal.ts';
import type { KeptLog } from '../ports.ts';
import type { PlacedJob } from '../queue/queue-port.ts';
import type { Refusal } from '../refusal.ts';
import { type Dialects, headOf } from './again.ts';
import { answerOf, keptLog } from './answer-of.ts';
import { givenUpFault } from './fault.ts';

/**
 * `GET /api/exchanges/{id}/answer`: the answer as the one who asked got it, or would have got it: in its dialect, streamed or whole; while
 * it is under way, from its beginning on. Of an exchange that was deferred, the answer of the one that answered it.
 */
export async function exchangeAnswer(desk: Desk, dialects: Dialects, visit: Visit, id: string): Promise<void> {
  const { journal, queue } = desk.ports;
  const found = await answerOf(journal, id);
  if (visit.response.destroyed) return;
  const turnDown = (refusal: Refusal): void => refuse(desk.clock, visit.request, visit.response, refusal, undefined);
  if (!found) return turnDown(unknownExchange(id));
  const { exchange, source } = found;
  const head = headOf(dialects, exchange);
  if (!head || !exchange.request) return turnDown(notKept(id));
  deliver(
    desk,
    visit,
    {
      ask: { dialect: dialects[exchange.opening.dialect], head },
      asked: { log: withoutHope(exchange, queue.get(id)) ?? keptLog(journal, source), abandon: () => undefined },
      request: parsedOnce(exchange.request, { layout: head.layout }),
      attached: true,
    },
    shareOf(desk.budget),
  );
}

/** One that waited and was given up says so, rather than that it waits. */
function withoutHope({ opening, state, entries }: KeptExchange, job: PlacedJob | undefined): KeptLog | undefined {
  const last = entries.at(-1);
  if (state !== 'cancelled' || last?.entry.type !== 'end' || last.entry.outcome.type !== 'deferred') return undefined;
  const fault = givenUpFault(opening.id, job?.state, job?.reason ?? last.entry.outcome.fault.message);
  const end: LoggedEntry = { ...last, entry: { type: 'end', outcome: { type: 'failed', fault, committed: false } } };
  return { opening, follow: (cursor, take) => followEnded([end], cursor, take) };
}

function notKept(id: string): Refusal {
  return {
    status: 404,
    code: 'not-kept',
    message: `Nothing of what was said in the exchange ${id} has been kept.`,
    hint: 'Its route is set to save: off, or nothing could be saved at the time.',
  };
}
