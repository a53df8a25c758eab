import type { AnswerEvent } from '../../exchange/event.ts';

/** What has been read from one chunk so far. */
export interface Reading {
  events: AnswerEvent[];
  /** False once something was seen that OpenAI's own client would trip over. */
  clean: boolean;
  /** Why the chunk cannot be trusted; the first one stays. */
  problem?: string;
  /** The longest piece of words in it: what tells a repeated frame from a repeated token. */
  longest: string;
}

export function newReading(): Reading {
  return { events: [], clean: true, longest: '' };
}

export function fail(reading: Reading, problem: string): void {
  reading.problem ??= problem;
}
