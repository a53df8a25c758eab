import type { FirstConfig } from '../config/write.ts';
import { type Backup, backupsFor, blendedPrice, candidates } from '../providers/backups.ts';
import { findPreset } from '../providers/catalogue.ts';
import { resolveProviders, type ResolveContext } from '../providers/resolve.ts';
import type { OfferedKey } from './offered-keys.ts';

/** More than this many in a row only lengthens the wait of those who will get an error anyway. */
const MOST_TARGETS = 4;

export interface Proposal {
  config: FirstConfig;
  /** The order for the default route, for people. */
  order: { target: string; receives: string; price: string }[];
}

/** Who would be asked, in which order, from the keys that are there: the model's own vendor first, backups as `providers` orders them. */
export function propose(keys: readonly OfferedKey[], context: ResolveContext): Proposal {
  const resolved = resolveProviders(Object.fromEntries(keys.map((key) => [key.provider, {}])), context);
  const choices = candidates(resolved.ok ? resolved.value.providers : []);
  const routes: Record<string, string[]> = {};
  let order: Proposal['order'] = [];
  for (const { provider } of keys) {
    const preset = findPreset(provider);
    const model = preset?.picks.balanced ?? preset?.picks.frontier;
    if (!preset || model === undefined) continue;
    const backups = backupsFor(model, choices);
    const targets = [`${provider}/*`, ...backups.filter((one) => one.kind !== 'lead').map((one) => one.target)].slice(0, MOST_TARGETS);
    for (const glob of preset.models ?? []) routes[glob] = targets;
    if (routes['default'] === undefined) {
      routes['default'] = targets;
      order = targets.map((target) => describe(target, backups, model));
    }
  }
  return {
    config: {
      providers: keys.map(({ provider, title, variable }) => ({
        name: provider,
        variable,
        note: `${title}. ${findPreset(provider)?.dataUse ?? ''}`,
      })),
      routes,
    },
    order,
  };
}

function describe(target: string, backups: readonly Backup[], model: string): Proposal['order'][number] {
  const backup = backups.find((one) => one.target === target) ?? backups.find((one) => one.kind === 'lead' && one.model === model);
  const price = blendedPrice(backup?.price);
  return {
    target,
    receives: target.endsWith('/*') ? 'what is asked of it' : 'the same, when those above have failed',
    price:
      price === undefined ? 'price not known' : `about $${price.toFixed(2)} a million tokens${target.endsWith('/*') ? ` (${model})` : ''}`,
  };
}
