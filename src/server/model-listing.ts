import type { World } from '../failover/plan.ts';
import type { ModelListing } from './ports.ts';

/** What a client may ask for: exact routes, and simulated assistants. Globs and `default` are not names. */
export function modelListing(world: World): ModelListing[] {
  return [...world.routes.values()]
    .filter((route) => !route.name.includes('*') && route.name !== 'default')
    .map((route) => {
      const targets = route.targets.map(({ provider, model }) => ({ provider, model: model === '*' ? route.name : model }));
      const [lead] = targets;
      const { contextWindow, maxOutput } = (lead && world.provider(lead.provider, lead.model)?.facts(lead.model)) ?? {};
      return {
        id: route.name,
        targets: targets.map(({ provider, model }) => `${provider}/${model}`),
        ...(contextWindow !== undefined && { contextWindow }),
        ...(maxOutput !== undefined && { maxOutput }),
      };
    });
}
