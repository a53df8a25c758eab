import type { World } from '../failover/plan.ts';
import { findPreset } from '../providers/catalogue.ts';
import type { Provider } from '../providers/provider.ts';
import type { WatchedProvider, WatchPlan } from '../watch/plan.ts';
import type { RunbookHint } from '../watch/runbooks.ts';
import type { Settings } from './settings.ts';

/** What there is to watch, out of a configuration. */
export function watchPlan(
  settings: Settings,
  world: World,
  providers: readonly Provider[],
  address: string,
  runbooks: RunbookHint[] = [],
): WatchPlan {
  return {
    settings: settings.watch,
    providers: providers.map(watched),
    routes: [...world.routes.values()]
      .filter((route) => !route.name.startsWith('sim/'))
      .map((route) => ({ pattern: route.name, targets: route.targets.map(({ provider, model }) => `${provider}/${model}`) })),
    address,
    ...(runbooks.length > 0 && { runbooks }),
  };
}

function watched({ name, preset, baseUrl, local, credential }: Provider): WatchedProvider {
  const origin = URL.canParse(baseUrl) ? new URL(baseUrl).origin : baseUrl;
  return {
    name,
    ...(preset !== undefined && isAtHome(preset, origin) && { preset }),
    origin,
    local,
    probable: credential.type === 'key' || credential.type === 'identity' || credential.type === 'none',
  };
}

/** Somebody else's gateway with a preset's settings is not that preset's service: its vendor's page says nothing of it, and is not asked. */
function isAtHome(preset: string, origin: string): boolean {
  const known = findPreset(preset);
  // A cloud's address depends on where one is.
  if (!known || known.cloud) return known !== undefined;
  return [known, ...Object.values(known.also ?? {})].some(({ baseUrl }) => URL.canParse(baseUrl) && new URL(baseUrl).origin === origin);
}
