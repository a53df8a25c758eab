import type { AnswerEvent, FinishReason } from '../exchange/event.ts';
import type { Fault } from '../exchange/fault.ts';
import type { DialectName } from '../exchange/dialect-name.ts';
import type { Target } from '../exchange/target.ts';
import type { Usage } from '../exchange/usage.ts';

/** Why this attempt was made. `hop`: after commit, to carry an answer on. `hedge`: beside one that is slow to say its first word. */
export type AttemptKind = 'first' | 'retry' | 'next' | 'canary' | 'hop' | 'hedge';

/** A target that was not asked, and why. */
export interface PassedOver {
  target: string;
  reason: string;
}

export interface AttemptStart {
  type: 'attempt';
  ordinal: number;
  kind: AttemptKind;
  target: Target;
  /** The target speaks the client's dialect and the bytes pass through. */
  native: boolean;
  /** What could not be said to this target, and what was changed in native bytes: `tools[0]: only Anthropic runs it`. */
  losses: string[];
  edits: string[];
  /** Who was passed over since the attempt before this one; absent where nobody was. */
  skipped?: PassedOver[];
}

export type AttemptOutcome =
  | { type: 'whole'; mended: boolean }
  | { type: 'failed'; fault: Fault }
  /** Given up by us (client gone, hop superseded); counts neither way. */
  | { type: 'cancelled' };

export interface AttemptEnd {
  type: 'attempt-end';
  ordinal: number;
  outcome: AttemptOutcome;
  /** Milliseconds from the attempt's start; absent where it never came that far. */
  headersAfter?: number;
  firstEventAfter?: number;
  took: number;
  /** What the provider says it billed. */
  usage?: Partial<Usage>;
  /** What of its answer could not be said to the client, as in `AttemptStart`; absent where there was none. */
  losses?: string[];
  /** Dollars, by known prices, estimated where nobody counted; absent where it cost nothing or the price is not known. */
  cost?: number;
}

/** The answer's status line and headers, once they are decided. With status 200 the answer follows. */
export interface Head {
  type: 'head';
  status: number;
  headers: [name: string, value: string][];
  /** The attempt that delivers first; absent while headers go out before anything is known (header hold) and on errors. */
  target?: string;
}

/** A target's own bytes, passed on as they came. `events` is what they say; on disk only the bytes are kept. */
export interface Bytes {
  type: 'bytes';
  attempt: number;
  bytes: Buffer;
  events: AnswerEvent[];
  /** The terminator is among the bytes. */
  terminated: boolean;
}

/** Events to be written in the client's dialect. */
export interface Events {
  type: 'events';
  attempt: number;
  events: AnswerEvent[];
}

/** Two attempts meet here. */
export interface Seam {
  type: 'seam';
  from: string;
  to: string;
  /** Characters of text delivered before it. */
  delivered: number;
  /** How the pieces were joined. `resume`: the provider itself gave the rest, event by event. */
  join: 'anchor' | 'overlap' | 'restart' | 'prefill' | 'fresh' | 'resume';
}

export type ExchangeOutcome =
  | { type: 'complete'; finish: FinishReason }
  /** `committed`: the client had received part of an answer. `body`: the provider's own error, passed on as it came. */
  | { type: 'failed'; fault: Fault; committed: boolean; body?: string }
  | { type: 'cancelled'; committed: boolean }
  /** Nobody could answer, nothing of an answer was seen, and the request is kept to be asked again. `fault`: what stood in the way. */
  | { type: 'deferred'; fault: Fault }
  /** Found open after a crash. */
  | { type: 'interrupted' };

export interface End {
  type: 'end';
  outcome: ExchangeOutcome;
  /** Input of the first attempt, output as delivered. */
  usage?: Partial<Usage>;
  /** Who was passed over since the last attempt. */
  skipped?: PassedOver[];
  /** The answer's id as the provider gave it. The journal fills these two in, so that the answer is found by them without being read. */
  answer?: string;
  /** The ids that its provider gave to pieces of it, in dialects that have items. */
  items?: string[];
}

/** The history of an exchange, in order. Its place in that order is the cursor. */
export type Entry = AttemptStart | AttemptEnd | Head | Bytes | Events | Seam | End;

/** What opens an exchange. */
export interface Opening {
  id: string;
  /** UTC milliseconds. */
  at: number;
  dialect: DialectName;
  /** Model that was asked for. */
  model: string;
  /** Name of the route that was chosen. */
  route: string;
  stream: boolean;
  /** Who asks, as a label; never a credential. */
  principal: string;
  /** The client's own session id, where it sends one (`x-claude-code-session-id`). */
  session?: string;
  /** Which of its sub-agents asks, and which one started that, where the client says so (`x-claude-code-agent-id`). */
  agent?: string;
  parentAgent?: string;
  /** `user-agent`. */
  client?: string;
  /** The client's own trace context, where it sends one (W3C `traceparent`). */
  traceparent?: string;
  /** False: nothing of the content is kept (`save: off`). */
  save: boolean;
  /** Asked for under an Idempotency-Key. Hashes: of the key, and of what was asked (path, route, body). */
  once?: { key: string; question: string };
  /** The deferred exchange that this one is to answer. */
  runs?: string;
  /** What it takes to ask again, besides the body: kept where a request may be deferred. Never a credential. */
  again?: { path: string; headers: [name: string, value: string][]; route?: string };
}
