import { presets } from '../providers/catalogue.ts';

/** A key that lies in the environment, and the service that it is for. */
export interface OfferedKey {
  provider: string;
  title: string;
  /** The variable's name; the key itself stays where it is. */
  variable: string;
}

/** Keys in the usual variables, in the catalogue's order. */
export function offeredKeys(environment: Readonly<Record<string, string | undefined>>): OfferedKey[] {
  return presets.flatMap(({ name, title, keyVariables }) => {
    const variable = keyVariables.find((each) => (environment[each] ?? '').trim() !== '');
    return variable === undefined ? [] : [{ provider: name, title, variable }];
  });
}
