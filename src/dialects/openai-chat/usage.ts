import type { CompletionUsage } from 'openai/resources/completions';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Usage } from '../../exchange/usage.ts';

/**
 * Chat's usage object. Cached tokens stand in three places: `prompt_tokens_details` (OpenAI and most), `cached_tokens`
 * (Moonshot), `prompt_cache_hit_tokens` (DeepSeek). xAI leaves reasoning out of `completion_tokens`, which shows in its total.
 */
export function readUsage(raw: JsonObject): Partial<Usage> {
  const usage: Partial<Usage> = {};
  const promptDetails = isObject(raw.prompt_tokens_details) ? raw.prompt_tokens_details : {};
  const outputDetails = isObject(raw.completion_tokens_details) ? raw.completion_tokens_details : {};
  const input = count(raw.prompt_tokens);
  const total = count(raw.total_tokens);
  const reasoning = count(outputDetails.reasoning_tokens) ?? count(raw.reasoning_tokens);
  let output = count(raw.completion_tokens);
  if (output !== undefined && reasoning && input !== undefined && total === input + output + reasoning) output += reasoning;
  const cacheRead = count(promptDetails.cached_tokens) ?? count(raw.cached_tokens) ?? count(raw.prompt_cache_hit_tokens);
  const cacheWrite = count(promptDetails.cache_write_tokens);
  if (input !== undefined) usage.input = input;
  if (output !== undefined) usage.output = output;
  if (cacheRead !== undefined) usage.cacheRead = cacheRead;
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite;
  if (reasoning !== undefined) usage.reasoning = reasoning;
  return usage;
}

export function writeUsage(usage: Partial<Usage>): CompletionUsage {
  const input = usage.input ?? 0;
  const output = usage.output ?? 0;
  const wire: CompletionUsage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  if (usage.cacheRead !== undefined || usage.cacheWrite !== undefined) {
    wire.prompt_tokens_details = {
      ...(usage.cacheRead !== undefined && { cached_tokens: usage.cacheRead }),
      ...(usage.cacheWrite !== undefined && { cache_write_tokens: usage.cacheWrite }),
    };
  }
  if (usage.reasoning !== undefined) wire.completion_tokens_details = { reasoning_tokens: usage.reasoning };
  return wire;
}

/** Services have sent negative and fractional counts; those say nothing. */
function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
