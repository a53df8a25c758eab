import { totalmem } from 'node:os';
import type { RouteTarget } from '../../failover/route.ts';
import { configuredAs, foundProviders } from '../../providers/local/as-providers.ts';
import { type LocalChoice, rankedModels } from '../../providers/local/rank.ts';
import type { LocalService } from '../../providers/local/service.ts';
import type { LocalSettings } from '../../providers/local/settings.ts';
import type { Provider } from '../../providers/provider.ts';
import type { ResolveContext } from '../../providers/resolve.ts';

/** What the world gets of this machine. */
export interface Found {
  providers: Provider[];
  /** Models of these, and of services of the configuration that were found, best first. */
  targets: RouteTarget[];
}

/** Beside the providers of the configuration, what these services give. */
export function foundHere(
  services: readonly LocalService[],
  configured: readonly Provider[],
  settings: LocalSettings,
  context: ResolveContext,
): Found {
  const providers = foundProviders(services, configured, settings.concurrency, context);
  const known = new Set([...configured, ...providers].map(({ name }) => name));
  const targets = chosenOf(services, settings).flatMap(({ service, model }) => {
    const provider = nameOf(service, configured);
    return known.has(provider) ? { provider, model: model.name } : [];
  });
  return { providers, targets };
}

/** Who may stand in, best first. */
export function chosenOf(services: readonly LocalService[], { models }: Pick<LocalSettings, 'models'>): LocalChoice[] {
  return rankedModels(services, models, totalmem());
}

/** A service of the configuration goes by its name there. */
export function nameOf(service: LocalService, configured: readonly Provider[]): string {
  return configuredAs(service, configured)?.name ?? service.provider;
}
