import type { ModelFacts } from '../providers/model-facts.ts';
import type { PlannedTarget, World } from './plan.ts';
import type { Route, RouteTarget } from './route.ts';

/** In a written route: the models on this machine, at this place. */
const ANY_LOCAL = { provider: 'local', model: '*' } as const;

/**
 * A route's targets with the models on this machine in their places: where it says `local/*`, and at the end of the default route and of what
 * each client gets where nothing is written. One that is asked for by its own name comes first among them.
 */
export function targetsOf(world: Pick<World, 'provider' | 'standIns'>, route: Route, asked: string): readonly RouteTarget[] {
  const { standIns = [] } = world;
  const named = standIns.filter(({ model }) => model === asked);
  const sorted = named.length === 0 ? standIns : [...named, ...standIns.filter((one) => !named.includes(one))];
  const written =
    route.targets.some(isAnyLocal) && !world.provider(ANY_LOCAL.provider, '')
      ? route.targets.flatMap((target) => (isAnyLocal(target) ? sorted : target))
      : route.targets;
  return endsHere(route) && sorted.length > 0 ? [...written, ...sorted] : written;
}

/** What requests get where nothing is written. */
export const UNWRITTEN = "each client's own vendor";

/** Which routes lead to models on this machine that were found, and to which: what `allow` and `never` leave. */
export function standInsByRoute(world: Pick<World, 'routes' | 'standIns'>): { route: string; targets: RouteTarget[] }[] {
  const { standIns = [] } = world;
  const written = [...world.routes.values()].filter(({ name }) => !name.startsWith('sim/'));
  if (standIns.length === 0) return [];
  if (written.length === 0) return [{ route: UNWRITTEN, targets: [...standIns] }];
  return written
    .filter((route) => endsHere(route) || route.targets.some(isAnyLocal))
    .map(({ name, allow, never }) => ({
      route: name,
      targets: standIns.filter(({ provider }) => !never.includes(provider) && allow?.includes(provider) !== false),
    }))
    .filter(({ targets }) => targets.length > 0);
}

/** Whether the models on this machine are a route's last targets without being written there. */
function endsHere({ name, unwritten }: Pick<Route, 'name' | 'unwritten'>): boolean {
  return name === 'default' || unwritten === true;
}

/**
 * Whether a service on this machine needs no second model in a plan: it would have to load that too. What sees pictures is kept beside what
 * does not.
 */
export function isServed(targets: readonly PlannedTarget[], provider: string, facts: ModelFacts): boolean {
  const own = targets.filter(({ target }) => target.provider === provider);
  return own.length > 0 && !(facts.images === true && own.every((planned) => planned.facts.images === false));
}

function isAnyLocal({ provider, model }: RouteTarget): boolean {
  return provider === ANY_LOCAL.provider && model === ANY_LOCAL.model;
}
