import { sseSplitter } from '../../dialects/sse.ts';
import { parseObject } from '../../exchange/json.ts';
import type { Head } from '../../journal/entry.ts';
import type { Journal, LoggedEntry } from '../../journal/journal.ts';
import type { Reframe } from '../delivery.ts';
import type { KeptLog } from '../ports.ts';
import { followEnded } from '../exchange-events.ts';
import type { KeptResponse } from './kept-response.ts';

/** A response's stream again, from behind the event of a sequence number. */
export function eventsAfter(sequence: number): Reframe {
  return {
    contentType: 'text/event-stream; charset=utf-8',
    push(sse) {
      const splitter = sseSplitter();
      const events = [...splitter.push(Buffer.from(sse)), ...splitter.end()];
      return events
        .filter(({ data }) => numberOf(data) > sequence)
        .map(({ raw }) => raw.toString('utf8'))
        .join('');
    },
    end: () => '',
  };
}

/** Comments have no number, and there is nobody who has had them already. */
function numberOf(data: string): number {
  const number = data === '' ? undefined : parseObject(data)?.sequence_number;
  return typeof number === 'number' ? number : Infinity;
}

/**
 * A kept response's log for one more reader. The reader is told at once that there is an answer: whatever became of it is said by its
 * events.
 */
export function logAgain(journal: Journal, { opening, entries, source }: KeptResponse): KeptLog {
  return {
    opening,
    follow(cursor, take, lost) {
      const known = entries.find(({ entry }) => entry.type === 'head' && entry.status === 200)?.entry;
      const head: Head = known?.type === 'head' ? known : { type: 'head', status: 200, headers: [] };
      const takeRest = (logged: LoggedEntry): boolean => (logged.entry.type === 'head' ? true : take(logged));
      take({ seq: -1, at: opening.at, entry: head });
      const live = journal.live(source);
      return live ? live.follow(cursor, takeRest, lost) : followEnded(entries, cursor, takeRest);
    },
  };
}
