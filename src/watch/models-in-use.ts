import type { ProductKey } from './product.ts';
import { openrouterName } from './registry/openrouter-models.ts';

/** Which models a reseller is asked about: those that routes name, and those that were asked of late. */
export interface ModelsInUse {
  /** A model was asked. True: others are in use than before. */
  asked(key: ProductKey): boolean;
  /** As OpenRouter names them, sorted; at most `MOST_MODELS`. `named`: those of the routes, which come first. */
  all(named: readonly ProductKey[]): string[];
}

/** One request each at every reading. */
export const MOST_MODELS = 8;
/** Milliseconds after which a model makes room for another: whoever uses many by turns does not change them with each request. */
const MAKES_ROOM = 24 * 3_600_000;

export function modelsInUse(now: () => number): ModelsInUse {
  /** By name: when it was asked last. */
  const recent = new Map<string, number>();
  return {
    asked(key) {
      const name = openrouterName(key);
      if (name === undefined) return false;
      const isNew = !recent.has(name);
      if (isNew && recent.size >= MOST_MODELS) {
        const [oldest, at] = [...recent].reduce((first, next) => (next[1] < first[1] ? next : first));
        if (now() - at < MAKES_ROOM) return false;
        recent.delete(oldest);
      }
      recent.set(name, now());
      return isNew;
    },
    all(named) {
      const names = named.flatMap((key) => openrouterName(key) ?? []);
      return [...new Set([...names, ...recent.keys()])].slice(0, MOST_MODELS).toSorted();
    },
  };
}
