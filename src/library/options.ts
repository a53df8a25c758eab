import type { LanguageModelV4 } from '@ai-sdk/provider';
import type { z } from 'zod';
import type { Fault } from '../exchange/fault.ts';
import type { Usage } from '../exchange/usage.ts';
import type { deadlinesSettings, failoverSettings } from '../failover/settings.ts';
import type { Health, LimitOverrides } from '../health/health.ts';
import type { ModelEntry } from './model-entry.ts';

/** An attempt that is over. */
export interface AttemptReport {
  /** Id of the exchange: in the journal, and in the answer's `providerMetadata.understudy`. */
  exchange: string;
  /** From 0, in the order in which they were made. */
  ordinal: number;
  /** `hop`: carries an answer on. `hedge`: beside one that is slow. `canary`: of one that had failed, to see whether it is well again. */
  kind: 'first' | 'retry' | 'next' | 'canary' | 'hop' | 'hedge';
  /** `anthropic.messages/claude-…`. */
  target: string;
  outcome: 'whole' | 'failed' | 'cancelled';
  /** Why it failed. */
  fault?: Fault;
  /** Milliseconds. */
  took: number;
  usage?: Partial<Usage>;
}

/** Another model takes over. */
export interface SwitchReport {
  exchange: string;
  from: string;
  to: string;
  /** What the one before failed of; absent where it was slow, not ill (a hedge). */
  fault?: Fault;
  /** Part of the answer had been given: it is carried on. */
  withinAnswer: boolean;
}

export interface FailoverOptions {
  /** In the order in which they are asked: the lead, then its understudies. */
  models: readonly (LanguageModelV4 | ModelEntry)[];
  /** What the model calls itself (`modelId`). Default: as its lead does. */
  modelId?: string;
  /** Limits of time, as under `deadlines` in understudy.yaml: `{ total: '5m' }`; a bare number is seconds. */
  deadlines?: z.input<typeof deadlinesSettings>;
  /** As under `failover` in understudy.yaml: `{ maxHops: 1, hedge: 'on' }`. */
  failover?: z.input<typeof failoverSettings>;
  /** Leaves out a model that can't be told the whole request, rather than asking it without a tool or a file. Default: false. */
  strict?: boolean;
  /** Most dollars that all models together may cost: `20/day`. Default: no limit but `failover.backupSpend`. */
  spend?: string;
  /** Breakers, marks and learned limits that several instances share; see `createFailoverHealth`. Default: its own. */
  health?: Health;
  /** A folder in which every word is saved as it comes, as by the server; call `close()` in the end. Default: nothing is kept. */
  journal?: string;
  onAttempt?: (attempt: AttemptReport) => void;
  onSwitch?: (change: SwitchReport) => void;
  /** Is told what is wrong with the journal's disk, and of callbacks of yours that throw. Default: `process.emitWarning`. */
  onNotice?: (message: string) => void;
}

/** Health with this instance's own deadlines: what several share can't have those of one. */
export function withDeadlines(health: Health, { headers, firstEvent, idle, whole }: LimitOverrides): Health {
  if ([headers, firstEvent, idle, whole].every((limit) => limit === 'auto')) return health;
  return {
    ...health,
    limits(target, shape) {
      const limits = health.limits(target, shape);
      return {
        ...limits,
        ...(headers !== 'auto' && { headers }),
        ...(firstEvent !== 'auto' && { firstEvent, firstEventAlive: firstEvent }),
        ...(idle !== 'auto' && { idle, idleAlive: idle }),
        ...(whole !== 'auto' && { whole }),
      };
    },
  };
}
