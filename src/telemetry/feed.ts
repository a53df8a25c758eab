import type { Clock } from '../exchange/clock.ts';
import type { Happening, Signal } from './signal.ts';

/** A signal with its place. */
export interface Placed {
  /** 0, 1, 2, … since this process began. */
  place: number;
  signal: Signal;
}

/** What happens, for all who watch. Keeps the newest `capacity` signals; whoever needs older ones asks the journal. */
export interface Feed {
  publish(happening: Happening, at?: number): void;
  /** Is called for each signal from now on, at once. A listener that throws hurts nobody else. */
  subscribe(listener: (placed: Placed) => void): () => void;
  /** Signals that are still kept, from this place on; where the first of them is gone, from the oldest. */
  from(place: number): Placed | undefined;
  /** Place of the oldest that is kept; of the next one if there is none. */
  oldest(): number;
  /** Place of the signal that comes next. */
  next(): number;
  /** Tells this process's places from another's. */
  readonly epoch: string;
}

/** Some 300 bytes each; about a thousand answers with one switch each. */
const CAPACITY = 4096;
/** Longest text in a signal, in characters: reasons and messages are sentences. */
const MOST_TEXT = 400;
const MOST_REASONS = 8;

export function createFeed(clock: Clock, fault: (error: unknown) => void, capacity = CAPACITY): Feed {
  const ring: (Signal | undefined)[] = Array.from({ length: capacity });
  const listeners = new Set<(placed: Placed) => void>();
  let next = 0;
  const oldest = (): number => Math.max(0, next - capacity);

  return {
    publish(happening, at = clock.now()) {
      const signal: Signal = { version: 1, at, ...bounded(happening) };
      const placed = { place: next, signal };
      ring[next % capacity] = signal;
      next += 1;
      for (const listener of listeners) {
        try {
          listener(placed);
        } catch (error) {
          fault(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    from(place) {
      const at = Math.max(place, oldest());
      const signal = at < next ? ring[at % capacity] : undefined;
      return signal && { place: at, signal };
    },
    oldest,
    next: () => next,
    epoch: clock.now().toString(36),
  };
}

/** Providers write what they like: no text of theirs makes the ring large. */
function bounded(happening: Happening): Happening {
  switch (happening.type) {
    case 'switch':
      return happening.why === undefined || happening.why.length <= MOST_TEXT ? happening : { ...happening, why: cut(happening.why) };
    case 'notice':
      return { ...happening, message: cut(happening.message) };
    case 'verdict':
      return { ...happening, reasons: happening.reasons.slice(0, MOST_REASONS).map(cut) };
    case 'product':
      return { ...happening, summary: cut(happening.summary) };
    case 'incident':
      return { ...happening, title: cut(happening.title) };
    case 'alert':
      return { ...happening, title: cut(happening.title), text: cut(happening.text) };
    case 'exchange-opened':
      return { ...happening, model: cut(happening.model), ...(happening.client !== undefined && { client: cut(happening.client) }) };
    default:
      return happening;
  }
}

function cut(text: string): string {
  return text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text;
}
