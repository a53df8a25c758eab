import type { FirstConfig } from '../config/write.ts';
import { HERE } from '../failover/route.ts';
import { type Backup, backupsFor, blendedPrice, candidates } from '../providers/backups.ts';
import { findPreset } from '../providers/catalogue.ts';
import { resolveProviders, type ResolveContext } from '../providers/resolve.ts';
import type { OfferedKey } from './offered-keys.ts';

/** More than this many in a row only lengthens the wait of those who will get an error anyway. */
const MOST_TARGETS = 4;

export interface Proposal {
  config: FirstConfig;
  /** Everything in `config.routes`, for people; routes with the same targets are told of together. */
  routes: ProposedRoute[];
}

export interface ProposedRoute {
  /** `claude-*`, `default`. */
  patterns: string[];
  /** `price`: about what a million tokens cost, as agents use them. */
  order: { target: string; when: string; price: string }[];
}

/** The model that a first look at a service should ask for: the one that a proposal would take. */
export function exampleModel(provider: string): string {
  const picks = findPreset(provider)?.picks;
  return picks?.balanced ?? picks?.frontier ?? 'MODEL';
}

/** Who would be asked, in which order, from the keys that are there: the model's own vendor first, backups as `providers` orders them. */
export function propose(keys: readonly OfferedKey[], context: ResolveContext): Proposal {
  const resolved = resolveProviders(Object.fromEntries(keys.map((key) => [key.provider, {}])), context);
  const choices = candidates(resolved.ok ? resolved.value.providers : []);
  const routes: Record<string, string[]> = {};
  const told: ProposedRoute[] = [];
  const add = (provider: string, patterns: readonly string[], model: string): void => {
    const free = patterns.filter((pattern) => routes[pattern] === undefined);
    if (free.length === 0) return;
    const backups = backupsFor(model, choices);
    const wanted = [`${provider}/*`, ...backups.filter((one) => one.kind !== 'lead').map((one) => one.target)];
    const targets = [...[...new Set(wanted)].slice(0, MOST_TARGETS), HERE];
    for (const pattern of free) routes[pattern] = targets;
    told.push({ patterns: free, order: targets.map((target) => describe(target, provider, backups, model)) });
  };
  for (const { provider } of keys) {
    const preset = findPreset(provider);
    const model = preset?.picks.balanced ?? preset?.picks.frontier;
    if (!preset || model === undefined) continue;
    const patterns = [...(preset.models ?? []), ...(routes['default'] === undefined ? ['default'] : [])];
    if (patterns.length === 0) continue;
    add(provider, patterns, model);
    // Who asks for the sister model itself must not be sent to it twice: it has a route, and a sister, of its own.
    const sister = backupsFor(model, choices).find((one) => one.kind === 'sibling' && one.provider === provider);
    if (sister) add(provider, [`${sister.model}*`], sister.model);
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
    routes: told,
  };
}

function describe(target: string, lead: string, backups: readonly Backup[], model: string): ProposedRoute['order'][number] {
  if (target === HERE) return { target, price: '$0.00', when: 'models on this machine, where there are any' };
  const backup = backups.find((one) => one.target === target) ?? backups.find((one) => one.kind === 'lead' && one.model === model);
  const price = blendedPrice(backup?.price);
  const fails = 'when those above fail';
  return {
    target,
    price: price === undefined ? 'unknown' : `$${price.toFixed(2)}`,
    when: target.endsWith('/*') ? `as asked (price: ${model})` : backup?.provider === lead ? `a sister model, ${fails}` : fails,
  };
}
