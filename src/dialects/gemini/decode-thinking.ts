import type { JsonObject } from '../../exchange/json.ts';
import type { Effort, Reasoning } from '../../exchange/request.ts';
import type { Fields } from './fields.ts';
import { DIALECT } from './wire.ts';

const LEVELS: Record<string, Effort> = { MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high' };
const KNOWN: ReadonlySet<string> = new Set(['thinkingBudget', 'thinkingLevel', 'includeThoughts']);

/** Of a `thinkingConfig` in camelCase. A budget of 0 switches thinking off. */
export function effortOf(config: JsonObject): Effort | undefined {
  if (config.thinkingBudget === 0 || config.thinkingBudget === '0') return 'none';
  return typeof config.thinkingLevel === 'string' ? LEVELS[config.thinkingLevel.toUpperCase()] : undefined;
}

/**
 * A budget of -1 and no word at all leave it to the model. Thoughts that are to be shown are the usual case elsewhere, so only their
 * absence is noted.
 */
export function decodeThinking(config: JsonObject, at: string, read: Fields): Reasoning | undefined {
  if (Object.keys(config).length === 0) return undefined;
  const budget = config.thinkingBudget === undefined ? undefined : read.integer(config.thinkingBudget, `${at}.thinkingBudget`);
  const effort = effortOf(config);
  const left: JsonObject = {};
  for (const name in config) if (!KNOWN.has(name)) left[name] = config[name];
  if (config.thinkingLevel !== undefined && effort === undefined) left.thinkingLevel = config.thinkingLevel;
  if (config.includeThoughts !== true && effort !== 'none') left.includeThoughts = false;
  const reasoning: Reasoning = {
    ...(effort !== undefined && { effort }),
    ...(budget !== undefined && budget > 0 && { budget }),
    ...(effort === undefined && !(budget !== undefined && budget > 0) && { adaptive: true }),
  };
  return Object.keys(left).length === 0 ? reasoning : { ...reasoning, extras: { dialect: DIALECT, fields: left } };
}
