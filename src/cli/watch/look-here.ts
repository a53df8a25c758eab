import { watchPlan } from '../../config/watched.ts';
import { worldOf } from '../../config/world.ts';
import { lookOnce, type OneLook } from '../../watch/look-once.ts';
import { createPageFetcher } from '../../watch/poll/page-fetcher.ts';
import type { ProductKey } from '../../watch/product.ts';
import type { Context } from '../command.ts';
import { readConfigAnyway } from '../missing-keys.ts';

/** Milliseconds. Whoever asks has waited enough this morning. */
const PATIENCE = 3000;

/** What is said with it: this is less than a running Understudy knows. */
export const ONE_LOOK =
  'No Understudy runs here: this is what status pages say now, and nothing else. They have trailed behind by 20 to 40 minutes.';

/**
 * One look at the status pages, where no server runs: of `products`, or of what is in use by the configuration. `undefined`: the configuration can't be
 * read, which is said by whoever needs it.
 */
export async function lookHere(context: Pick<Context, 'flags' | 'deps'>, products: readonly ProductKey[]): Promise<OneLook | undefined> {
  const { clock, surroundings, version } = context.deps;
  const read = readConfigAnyway(context);
  if (!read.ok) return undefined;
  const { settings, resolved } = read.value.loaded;
  const world = worldOf(settings, resolved, new Map(), { surroundings });
  const plan = watchPlan(settings, world, resolved.providers, '');
  const fetcher = createPageFetcher({ clock, environment: surroundings.environment, version });
  try {
    return await lookOnce(plan, products, { clock, fetchPage: fetcher.fetchPage, patience: PATIENCE });
  } finally {
    await fetcher.close();
  }
}
