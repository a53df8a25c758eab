import type { World } from '../failover/plan.ts';
import type { ModelListing } from './ports.ts';

/** What a client may ask for: exact routes, simulated assistants, and the models that were found on this machine. Globs and `default` are not names. */
export function modelListing(world: World): ModelListing[] {
  return [...routed(world), ...found(world)];
}

function found(world: World): ModelListing[] {
  return (world.standIns ?? []).map(({ provider, model }) => {
    const { contextWindow } = world.provider(provider, model)?.facts(model) ?? {};
    const id = `${provider}/${model}`;
    return { id, targets: [id], ...(contextWindow !== undefined && { contextWindow }) };
  });
}

function routed(world: World): ModelListing[] {
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
