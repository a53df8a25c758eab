import { presets } from '../../src/providers/catalogue.ts';
import type { Preset } from '../../src/providers/catalogue/preset.ts';
import { knownModels } from '../../src/providers/known-models.ts';
import { factsOf, type ModelFacts } from '../../src/providers/model-facts.ts';

/** A real service that can be asked with a key from the environment. */
export interface Service {
  preset: Preset;
  /** Variable that holds the key. */
  variable: string;
  model: string;
  facts: ModelFacts;
  /** Where requests go in the end: the service's own address, unless LIVE_BASE_URL_NAME says otherwise. */
  baseUrl: string;
}

export interface Choice {
  environment: Readonly<Record<string, string | undefined>>;
  /** Only these presets; empty: all with a key. */
  only: readonly string[];
  /** `name=model`, where not the preset's fast one is to be asked. */
  models: readonly string[];
}

/** The services whose usual variable holds a key, each with the cheapest model that its preset names. */
export function servicesWithKeys({ environment, only, models }: Choice): Service[] {
  const named = new Map(models.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
  return presets.flatMap((preset) => {
    const variable = preset.keyVariables.find((name) => (environment[name] ?? '') !== '');
    const model = named.get(preset.name) ?? preset.picks.fast ?? preset.picks.balanced ?? preset.picks.frontier;
    if (variable === undefined || model === undefined || (only.length > 0 && !only.includes(preset.name))) return [];
    const facts = factsOf({ vendor: preset.vendor, dialect: preset.dialect, quirks: preset.quirks, overrides: {}, find: knownModels() })(
      model,
    );
    return [{ preset, variable, model, facts, baseUrl: environment[baseUrlVariable(preset.name)] || preset.baseUrl }];
  });
}

/** `LIVE_BASE_URL_ANTHROPIC`: for a gateway in between, or for the rehearsal against simulated providers. */
export function baseUrlVariable(preset: string): string {
  return `LIVE_BASE_URL_${preset.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** Every variable that would count, for the message when none is set. */
export function keyVariables(): string[] {
  return [...new Set(presets.flatMap((preset) => (preset.local ? [] : preset.keyVariables)))];
}
