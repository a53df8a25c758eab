import type { Fault } from '../exchange/fault.ts';
import { globMatcher } from '../providers/glob.ts';

/** Why the holder of a token may not use a route. `routes`: the only ones that are its, by name or as globs of names; absent: all are. */
export function routeRefusal(name: string, routes: readonly string[] | undefined, route: string): Fault | undefined {
  // A route's own name may be a glob: `claude-*`.
  if (!routes || routes.some((pattern) => pattern === route || globMatcher(pattern)(route))) return undefined;
  const list = routes.length === 0 ? 'no route' : `only ${routes.join(', ')}`;
  return {
    class: 'auth',
    status: 403,
    symptom: 'skipped',
    message: `The token of ${name} may not use the route '${route}', but ${list} (server.tokens.${name}.routes).`,
  };
}
