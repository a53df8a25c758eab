import type { DatabaseProblem } from '../journal/sqlite-file.ts';
import type { QuestionName, Questions } from './questions.ts';
import type { RetentionNews } from './retention/keeper.ts';
import type { RetentionRule } from './retention/rule.ts';
import type { SpaceReport } from './space/report.ts';

/** What the archive's worker is told at its start. */
export interface ArchiveSetup {
  /** The data folder. */
  folder: string;
  /** Of an encrypted data folder. */
  key?: Uint8Array;
  /** Folder of a mirror to keep up to date. */
  mirror?: string;
  /** Rules by which conversations are removed. */
  retention?: readonly RetentionRule[];
}

export type ToArchive =
  /** There may be something new in the record. */
  | { type: 'look' }
  | { [Name in QuestionName]: { type: 'ask'; number: number; question: Name; asked: Questions[Name]['asked'] } }[QuestionName]
  | { type: 'close' };

export type FromArchive =
  /** It can be used (again), or no longer. */
  | { type: 'state'; problem?: DatabaseProblem }
  /** The mirror can't be written; or, without a problem, it can be again. */
  | { type: 'mirror'; problem?: string }
  | { type: 'retention'; news: RetentionNews }
  /** The disk is looked at: how much room there is, whenever that is another. */
  | { type: 'space'; report: SpaceReport }
  /** How many exchanges could not be read into it so far. */
  | { type: 'skipped'; exchanges: number }
  | { type: 'answer'; number: number; answer: unknown }
  /** The archive can't be read; or the question has failed. */
  | { type: 'no-answer'; number: number; problem: DatabaseProblem };
