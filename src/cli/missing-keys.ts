import { readFileSync } from 'node:fs';
import type { Loaded } from '../config/load.ts';
import { findConfig } from '../config/load.ts';
import type { Result } from '../exchange/result.ts';
import { ok } from '../exchange/result.ts';
import { presets } from '../providers/catalogue.ts';
import { resolveProviders } from '../providers/resolve.ts';
import type { Context } from './command.ts';
import { readConfig } from './read-config.ts';

/** Stands for a key that is not set in this terminal. It opens nothing and is never sent. */
export const STAND_IN = 'not-set-in-this-terminal';

/** Each its own: two keys of one service must differ. */
function standInFor(name: string): string {
  return `${STAND_IN}-${name}`;
}

export interface LoadedAnyway {
  loaded: Loaded;
  /** Variables that the configuration needs and this terminal does not have; a running server may. */
  missing: string[];
}

/** The configuration for commands that only look at a running server: it is read also where the keys are not set in this terminal. */
export function readConfigAnyway(context: Pick<Context, 'flags' | 'deps'>): Result<LoadedAnyway, string[]> {
  const { flags, deps } = context;
  const strict = readConfig(context);
  if (strict.ok) return ok({ loaded: strict.value, missing: [] });
  const { surroundings } = deps;
  const isUnset = (name: string): boolean => (surroundings.environment[name] ?? '') === '';
  const file = flags.text('config');
  const missing = variablesIn(findConfig({ ...surroundings, ...(file !== undefined && { file }) })).filter(isUnset);
  // The narrower set first: a client's own key may do for a vendor's preset, and is no key that is missing.
  for (const names of [missing, [...missing, ...neededByPresets(isUnset)]]) {
    const environment = { ...surroundings.environment, ...Object.fromEntries(names.map((name) => [name, standInFor(name)])) };
    const loaded = readConfig({ flags, deps: { ...deps, surroundings: { ...surroundings, environment } } });
    if (loaded.ok)
      return ok({ loaded: withoutStandInToken(loaded.value), missing: names.filter((name) => isUsed(name, missing, loaded.value)) });
  }
  return strict;
}

/** `${NAME}` without a default, anywhere in the text; one in a comment does no harm. */
function variablesIn(file: string | undefined): string[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return [...new Set([...text.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)\}/g)].map((match) => match[1]!))];
}

/** The first variable of each service that cannot be used without a key. */
function neededByPresets(isUnset: (name: string) => boolean): string[] {
  const bare = { environment: {}, home: '', platform: 'linux' as const };
  return presets.flatMap(({ name, keyVariables }) =>
    keyVariables[0] !== undefined && keyVariables.every(isUnset) && !resolveProviders({ [name]: {} }, bare).ok ? [keyVariables[0]] : [],
  );
}

function isUsed(name: string, written: readonly string[], { resolved, fromEnvironment }: Loaded): boolean {
  if (written.includes(name)) return [...fromEnvironment.values()].some((variables) => variables.includes(name));
  return resolved.providers.some(
    ({ credential, name: provider }) =>
      credential.type === 'key' &&
      credential.value.startsWith(STAND_IN) &&
      presets.some((one) => one.name === provider && one.keyVariables[0] === name),
  );
}

function withoutStandInToken(loaded: Loaded): Loaded {
  if (!loaded.settings.server.token?.includes(STAND_IN)) return loaded;
  const { token: _, ...server } = loaded.settings.server;
  return { ...loaded, settings: { ...loaded.settings, server } };
}
