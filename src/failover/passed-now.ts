import type { AdmissionControl, Refusal } from './admission.ts';
import type { Plan, World } from './plan.ts';
import type { Route } from './route.ts';

/** What keeps a target from being asked now, on those routes. `until`: UTC ms when it may be otherwise; absent: as soon as somebody is done. */
export interface PassedNow {
  routes: string[];
  reason: string;
  until?: number;
}

const NO_WORDS = Buffer.alloc(0);

/**
 * Asks `controls`, which say why, as the engine does, on behalf of a request without a word: whom even that would not go to is passed over by
 * every other, too. `target`: as in `targetName`.
 */
export function passedNow(
  world: Pick<World, 'provider' | 'routes' | 'deadlines' | 'failover'>,
  controls: readonly AdmissionControl[],
  target: string,
): PassedNow[] {
  const slash = target.indexOf('/');
  const [name, model] = [target.slice(0, slash), target.slice(slash + 1)];
  const provider = world.provider(name, model);
  if (!provider) return [];
  const planned = {
    target: { provider: name, model, credential: provider.credential.type, dialect: provider.dialect, vendor: provider.vendor },
    provider,
    facts: provider.facts(model),
    native: false,
    passThrough: false,
  };
  const found: PassedNow[] = [];

  function note(route: string, { reason, until }: Refusal): void {
    const same = found.find((one) => one.reason === reason);
    if (same) same.routes.push(route);
    else found.push({ routes: [route], reason, ...(until !== undefined && { until }) });
  }

  for (const route of world.routes.values()) {
    const index = route.targets.findIndex((one) => one.provider === name && (one.model === '*' || one.model === model));
    if (index < 0 || route.never.includes(name) || route.allow?.includes(name) === false) continue;
    const lead = index === 0;
    const plan = planOf(route, world);
    const kind = lead ? 'first' : 'next';
    // Its place in the order: a conversation that is at home there is cheaper, and still a backup's.
    const ask = { plan, planned: { ...planned, lead }, index, kind, size: 0, body: NO_WORDS } as const;
    for (const control of controls) {
      const refusal = control.refusal(ask);
      if (refusal) note(route.name, refusal);
    }
  }
  return found;
}

function planOf(route: Route, { deadlines, failover }: Pick<World, 'deadlines' | 'failover'>): Plan {
  const { name, save, strict, whenClientLeaves, spend, account, defer } = route;
  return {
    route: name,
    targets: [],
    skipped: [],
    save,
    strict,
    untouched: false,
    untold: false,
    whenClientLeaves,
    ...(spend !== undefined && { spend }),
    account: account ?? name,
    defer,
    deadlines,
    failover,
  };
}
