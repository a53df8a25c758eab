import type { Priority } from '../exchange/priority.ts';

/** `waiting` and `running` are under way; the others are over. */
export type JobState = 'waiting' | 'running' | 'answered' | 'failed' | 'cancelled' | 'expired';

/** A kept request as the queue knows it: when and in which order it is asked again. What was said is in the journal. Times are UTC milliseconds. */
export interface Job {
  /** The deferred exchange. */
  exchange: string;
  state: JobState;
  priority: Priority;
  keptAt: number;
  /** When it is given up. */
  deadline: number;
  /** Not asked again before. */
  notBefore: number;
  /** How often it has been asked again. */
  attempts: number;
  route: string;
  model: string;
  principal: string;
  /** The exchange that is answering it, or that has, or that failed last. */
  run?: string;
  /** Why it failed last, or was given up. */
  reason?: string;
  /** URL that is told of its end. */
  notify?: string;
  /** Of a file of requests: the file's name here, and the line's. */
  batch?: string;
  line?: string;
  /** When it was over. */
  endedAt?: number;
}

/** How a request wants to be kept. Durations are milliseconds. */
export interface JobTerms {
  priority?: Priority;
  /** From now on. */
  deadline?: number;
  notify?: string;
  batch?: string;
  line?: string;
}
