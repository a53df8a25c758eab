import { namedPath, type Surroundings } from '../../config/paths.ts';
import type { Clock } from '../../exchange/clock.ts';
import { createEmbedded, type Embedded } from '../../providers/embedded/embedded.ts';
import { EMBEDDED } from '../../providers/embedded/settings.ts';
import { engineFolder } from '../../providers/embedded/installed.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Found } from './found.ts';

/** The engine of a data folder. */
export function serveEmbedded(data: string, clock: Clock, surroundings: Surroundings & { workingFolder: string }): Embedded {
  const { environment, platform } = surroundings;
  return createEmbedded({
    folder: engineFolder(data),
    clock,
    environment,
    platform,
    pathOf: (named) => namedPath(named, surroundings),
  });
}

/** What was found on this machine, and behind it the models of the embedded engine: a service that runs comes before a file that has to be loaded. */
export function withEmbedded(found: Found, embedded: Pick<Embedded, 'provider' | 'models'>, configured: readonly Provider[]): Found {
  const provider = embedded.provider();
  if (!provider || configured.some(({ name }) => name === EMBEDDED)) return found;
  const targets = embedded.models().map(({ name }) => ({ provider: EMBEDDED, model: name }));
  return { providers: [...found.providers, provider], targets: [...found.targets, ...targets] };
}
