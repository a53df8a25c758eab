/** What went wrong, in the terms that decide what follows (the table in docs/failover.md). */
export type FaultClass =
  | 'provider-fault'
  | 'rate-limited'
  | 'quota'
  | 'auth'
  | 'model-not-found'
  | 'bad-request'
  | 'too-long'
  | 'local-network'
  | 'cancelled';

/** How it showed, for the record, metrics and people. */
export type FaultSymptom =
  | 'refused'
  | 'dns'
  | 'tls'
  | 'connect-timeout'
  | 'reset'
  | 'closed'
  | 'protocol'
  | 'headers-timeout'
  | 'first-event-timeout'
  | 'idle-timeout'
  | 'total-timeout'
  | 'status'
  | 'error-event'
  | 'not-an-answer'
  | 'empty'
  | 'truncated'
  | 'malformed'
  | 'bad-tool-call'
  | 'diverged'
  | 'runaway'
  | 'too-large'
  | 'skipped'
  | 'client-gone';

export interface Fault {
  class: FaultClass;
  symptom: FaultSymptom;
  /** One sentence for people, without secrets. */
  message: string;
  /** HTTP status of the provider's answer, where there was one. */
  status?: number;
  /** The provider's own type or code: `overloaded_error`, `insufficient_quota`, … */
  code?: string;
  /** How long the provider asked to wait, in milliseconds. */
  retryAfter?: number;
  /** The provider's request id. */
  requestId?: string;
  /** Since when it has been so, in UTC ms, where that is known. */
  since?: number;
}

/** An error that a provider wrote, before it is judged. Made by a dialect from a status and a body, or from a frame. */
export interface WireError {
  status?: number;
  type?: string;
  code?: string;
  message: string;
  param?: string;
  /** Milliseconds, from headers or body. */
  retryAfter?: number;
  requestId?: string;
}
