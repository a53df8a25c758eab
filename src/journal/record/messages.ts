import type { AnswerQuery, ExchangeQuery, ExchangeSummary, OnceQuery } from '../journal.ts';
import type { RecordProblem } from './database.ts';
import type { Recorded } from './read.ts';

/** What the worker is told at its start. */
export interface WorkerSetup {
  /** Of the segments. */
  log: string;
  /** Path of the database. */
  database: string;
  /** Of an encrypted data folder. */
  key?: Uint8Array;
  /** Segments before this one are left over from earlier processes: what is open in them is interrupted. */
  firstSegment: number;
}

export type Question =
  | { type: 'list'; query: ExchangeQuery }
  | { type: 'get'; id: string }
  | { type: 'find'; query: AnswerQuery }
  | { type: 'find-once'; query: OnceQuery }
  | { type: 'find-run'; deferred: string }
  | { type: 'withdraw'; deferred: string };

export type ToWorker =
  /** Everything in the log up to here is whole. */
  | { type: 'wrote'; segment: number; size: number }
  /** No live answer needs a segment before this one. */
  | { type: 'release'; before: number }
  | { type: 'ask'; number: number; question: Question }
  | { type: 'close' };

export type FromWorker =
  /** After opening the database; `problem`: it can't be used (now). */
  | { type: 'ready'; problem?: RecordProblem }
  /** It can be used again, or no longer. */
  | { type: 'record'; problem?: RecordProblem }
  | { type: 'damage'; segment: number; offset: number; size: number }
  | { type: 'unfit'; exchange: string; reason: string }
  | { type: 'listed'; number: number; summaries: ExchangeSummary[] }
  | { type: 'got'; number: number; recorded: Recorded | undefined }
  | { type: 'found'; number: number; exchange: string | undefined }
  | { type: 'withdrawn'; number: number; done: boolean }
  | { type: 'closed' };
