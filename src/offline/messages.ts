import type { Result } from '../exchange/result.ts';
import type { Incident } from '../watch/incident.ts';
import type { RunbookHint } from '../watch/runbooks.ts';
import type { ShownRunbook, ShownRunbooks, TickAsked, TickProblem } from './runbook/runbook-book.ts';
import type { SearchAsked, Searched } from './searching.ts';

/** What the offline desk's worker is told at its start. */
export interface OfflineSetup {
  /** The data folder. */
  folder: string;
  /** Of an encrypted data folder. */
  key?: Uint8Array | undefined;
  places: OfflinePlaces;
}

/** Folders, absolute. */
export interface OfflinePlaces {
  notes: string[];
  runbooks: string[];
}

/** What the worker can be asked, and what it answers. Structured clones. */
export interface Questions {
  search: { asked: SearchAsked; answer: Searched };
  runbooks: { asked: { incidents: Incident[] }; answer: ShownRunbooks };
  tick: { asked: TickAsked & { incidents: Incident[] }; answer: Result<ShownRunbook, TickProblem> };
}

export type QuestionName = keyof Questions;

export type ToOffline =
  /** Another configuration. */
  | { type: 'places'; places: OfflinePlaces }
  | { [Name in QuestionName]: { type: 'ask'; number: number; question: Name; asked: Questions[Name]['asked'] } }[QuestionName]
  | { type: 'close' };

export type FromOffline =
  /** Runbooks as far as the watch has to know them: at the start, and whenever they are others. */
  | { type: 'hints'; hints: RunbookHint[] }
  | { type: 'answer'; number: number; answer: unknown }
  | { type: 'no-answer'; number: number; reason: string };
