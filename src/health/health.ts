import type { Fault } from '../exchange/fault.ts';
import type { Json } from '../exchange/json.ts';
import type { Priority } from '../exchange/priority.ts';
import type { Result } from '../exchange/result.ts';
import type { Effort } from '../exchange/request.ts';
import type { Target } from '../exchange/target.ts';
import type { HeldSlot } from './breaker.ts';

/** What a request looks like to the learned limits. */
export interface Shape {
  /** Bytes of the request body. */
  size: number;
  stream: boolean;
  reasoning: boolean;
  effort?: Effort;
  maxOutputTokens?: number;
  /** It goes to a model on a person's own machine. */
  computesHere?: boolean;
}

/** Milliseconds. */
export interface Limits {
  /** From the request's last byte to the response's headers (streaming). */
  headers: number;
  /** From the headers to the first semantic event. */
  firstEvent: number;
  /** The same while pings prove that a reasoning model lives. */
  firstEventAlive: number;
  /** Between two events with content. */
  idle: number;
  /** The same inside a tool call while pings arrive. */
  idleAlive: number;
  /** Between two pieces of reasoning of which something has been told; of hidden reasoning, `firstEvent` is the limit. */
  thinking: number;
  /** The same while pings arrive. */
  thinkingAlive: number;
  /** From request to whole body (not streaming). */
  whole: number;
}

/** Those that are measured; those within reasoning follow from them. */
export type MeasuredLimit = Exclude<keyof Limits, 'thinking' | 'thinkingAlive'>;

/** Deadlines that the user has set, in milliseconds; `auto` is learned. An explicit number wins everywhere, pings or not. */
export interface LimitOverrides {
  headers: number | 'auto';
  firstEvent: number | 'auto';
  idle: number | 'auto';
  whole: number | 'auto';
}

/** What an attempt that ended well took, in milliseconds. */
export interface Timings {
  headersAfter: number;
  firstEventAfter: number;
  longestGap: number;
  /** To the first words, or arguments of a call: what begins an answer without saying anything does not count. Absent where none came. */
  wordsAfter?: number;
  took: number;
}

export type Admission =
  | { type: 'go' }
  /** The breaker is open and it is time for one trial: this request is it. It must be settled by success, failure or abandon, with its `slot`. */
  | { type: 'canary'; slot: number }
  /** `until`: UTC ms when it may be tried again; absent while somebody else's trial is under way. */
  | { type: 'no'; reason: string; until?: number };

export type BreakerState =
  | { type: 'closed' }
  | { type: 'suspect' }
  | { type: 'open'; since: number; until: number; trials: number }
  | { type: 'half-open'; since: number; trials: number };

/** What is left of one of an account's limits. */
export interface AccountRoom {
  /** Label of the credential: `key`, `key 2`. */
  account: string;
  kind: 'requests' | 'tokens' | 'input-tokens' | 'output-tokens' | 'share';
  /** The span that it is counted over, where the provider says so: `minute`, `5h`. */
  window?: string;
  limit?: number;
  remaining: number;
  /** UTC ms when it is full again. */
  reset?: number;
}

/** A limit, and how it came about. */
export interface ExplainedLimit {
  limit: keyof Limits;
  /** Milliseconds, as all that follows but `answers` and `factor`. */
  ms: number;
  /** `set`: by the user. `all`: a prior, held against all of the target's answers. `derived`: from other limits. */
  from: 'set' | 'prior' | 'learned' | 'all' | 'derived';
  /** How many answers it was learned from. */
  answers?: number;
  p50?: number;
  p95?: number;
  p99?: number;
  /** What p99 is multiplied by. */
  factor?: number;
  floor?: number;
  ceiling?: number;
  /** `first words are waited for 24 s: 3 x the slowest 1 % of 212 answers, 8.1 s`. */
  said: string;
}

export interface TargetStatus {
  target: string;
  verdict: 'operational' | 'degraded' | 'down' | 'unknown';
  /** In words, newest evidence first. */
  reasons: string[];
  breaker: BreakerState;
  /** CUSUM score: 15 suspect, 21 open. */
  score: number;
  /** An account's or model's mark (rate limit, quota, auth, not found), apart from the provider's health. */
  mark?: { reason: string; until?: number };
  limits: Limits & { source: 'prior' | 'learned' };
  /** Which requests the limits are for, in words, and how each came about. */
  explained: { requests: string; limits: ExplainedLimit[] };
  successes: number;
  failures: number;
  lastFault?: { at: number; message: string };
  /** As the provider's own headers have told them last. */
  rooms?: AccountRoom[];
  /** Requests at once, where the settings limit them. `line`: who waits, in the order in which they would be served now. */
  concurrency?: { now: number; most: number; waiting: number; line?: { principal: string; priority: Priority }[] };
  /** What keeps it from being asked now, on those routes, besides its health: a cap on money, places that are all taken. `until`: UTC ms. */
  passedOver?: { routes: string[]; reason: string; until?: number }[];
}

/** What else is known about an attempt that failed. All of it may be missing; then the attempt is taken for the canary, if one is out. */
export interface FailureEvidence {
  /** Milliseconds since the attempt began. */
  took?: number;
  /** What it was let in with: `slot` of a canary, `null` of any other. */
  held?: HeldSlot;
  /**
   * For a rate limit: the smallest `remaining` in the answer's rate-limit headers, or `unstated` where neither headers nor body said whose
   * limit it was, or for how long. Only a 429 that is not the account's own (not 0) speaks against the provider. Absent: nobody looked, and
   * the account is blamed.
   */
  remaining?: number | 'unstated';
}

/**
 * What somebody who has left a target wants to know before coming back. `since`, in UTC ms: when it was last seen ill; or since when a trial
 * has been due that nobody has made. `ill`: it is suspected, out, or being tried by somebody else.
 */
export type Standing = { type: 'well' | 'trial-due'; since: number } | { type: 'ill' };

/** Signals in, verdicts out. Pure: the clock is an argument of whoever makes one. */
export interface Health {
  /**
   * Whether a request may go to this target now. `lastResort`: nobody else could answer; then an open breaker's back-off and what was
   * marked on account or model are not waited for, still one request at a time (but without that bound for whoever still answers now and
   * then). A wait that the provider asked for is.
   */
  admit(target: Target, lastResort?: boolean): Admission;
  succeeded(target: Target, shape: Shape, timings: Timings, held?: HeldSlot): void;
  failed(target: Target, fault: Fault, evidence?: FailureEvidence): void;
  /**
   * The attempt was given up by us; a canary's slot is free again. `took`: milliseconds since it began, so that one older than the canary
   * leaves its slot alone; `held`: as in `FailureEvidence`, so that one beside it does too.
   */
  abandoned(target: Target, took?: number, held?: HeldSlot): void;
  /** Somebody else has answered before this attempt said anything, for `waited` milliseconds: no verdict, but such waits occur. */
  outrun(target: Target, shape: Shape, waited: number): void;
  limits(target: Target, shape: Shape): Limits;
  /**
   * Milliseconds after which most requests like it have begun to be answered by this target (been answered, where they do not stream):
   * the learned p95. Whoever waits longer may look for somebody else, without a fault being found.
   */
  usualWait(target: Target, shape: Shape): number;
  /** One same-target retry makes sense: the breaker is closed. */
  healthy(target: Target): boolean;
  /** Evidence from outside speaks against it (`LastingHealth.suspect`). */
  suspected(target: Target): boolean;
  standing(target: Target): Standing;
  status(): TargetStatus[];
}

/** A health that outlives its process. */
export interface LastingHealth extends Health {
  /** Deadlines of a reloaded configuration, for attempts from now on. */
  override(overrides: LimitOverrides): void;
  /** Tells (`HealthOptions.onChange`) of what time alone has changed: suspicions fade, marks run out, old evidence says nothing. */
  review(): void;
  /**
   * Evidence from outside (status pages, probes, the crowd) speaks against the targets of these names (`provider/model`), and against no others. While it
   * does, a learned limit on headers and first words (where no reasoning was asked for) is a third shorter, and `hedge: auto` starts the next target beside a silent one. Nothing else: no
   * breaker moves, no request is kept from a target, and a trial of one that is out comes when it would have come; so whoever answers keeps answering.
   */
  suspect(names: Iterable<string>): void;
  /** Everything that is known, as JSON. */
  snapshot(): Json;
  /**
   * Takes a snapshot over in place of what is known; canaries under way when it was made are forgotten. `keep`, after a restart: whether a
   * target is still there; what is too old to say anything is then left out (after-restart.ts). On an error nothing changes.
   */
  restore(snapshot: Json, keep?: (target: Target) => boolean): Result<void, string>;
}
