import type { DialectName } from '../exchange/dialect-name.ts';
import type { Entry, Opening, PassedOver } from './entry.ts';

/** An entry with its place: 0, 1, 2, … without gaps. The `end` entry is the last. */
export interface LoggedEntry {
  seq: number;
  /** UTC milliseconds. */
  at: number;
  entry: Entry;
}

/** A reader of one answer. Entries come in order, each only after it is on disk (or the journal is degraded). */
export interface Follower {
  /** Asks for more after `take` has returned false. */
  resume(): void;
  stop(): void;
}

/** One exchange's answer while it is under way and for a short while after. */
export interface AnswerLog {
  readonly opening: Opening;
  append(entry: Entry): void;
  /**
   * Hands over the entries after `cursor` (-1: from the beginning), then what comes, until `end`. `take` returns false when it
   * wants no more for now. Readers that fall behind what is kept in memory are served from disk; `lost` is called, once and
   * last, if that fails or nothing was kept; also when the answer has ended and `cursor` is its end or beyond: nothing will come.
   */
  follow(cursor: number, take: (logged: LoggedEntry) => boolean, lost: (reason: string) => void): Follower;
}

/** Whether what is said is being saved. Degraded suspends promise 3 and shows in headers, status and board. */
export type JournalState =
  /** `record`: answers are saved in the log, but the record can't be read or written: finished exchanges are not listed. */
  { type: 'saving'; record?: { reason: string; action: string } } | { type: 'degraded'; since: number; reason: string; action: string };

export interface AttemptSummary {
  ordinal: number;
  kind: string;
  target: string;
  outcome: string;
  /** Fault class and symptom, where it failed. */
  fault?: string;
  message?: string;
  headersAfter?: number;
  firstEventAfter?: number;
  took?: number;
  /** Dollars, as in `AttemptEnd`. */
  cost?: number;
  /** What could not be said to this target, and what was changed in native bytes, as in `AttemptStart`; absent where there was none. */
  losses?: string[];
  edits?: string[];
}

export interface ExchangeSummary {
  id: string;
  at: number;
  endedAt?: number;
  dialect: string;
  model: string;
  route: string;
  stream: boolean;
  session?: string;
  client?: string;
  /** `running`, `complete`, `failed`, `cancelled`, `interrupted`; `deferred`: waits to be asked again; `answered`: waited, and was. */
  state: string;
  /** The exchange that answered this one, which had been deferred. */
  answeredBy?: string;
  /** The deferred exchange that this one is to answer. */
  runs?: string;
  /** The target that delivered first. */
  target?: string;
  finish?: string;
  attempts: AttemptSummary[];
  seams: number;
  usage?: { input?: number; output?: number };
  /** Dollars that its attempts have cost in all, where prices are known. */
  cost?: number;
  /** The answer's id as the provider gave it. */
  answer?: string;
  /** Entries are missing on disk: they fell into a time when nothing could be saved. */
  hole?: boolean;
  /** Entries so far: the next cursor. */
  entries: number;
}

export interface ExchangeDetail extends ExchangeSummary {
  /** The request's body as the client sent it; absent with `save: off`. */
  request?: string;
  /** The answer as far as it came, as text. */
  text?: string;
  /** Targets of the route that were not asked (or not again), and why: for the request, a setting, a cap, a limit, their health. */
  skipped?: PassedOver[];
}

/** All that is kept of an exchange. */
export interface KeptExchange {
  opening: Opening;
  /** As in `ExchangeSummary`. */
  state: string;
  /** The request's body; absent with `save: off`. */
  request?: Buffer;
  /** As far as it has come. */
  entries: LoggedEntry[];
}

export interface AnswerQuery {
  dialect: DialectName;
  principal: string;
  /** The id of the answer or of one of its items, as its provider gave it. */
  name: string;
}

/** Asks for what an earlier request under the same Idempotency-Key has come to. */
export interface OnceQuery {
  dialect: DialectName;
  principal: string;
  /** As in `Opening.once`. */
  key: string;
  /** UTC milliseconds: those asked before are forgotten. */
  since: number;
}

export interface ExchangeQuery {
  /** At most this many, newest first. */
  limit: number;
  /** Only those older than this exchange id. */
  before?: string;
  state?: string;
}

/** What happened, for everything that is not on the path: board, metrics, terminal. `version` is raised when a shape changes. */
export type Change = { version: 1; exchange: string; at: number } & (
  | { type: 'opened'; opening: Opening }
  | { type: 'entry'; entry: Exclude<Entry, { type: 'bytes' | 'events' }> }
);

export interface Journal {
  open(opening: Opening, request: Buffer): AnswerLog;
  /** The answer log of an exchange that is under way or ended less than a minute ago. */
  live(id: string): AnswerLog | undefined;
  running(): Opening[];
  state(): JournalState;
  list(query: ExchangeQuery): Promise<ExchangeSummary[]>;
  get(id: string): Promise<ExchangeDetail | undefined>;
  /** All entries of an exchange that has ended. */
  entries(id: string): Promise<LoggedEntry[] | undefined>;
  /** The id of the newest exchange whose answer, or an item of it, is known by this name. */
  find(query: AnswerQuery): Promise<string | undefined>;
  /** An exchange under way, or one that has ended. */
  recall(id: string): Promise<KeptExchange | undefined>;
  /** The newest exchange of a key that has an answer, or waits for one: only what ended well, and is kept. */
  findOnce(query: OnceQuery): Promise<string | undefined>;
  /** The newest exchange that was to answer this deferred one, whatever became of it. */
  findRun(deferred: string): Promise<string | undefined>;
  /** A deferred exchange waits no longer: nobody wants it. False: it did not wait. */
  withdraw(deferred: string): Promise<boolean>;
  subscribe(listener: (change: Change) => void): () => void;
  /** Waits until what has been appended is on disk and folded. */
  close(): Promise<void>;
}
