import { globMatcher } from '../providers/glob.ts';
import { queueWish } from './queue-wish.ts';
import type { RouteSettings } from './settings.ts';

export interface RouteTarget {
  provider: string;
  /** `*` stands for the model that was asked for. */
  model: string;
}

/** What a model name leads to: targets in order, and who may see the content. */
export interface Route {
  name: string;
  /** Whether the name, as a glob, covers a model: `claude-haiku-*`, `o[0-9]*`. */
  fits(model: string): boolean;
  targets: RouteTarget[];
  /** Before which of the targets the models on this machine have their place, where the route says so (`local`). */
  here?: number;
  allow: string[] | undefined;
  never: string[];
  save: boolean;
  /** Only targets that can be told the whole request. */
  strict: boolean;
  whenClientLeaves: RouteSettings['whenClientLeaves'];
  /** `20/day`: most that it may cost in all. */
  spend?: string;
  /** The route on whose account it is, where that is another: clients can't make accounts by making up names. */
  account?: string;
  /** What nobody can answer is kept. */
  defer: boolean;
  /** How long its clients hold on for what is kept, in milliseconds; absent: not at all. */
  waits?: number;
  /** Made up for a client where nothing is written. */
  unwritten?: true;
}

/** In a route: the models that are found on this machine, whatever they are called. */
export const HERE = 'local';

export function parseRoute(name: string, settings: RouteSettings): Route {
  const wish = settings.queue === undefined ? undefined : queueWish(settings.queue);
  return {
    name,
    fits: globMatcher(name),
    targets: settings.targets.filter((target) => target !== HERE).map(splitTarget),
    ...(settings.targets.includes(HERE) && { here: settings.targets.indexOf(HERE) }),
    allow: settings.allow,
    never: settings.never,
    save: settings.save,
    strict: settings.strict,
    whenClientLeaves: settings.whenClientLeaves,
    ...(settings.spend !== undefined && { spend: settings.spend }),
    defer: wish ? wish.type !== 'off' : settings.defer,
    ...(wish?.type === 'wait' && { waits: wish.ms }),
  };
}

/** `provider/model`, split at the first slash: model names may hold more of them. */
export function splitTarget(text: string): RouteTarget {
  const slash = text.indexOf('/');
  return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
}

/** Exact name, then the glob with the longest literal part, then `provider/model`, then `default`. */
export function findRoute(routes: ReadonlyMap<string, Route>, model: string, isProvider: (name: string) => boolean): Route | undefined {
  const exact = routes.get(model);
  if (exact) return exact;
  let best: Route | undefined;
  let length = -1;
  for (const [pattern, route] of routes) {
    if (!route.fits(model)) continue;
    const literal = pattern.replace(/\*|\?|\[[^\]]+\]/g, '').length;
    if (literal > length) [best, length] = [route, literal];
  }
  if (best) return best;
  const named = splitTarget(model);
  if (model.includes('/') && named.model !== '' && isProvider(named.provider)) {
    // The default route's conditions hold for direct names too: whoever must never see content does not see it this way either.
    const fallback = routes.get('default');
    return {
      name: model,
      fits: (other) => other === model,
      targets: [named],
      allow: fallback?.allow,
      never: fallback?.never ?? [],
      save: fallback?.save ?? true,
      strict: fallback?.strict ?? false,
      whenClientLeaves: fallback?.whenClientLeaves ?? 'cancel',
      ...(fallback?.spend !== undefined && { spend: fallback.spend }),
      account: fallback?.name ?? `${named.provider}/*`,
      defer: fallback?.defer ?? false,
      ...(fallback?.waits !== undefined && { waits: fallback.waits }),
    };
  }
  return routes.get('default');
}
