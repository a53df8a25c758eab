import type { DatabaseProblem } from '../journal/sqlite-file.ts';
import type { Happening, Signal } from '../telemetry/signal.ts';
import type { ProbeOutcome } from './probe/outcome.ts';
import type { WatchPlan } from './plan.ts';
import type { QuestionName, Questions } from './questions.ts';

/** What the watch's worker is told at its start. */
export interface WatchSetup {
  /** The data folder. */
  folder: string;
  /** Of an encrypted data folder. */
  key?: Uint8Array | undefined;
  /** Of Understudy, for the name under which pages are asked. */
  version: string;
  /** For proxies, and for programs that alerts start. */
  environment: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  plan: WatchPlan;
}

/** What the watch tells the rest of the house. */
export type WatchNews =
  /** For the changes feed. */
  | { type: 'happened'; happening: Extract<Happening, { type: 'product' | 'incident' | 'alert' | 'notice' }> }
  /** Targets (`provider/model`) that evidence from outside speaks against; all that it does not name are not, or no longer, suspected. */
  | { type: 'suspects'; targets: string[] }
  /** A target is to be asked for one token. */
  | { type: 'probe'; number: number; target: string };

export type ToWatch =
  /** Another configuration, or another address. */
  | { type: 'plan'; plan: WatchPlan }
  /** What happened here: attempts that ended, breakers that moved. */
  | { type: 'signals'; signals: Signal[] }
  | { [Name in QuestionName]: { type: 'ask'; number: number; question: Name; asked: Questions[Name]['asked'] } }[QuestionName]
  /** What became of a probe. */
  | { type: 'probed'; number: number; outcome: ProbeOutcome }
  | { type: 'close' };

export type FromWatch =
  /** It can be used (again), or no longer. */
  | { type: 'state'; problem?: DatabaseProblem }
  | WatchNews
  | { type: 'answer'; number: number; answer: unknown }
  | { type: 'no-answer'; number: number; problem: DatabaseProblem };
