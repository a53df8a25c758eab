import { findPreset } from './catalogue.ts';
import type { Preset, Tier } from './catalogue/preset.ts';
import { type Price, ruleOf } from './model-data.ts';
import { normaliseModel } from './model-names.ts';
import type { Provider } from './provider.ts';

/** A target that can take over, and why it stands where it does. */
export interface Backup {
  /** `provider/model`. */
  target: string;
  provider: string;
  model: string;
  kind: 'lead' | 'same-model' | 'sibling' | 'same-tier' | 'local';
  /** Dollars per million tokens; `undefined`: not known. Local ones cost nothing. */
  price: Price | undefined;
}

/** A configured provider, and the preset that it was made from. */
export interface Candidate {
  provider: Provider;
  preset: Preset | undefined;
}

/** Pairs providers with the presets that they were made from. */
export function candidates(providers: readonly Provider[]): Candidate[] {
  return providers.map((provider) => ({ provider, preset: findPreset(provider.preset ?? provider.vendor) }));
}

const ORDER: readonly Backup['kind'][] = ['lead', 'same-model', 'sibling', 'same-tier', 'local'];
/** Nearest first, and rather a better one than a lesser one. */
const NEXT_TIERS: Readonly<Record<Tier, readonly Tier[]>> = {
  frontier: ['balanced'],
  balanced: ['frontier', 'fast'],
  fast: ['balanced'],
};

/**
 * The built-in order of backups for a model: the model at its vendor, the same model on another host, a sibling of the same vendor,
 * another vendor's of the same tier, local. Only what the given providers can be expected to have.
 */
export function backupsFor(model: string, choices: readonly Candidate[]): Backup[] {
  const rule = ruleOf(model);
  const vendor = rule?.vendor ?? choices.find(({ provider }) => provider.offers(model))?.provider.vendor;
  const tier = rule?.tier ?? 'balanced';
  const found: Backup[] = [];
  const add = (candidate: Candidate, name: string, kind: Backup['kind']): void => {
    const { provider } = candidate;
    const target = `${provider.name}/${name}`;
    if (found.some((one) => one.target === target)) return;
    const price = provider.local ? { input: 0, output: 0 } : provider.facts(name).price;
    found.push({ target, provider: provider.name, model: name, kind, price });
  };

  for (const candidate of choices) {
    const { provider, preset } = candidate;
    if (provider.local) {
      const named = provider.models?.find((glob) => !/[*?[]/.test(glob));
      if (named !== undefined) add(candidate, named, 'local');
      continue;
    }
    const inCloud = provider.nameOf?.(model);
    if (inCloud !== undefined) {
      add(candidate, inCloud, 'same-model');
      continue;
    }
    if (provider.vendor === vendor) {
      if (provider.offers(model)) add(candidate, model, found.some(({ kind }) => kind === 'lead') ? 'same-model' : 'lead');
      const sibling = pick(preset, tier, model);
      if (sibling !== undefined) add(candidate, sibling, 'sibling');
      continue;
    }
    if (preset?.resells && vendor !== undefined) {
      add(candidate, `${vendor}/${resoldName(model)}`, 'same-model');
      continue;
    }
    const other = preset?.picks[tier];
    if (other !== undefined) add(candidate, other, 'same-tier');
  }
  return found.sort((one, another) => ORDER.indexOf(one.kind) - ORDER.indexOf(another.kind));
}

/** The vendor's pick of this tier, or of the next, that is not the model itself. */
function pick(preset: Preset | undefined, tier: Tier, model: string): string | undefined {
  return [tier, ...NEXT_TIERS[tier]]
    .map((one) => preset?.picks[one])
    .find((name) => name !== undefined && normaliseModel(name) !== normaliseModel(model));
}

/** Resellers write a Claude's version with a dot: `claude-sonnet-5.5` (openrouter.ai/models, vercel.com/ai-gateway/models). */
function resoldName(model: string): string {
  return model.replace(/^(claude-[a-z]+-\d+)-(\d)(?=$|-\d{8})/, '$1.$2').replace(/-\d{8}$/, '');
}

/**
 * What a million tokens cost, in dollars, at nine parts of input to one of output, which is what agents with growing histories
 * come to before caching. `undefined`: the price is not known.
 */
export function blendedPrice(price: Price | undefined): number | undefined {
  return price === undefined ? undefined : Math.round((price.input * 9 + price.output) * 10) / 100;
}
