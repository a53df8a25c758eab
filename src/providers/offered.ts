import type { Preset } from './catalogue/preset.ts';
import { presets } from './catalogue.ts';
import type { Environment } from './proxy-choice.ts';

/** Services whose key is in the environment, with the variable that holds it. They are offered to the user, not used unasked. */
export function offeredByEnvironment(environment: Environment): { preset: Preset; variable: string }[] {
  return presets.flatMap((preset) => {
    const variable = preset.keyVariables.find((name) => (environment[name] ?? '').trim() !== '');
    return variable === undefined ? [] : [{ preset, variable }];
  });
}
