import { findPreset, vendorOfDialect } from '../providers/catalogue.ts';
import type { Surroundings } from './paths.ts';
import type { Loaded } from './load.ts';
import { parseConfig } from './load.ts';
import type { Result } from '../exchange/result.ts';
import type { ConfigProblem } from './problem.ts';
import { firstConfig } from './write.ts';

/**
 * The settings of a start that has no file and cannot ask: each client's own vendor and nobody else, as the names of models tell them
 * apart, with the vendor's key out of the environment or the client's own.
 */
export function unaskedConfig(surroundings: Surroundings): Result<Loaded, ConfigProblem[]> {
  const vendors = [vendorOfDialect('anthropic-messages'), vendorOfDialect('openai-chat')];
  const routes = vendors.flatMap((name) => (findPreset(name)?.models ?? []).map((glob): [string, string[]] => [glob, [`${name}/*`]]));
  const text = firstConfig({ providers: vendors.map((name) => ({ name })), routes: Object.fromEntries(routes) });
  return parseConfig(text, undefined, surroundings);
}
