import type { FirstConfig } from '../config/write.ts';
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
  for (const { provider } of keys) {
    const preset = findPreset(provider);
    const model = preset?.picks.balanced ?? preset?.picks.frontier;
    if (!preset || model === undefined) continue;
    const backups = backupsFor(model, choices);
    const wanted = [`${provider}/*`, ...backups.filter((one) => one.kind !== 'lead').map((one) => one.target)];
    const targets = [...new Set(wanted)].slice(0, MOST_TARGETS);
    const patterns = [...(preset.models ?? []), ...(routes['default'] === undefined ? ['default'] : [])].filter(
      (pattern) => routes[pattern] === undefined,
    );
    for (const pattern of patterns) routes[pattern] = targets;
    if (patterns.length > 0) told.push({ patterns, order: targets.map((target) => describe(target, provider, backups, model)) });
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
  const backup = backups.find((one) => one.target === target) ?? backups.find((one) => one.kind === 'lead' && one.model === model);
  const price = blendedPrice(backup?.price);
  return {
    target,
    when: target.endsWith('/*')
      ? 'first, for the model asked for'
      : `when those above fail${backup?.provider === lead ? ' (a sister model)' : ''}`,
    price:
      price === undefined ? 'price not known' : `about $${price.toFixed(2)} a million tokens${target.endsWith('/*') ? ` (${model})` : ''}`,
  };
}
