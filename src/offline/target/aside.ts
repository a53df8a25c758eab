import type { Entry } from '../../journal/entry.ts';
import type { AdmissionControl } from '../../failover/admission.ts';
import type { Stickiness } from '../../failover/stickiness.ts';
import type { LastingHealth } from '../../health/health.ts';
import { DESK } from '../../providers/desk.ts';
import type { Target } from '../../exchange/target.ts';

/** The desk is no model: it carries no answer on, outruns nobody, and takes no place of a request that may wait for a model. */
export const deskControl: AdmissionControl = {
  refusal({ planned, kind, plan }) {
    if (!isDesk(planned.target)) return undefined;
    if (kind === 'hop') return { reason: 'what lies on this machine carries no answer on' };
    if (kind === 'hedge') return { reason: 'what lies on this machine is asked last' };
    if (plan.defer) return { reason: 'the request can wait for a model' };
    return undefined;
  },
};

/** Its answers and faults say nothing about anybody's health. */
export function healthWithoutDesk(health: LastingHealth): LastingHealth {
  return {
    ...health,
    admit: (target, lastResort) => (isDesk(target) ? { type: 'go' } : health.admit(target, lastResort)),
    succeeded: (target, ...rest) => (isDesk(target) ? undefined : health.succeeded(target, ...rest)),
    failed: (target, ...rest) => (isDesk(target) ? undefined : health.failed(target, ...rest)),
    abandoned: (target, ...rest) => (isDesk(target) ? undefined : health.abandoned(target, ...rest)),
    outrun: (target, ...rest) => (isDesk(target) ? undefined : health.outrun(target, ...rest)),
  };
}

/** A conversation does not stay with it: the next turn asks its lead first, as if nobody had answered this one. */
export function stickinessWithoutDesk(stickiness: Stickiness): Stickiness {
  return {
    ...stickiness,
    follow(question) {
      const followed = stickiness.follow(question);
      let asksDesk = false;
      return {
        ...followed,
        append(entry: Entry) {
          if (entry.type === 'attempt') asksDesk = isDesk(entry.target);
          (asksDesk ? question : followed).append(entry);
        },
      };
    },
  };
}

function isDesk({ provider, vendor }: Pick<Target, 'provider' | 'vendor'>): boolean {
  // Somebody's own provider may have the same name.
  return provider === DESK && vendor === DESK;
}
