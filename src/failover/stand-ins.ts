import { DESK, deskProvider } from '../providers/desk.ts';
import type { ModelFacts } from '../providers/model-facts.ts';
import type { PlannedTarget, World } from './plan.ts';
import type { Route, RouteTarget } from './route.ts';

/**
 * A route's targets with the models on this machine in their place: where it says `local`, else at the end of the default route and of what
 * each client gets where nothing is written. One that is asked for by its own name comes first among them.
 */
export function targetsOf({ standIns = [] }: Pick<World, 'standIns'>, route: Route, asked: string): readonly RouteTarget[] {
  const place = placeOf(route);
  if (place === undefined || standIns.length === 0) return route.targets;
  const named = standIns.filter(({ model }) => model === asked);
  const sorted = named.length === 0 ? standIns : [...named, ...standIns.filter((one) => !named.includes(one))];
  return route.targets.toSpliced(place, 0, ...sorted);
}

/** Before which of a route's targets the models on this machine stand; nothing where it does not lead to them. */
export function placeOf({ name, unwritten, here, targets }: Pick<Route, 'name' | 'unwritten' | 'here' | 'targets'>): number | undefined {
  return here ?? (name === 'default' || unwritten === true ? endOf(targets) : undefined);
}

/** The offline desk is no model: whoever is one is asked before. */
function endOf(targets: readonly RouteTarget[]): number {
  const last = targets.at(-1);
  return last?.provider === DESK && deskProvider.offers(last.model) ? targets.length - 1 : targets.length;
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
    .filter((route) => placeOf(route) !== undefined)
    .map(({ name, allow, never }) => ({
      route: name,
      targets: standIns.filter(({ provider }) => !never.includes(provider) && allow?.includes(provider) !== false),
    }))
    .filter(({ targets }) => targets.length > 0);
}

/**
 * Whether a service on this machine needs no second model in a plan: it would have to load that too. What sees pictures is kept beside what
 * does not.
 */
export function isServed(targets: readonly PlannedTarget[], provider: string, facts: ModelFacts): boolean {
  const own = targets.filter(({ target }) => target.provider === provider);
  return own.length > 0 && !(facts.images === true && own.every((planned) => planned.facts.images === false));
}
