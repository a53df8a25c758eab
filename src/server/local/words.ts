import { standInsByRoute, UNWRITTEN } from '../../failover/stand-ins.ts';
import type { World } from '../../failover/plan.ts';
import type { LocalView } from '../../providers/local/locals.ts';
import type { LocalService } from '../../providers/local/service.ts';
import type { Warmed } from '../../providers/local/warm-up.ts';

export interface LocalNews {
  change: 'found' | 'gone' | 'models';
  provider: string;
  text: string;
}

/** What is new on this machine, in words. */
export function newsOf(view: LocalView, before: LocalView, world: Pick<World, 'routes' | 'standIns'>): LocalNews[] {
  const found = view.services.map((service): LocalNews | undefined => {
    const known = before.services.find(({ provider }) => provider === service.provider);
    const { provider } = service;
    if (!known) return { change: 'found', provider, text: foundText(service, world) };
    const names = ({ models }: LocalService): string => JSON.stringify(models.map(({ name }) => name));
    return names(known) === names(service) ? undefined : { change: 'models', provider, text: `${service.title}: ${modelsText(service)}` };
  });
  const gone = before.services
    .filter(({ provider }) => !view.services.some((service) => service.provider === provider))
    .map(({ provider, title }): LocalNews => ({ change: 'gone', provider, text: `${title} does not answer any more` }));
  return [...found.filter((news) => news !== undefined), ...gone];
}

/** Where nothing is written. */
const ALONE = "it stands in for each client's own vendor, and answers where there is no key";

function foundText(service: LocalService, world: Pick<World, 'routes' | 'standIns'>): string {
  const routes = standInsByRoute(world)
    .filter(({ targets }) => targets.some(({ provider }) => provider === service.provider))
    .map(({ route }) => route);
  const use =
    service.models.length === 0 || routes.length === 0
      ? ''
      : `; ${routes.includes(UNWRITTEN) ? ALONE : `last target of ${routes.join(', ')}`}`;
  return `${service.title} answers at ${service.baseUrl}: ${modelsText(service)}${use}`;
}

function modelsText({ models }: LocalService): string {
  const [first, ...rest] = models;
  if (!first) return 'no model yet';
  return rest.length === 0 ? first.name : `${first.name} and ${rest.length} more`;
}

const GIBIBYTE = 1024 ** 3;

/** Nothing where there is nothing to say. */
export function loadedText(warmed: Warmed): string | undefined {
  switch (warmed.type) {
    case 'done':
      return `${warmed.target} was loaded ahead, in ${Math.round(warmed.took / 100) / 10} s: it may have to stand in`;
    case 'failed':
      return `${warmed.target} could not be loaded ahead: ${warmed.why}`;
    case 'no-memory':
      return `${warmed.target} is not loaded ahead: that takes about ${(warmed.needs / GIBIBYTE).toFixed(1)} GiB, and ${(warmed.free / GIBIBYTE).toFixed(1)} are free`;
    case 'not-needed':
    case 'too-soon':
    case 'nobody':
      return undefined;
  }
}
