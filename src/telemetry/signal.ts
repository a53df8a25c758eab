import type { Usage } from '../exchange/usage.ts';
import type { HealthState } from '../health/changes.ts';
import type { AttemptKind, Seam } from '../journal/entry.ts';

/** What went wrong, without the provider's own words: they might quote the question. */
export interface FaultSignal {
  class: string;
  symptom: string;
  /** HTTP status. */
  status?: number;
  /** The provider's own type or code. */
  code?: string;
  /** Milliseconds that the provider asked to wait. */
  retryAfter?: number;
}

/** A switch before the first words is invisible but for its wait; one after them has a seam. */
export interface Switch {
  type: 'switch';
  exchange: string;
  /** Model that was asked for. */
  model: string;
  session?: string;
  /** `provider/model`. */
  from: string;
  to: string;
  when: 'before-first-words' | 'after-first-words';
  /** After the first words: characters delivered before the seam, and how the pieces were joined. */
  delivered?: number;
  join?: Seam['join'];
  /** One sentence about why `from` did not go on, perhaps its provider's; absent with `save: off`. */
  why?: string;
}

type ProductVerdict = 'operational' | 'degraded' | 'down' | 'unknown';

/**
 * What happened, for whoever watches: board, alerts, notices, logs. Part of `GET /api/events`: a field is added, never changed; `version`
 * is raised when one is. Times are UTC milliseconds, durations milliseconds. Never content, never a credential; only `Switch.why` may be a
 * provider's own sentence.
 */
export type Happening =
  | {
      type: 'exchange-opened';
      exchange: string;
      dialect: string;
      model: string;
      route: string;
      stream: boolean;
      session?: string;
      client?: string;
    }
  | {
      type: 'exchange-ended';
      exchange: string;
      model: string;
      route: string;
      session?: string;
      /** `complete`, `failed`, `cancelled`, `interrupted`, `deferred`. */
      outcome: string;
      finish?: string;
      fault?: FaultSignal;
      /** Who delivered last; absent where nobody did. */
      target?: string;
      attempts: number;
      /** Seams in the answer. */
      seams: number;
      took: number;
      usage?: Partial<Usage>;
    }
  | { type: 'attempt-begun'; exchange: string; attempt: number; kind: AttemptKind; target: string; native: boolean }
  | {
      type: 'attempt-ended';
      exchange: string;
      attempt: number;
      kind: AttemptKind;
      target: string;
      /** `whole`, `failed`, `cancelled`. */
      outcome: string;
      fault?: FaultSignal;
      headersAfter?: number;
      firstEventAfter?: number;
      took: number;
      usage?: Partial<Usage>;
    }
  | Switch
  /** The verdict on a target is another than before, or its account or model was set aside or taken back. */
  | { type: 'verdict'; target: string; credential: string; from: HealthState; to: HealthState; reasons: string[] }
  | { type: 'breaker'; target: string; credential: string; from: HealthState['breaker']; to: HealthState['breaker'] }
  | { type: 'journal'; state: 'saving' | 'degraded'; reason?: string; action?: string }
  | { type: 'notice'; level: 'info' | 'warning' | 'error'; message: string }
  /** A product, or a model of it (`anthropic/api/claude-opus-4-6`), stands otherwise than before: the watch's verdict out of all evidence. */
  | { type: 'product'; product: string; title: string; from: ProductVerdict; to: ProductVerdict; scope?: string; summary: string }
  /** An incident was opened, has news, was changed after the fact, is over, or has come back. */
  | {
      type: 'incident';
      incident: string;
      change: 'opened' | 'updated' | 'edited' | 'ended' | 'reopened' | 'merged';
      kind: 'incident' | 'maintenance';
      title: string;
      products: string[];
      severity: string;
      phase: string;
    }
  /** Its user is told of something; `over`: the all-clear. */
  | { type: 'alert'; alert: string; state: 'new' | 'update' | 'over'; title: string; text: string; bell: boolean }
  /** A drill on one's own routes. `share`: of what it asks, so much is done, 0 to 1; `score`: how ready the backups are, 0 to 100. */
  | { type: 'drill'; drill: string; state: 'begun' | 'step' | 'ended'; text: string; share?: number; score?: number }
  /** A request that nobody could answer was kept, is asked again, was answered, or is given up. */
  | {
      type: 'queue';
      change: 'kept' | 'asked' | 'answered' | 'failed' | 'cancelled' | 'expired';
      exchange: string;
      state: string;
      priority: string;
      route: string;
      model: string;
      attempts: number;
      reason?: string;
      /** The exchange that answers it. */
      run?: string;
      /** The file of requests that it is of. */
      batch?: string;
    }
  /** A cap on money comes near or is reached. Dollars; `cap` as in the configuration: `5/day`. */
  | { type: 'spend'; scope: string; spent: number; cap: string; state: 'near' | 'reached' }
  /** A model service on this machine was found, has gone, or has other models; or a model was loaded ahead, or could not be. */
  | { type: 'local'; change: 'found' | 'gone' | 'models' | 'loaded' | 'not-loaded'; provider: string; text: string };

export type Signal = { version: 1; at: number } & Happening;

export const SIGNAL_TYPES = [
  'exchange-opened',
  'exchange-ended',
  'attempt-begun',
  'attempt-ended',
  'switch',
  'verdict',
  'breaker',
  'journal',
  'notice',
  'product',
  'incident',
  'alert',
  'drill',
  'queue',
  'spend',
  'local',
] as const satisfies readonly Happening['type'][];

export type SignalType = (typeof SIGNAL_TYPES)[number];
