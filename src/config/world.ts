import { makeWorld, type WorldParts } from '../failover/world.ts';
import type { World } from '../failover/plan.ts';
import type { Provider } from '../providers/provider.ts';
import { type Resolved, resolveProviders } from '../providers/resolve.ts';
import type { Surroundings } from './paths.ts';
import type { Settings } from './settings.ts';

export interface WorldOptions {
  surroundings: Surroundings;
  /** As in `World`. */
  claudeApi?: string;
  /** As in `WorldParts`. */
  found?: WorldParts['found'];
}

/** What planning knows, out of a configuration: its providers and routes, the simulated assistants, the vendors of the dialects. */
export function worldOf(settings: Settings, resolved: Resolved, simulated: ReadonlyMap<string, Provider>, options: WorldOptions): World {
  const vendors = resolveProviders(
    { anthropic: {}, openai: { auth: 'client' }, google: { auth: 'client' } },
    { ...options.surroundings, environment: {} },
  );
  const own = vendors.ok ? vendors.value.providers : [];
  return makeWorld({
    providers: resolved.providers,
    simulated,
    ownVendor: (dialect) => own.find((provider) => provider.dialect === dialect || provider.faces?.has(dialect)),
    routes: settings.routes,
    deadlines: settings.deadlines,
    failover: settings.failover,
    ...(options.found && { found: options.found }),
    ...(options.claudeApi !== undefined && { claudeApi: options.claudeApi }),
  });
}
