import { standInsByRoute } from '../../failover/stand-ins.ts';
import type { World } from '../../failover/plan.ts';
import { configuredAs } from '../../providers/local/as-providers.ts';
import type { LocalView } from '../../providers/local/locals.ts';
import type { LocalModel, LocalService, LocalStranger } from '../../providers/local/service.ts';
import type { Provider } from '../../providers/provider.ts';

/** A service on this machine, as it is told of. */
export interface ReportedService extends Omit<LocalService, 'models' | 'cutsLongInput'> {
  /** The provider that the configuration has for it, which goes before what was found. */
  configured?: string;
  /** `target`: what to ask for, `ollama/qwen3:8b`. */
  models: (LocalModel & { target: string })[];
}

/** `GET /api/local`. */
export interface LocalReport {
  /** Absent: it is looked for. Else why not, in words. */
  off?: string;
  /** Base URLs that are looked at. */
  places: string[];
  /** UTC milliseconds of the last look. */
  lookedAt?: number;
  services: ReportedService[];
  /** Who answers at such a port and is none. */
  strangers: LocalStranger[];
  /** Which routes lead to them, and to which models, first choice first. */
  routes: { route: string; targets: string[] }[];
  /** What became of the last model that was to be loaded ahead of need. */
  ahead?: { at: number; text: string };
}

export interface ReportParts {
  off: string | undefined;
  places: readonly string[];
  view: LocalView;
  world: Pick<World, 'routes' | 'standIns'>;
  configured: readonly Provider[];
  /** Our own engine, where it has models. */
  embedded?: LocalService | undefined;
  ahead?: LocalReport['ahead'];
}

export function localReport({ off, places, view, world, configured, embedded, ahead }: ReportParts): LocalReport {
  return {
    ...(off !== undefined && { off }),
    places: [...places],
    ...(view.lookedAt !== undefined && { lookedAt: view.lookedAt }),
    services: [
      ...view.services.map((service) => reported(service, configuredAs(service, configured)?.name)),
      ...(embedded ? [reported(embedded, undefined)] : []),
    ],
    strangers: [...view.strangers],
    routes: standInsByRoute(world).map(({ route, targets }) => ({
      route,
      targets: targets.map(({ provider, model }) => `${provider}/${model}`),
    })),
    ...(ahead && { ahead }),
  };
}

function reported({ cutsLongInput: _cuts, ...service }: LocalService, configured: string | undefined): ReportedService {
  const name = configured ?? service.provider;
  return {
    ...service,
    ...(configured !== undefined && { configured }),
    models: service.models.map((model) => ({ ...model, target: `${name}/${model.name}` })),
  };
}
