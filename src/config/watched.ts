import type { World } from '../failover/plan.ts';
import type { Provider } from '../providers/provider.ts';
import type { WatchedProvider, WatchPlan } from '../watch/plan.ts';
import type { Settings } from './settings.ts';

/** What there is to watch, out of a configuration. */
export function watchPlan(settings: Settings, world: World, providers: readonly Provider[], address: string): WatchPlan {
  return {
    settings: settings.watch,
    providers: providers.map(watched),
    routes: [...world.routes.values()]
      .filter((route) => !route.name.startsWith('sim/'))
      .map((route) => ({ pattern: route.name, targets: route.targets.map(({ provider, model }) => `${provider}/${model}`) })),
    address,
  };
}

function watched({ name, preset, baseUrl, local, credential }: Provider): WatchedProvider {
  return {
    name,
    ...(preset !== undefined && { preset }),
    origin: URL.canParse(baseUrl) ? new URL(baseUrl).origin : baseUrl,
    local,
    probable: credential.type === 'key' || credential.type === 'identity' || credential.type === 'none',
  };
}
