import type { StreamDecoder } from '../dialects/dialect.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import type { Opening } from './entry.ts';
import type { LoggedEntry } from './journal.ts';
import type { StoredEntry } from './payload.ts';

/** What a target's own bytes mean. */
export interface Decoders {
  stream(dialect: DialectName): StreamDecoder;
  /** A whole body, of an answer that is not streamed. */
  whole(dialect: DialectName, body: Buffer): AnswerEvent[];
}

export interface Placed {
  seq: number;
  at: number;
  entry: StoredEntry;
}

/**
 * Turns entries as they lie on disk into entries as they were appended: finds the events of bytes again. Entries have to come
 * in order and from the first one, because decoders remember.
 */
export function replayer(opening: Opening, decoders: Decoders): (stored: Placed) => LoggedEntry {
  const attempts = new Map<number, StreamDecoder>();

  function eventsIn(attempt: number, bytes: Buffer): AnswerEvent[] {
    if (!opening.stream) return decoders.whole(opening.dialect, bytes);
    let decoder = attempts.get(attempt);
    if (!decoder) attempts.set(attempt, (decoder = decoders.stream(opening.dialect)));
    return decoder.push(bytes).flatMap((frame) => (frame.type === 'events' || frame.type === 'end' ? frame.events : []));
  }

  return ({ seq, at, entry }) => {
    if (entry.type !== 'bytes') return { seq, at, entry };
    return { seq, at, entry: { ...entry, events: entry.events ?? eventsIn(entry.attempt, entry.bytes) } };
  };
}
