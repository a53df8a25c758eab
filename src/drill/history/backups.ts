import { findRoute, type Route } from '../../failover/route.ts';
import type { WatchPlan } from '../../watch/plan.ts';
import { type ProductKey, productKeyText } from '../../watch/product.ts';
import { productOfTarget } from '../../watch/product-of-target.ts';

/** What a configuration says of who is asked first, and who then. */
export interface Backups {
  /** Of `provider/model` that answered: who had been asked first. `undefined`: a simulated assistant. */
  leadOf(target: string): ProductKey | undefined;
  /** Who is asked for the same, in order, beginning with the one that was asked. */
  chain(asked: ProductKey): ProductKey[];
}

/** A model that is known leads to its route; without one the default route counts. */
export function backupsIn(routes: ReadonlyMap<string, Route>, { providers }: Pick<WatchPlan, 'providers'>): Backups {
  const written = new Map([...routes].filter(([name]) => !name.startsWith('sim/')));
  const isProvider = (name: string): boolean => providers.some((provider) => provider.name === name);

  function targetsFor(model: string | undefined): ProductKey[] {
    const route = model === undefined ? written.get('default') : findRoute(written, model, isProvider);
    return (route?.targets ?? []).flatMap(({ provider, model: name }) => {
      const answers = name === '*' ? (model ?? '*') : name;
      return productOfTarget(`${provider}/${answers}`, providers) ?? [];
    });
  }

  return {
    leadOf(target) {
      const own = productOfTarget(target, providers);
      if (!own) return undefined;
      // Whoever stands behind others in a route answered in their place.
      for (const route of written.values()) {
        const names = route.targets.map(({ provider, model }) => `${provider}/${model}`);
        const [first] = route.targets;
        if (first && first.model !== '*' && names.indexOf(target) > 0) return productOfTarget(names[0]!, providers) ?? own;
      }
      return own;
    },
    chain(asked) {
      const rest = targetsFor(asked.model).filter((key) => productKeyText(key) !== productKeyText(asked));
      return [asked, ...rest];
    },
  };
}
