import type { Phase } from './page-reading.ts';

export type Severity = 'minor' | 'major' | 'critical' | 'unknown';

/** One event, whoever told of it. Times are UTC milliseconds. */
export interface Incident {
  /** Ours, time-ordered, and the same for as long as it is known. */
  id: string;
  kind: 'incident' | 'maintenance';
  title: string;
  /** `anthropic/api`, `anthropic/chat`. */
  products: string[];
  /** Models that it is said to be limited to; none: all, or not said. As the provider's API names them where that is known. */
  models: string[];
  severity: Severity;
  phase: Phase;
  /** As stated by whoever told of it. Of planned work, its planned beginning. */
  startedAt: number;
  /** When it was first seen here. */
  firstSeenAt: number;
  /** As stated; of planned work, its planned end. */
  endedAt?: number;
  /** When its end was first seen here. */
  endSeenAt?: number;
  /** Its phase is told by its window: whoever planned the work has not said that it began, or that it is over. */
  byWindow?: true;
  /** What its page said of it before it was changed after the fact, oldest first. */
  before?: { title: string; severity: Severity; startedAt: number; seenUntil: number }[];
  /** Oldest first. */
  updates: IncidentUpdate[];
  sources: IncidentSource[];
}

export interface IncidentUpdate {
  /** As claimed. */
  at: number;
  /** When it was first seen here. */
  seenAt: number;
  phase: Phase;
  text: string;
  source: IncidentSource;
  /** What it said before it was changed after the fact, oldest first. */
  before?: { text: string; phase: Phase; at: number; seenUntil: number }[];
  /** It is no longer there; UTC ms of when that was seen. */
  removedAt?: number;
}

/** `page`: a status page. `own`: own traffic and probes. `hand`: written by the operator of this server. */
export type IncidentSource =
  | { type: 'page'; page: string; id: string; url?: string }
  | { type: 'own'; product: string }
  | { type: 'hand'; by?: string };
