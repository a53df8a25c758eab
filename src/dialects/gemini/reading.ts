import type { AnswerEvent } from '../../exchange/event.ts';
import type { WireError } from '../../exchange/fault.ts';

/** What has been read from one chunk so far. */
export interface Reading {
  events: AnswerEvent[];
  /** Why the chunk cannot be trusted; the first one stays. */
  problem?: string;
  /** The answer ended in a way that means that there is none. */
  failure?: WireError;
  /** The longest piece of words in it: what tells a repeated frame from a repeated token. */
  longest: string;
}

export function newReading(): Reading {
  return { events: [], longest: '' };
}

export function fail(reading: Reading, problem: string): void {
  reading.problem ??= problem;
}
