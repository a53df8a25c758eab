import type { ResponseUsage } from 'openai/resources/responses/responses';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Usage } from '../../exchange/usage.ts';

/** xAI counts reasoning beside `output_tokens`, which shows in its total. */
export function readUsage(raw: JsonObject): Partial<Usage> {
  const usage: Partial<Usage> = {};
  const inputDetails = isObject(raw.input_tokens_details) ? raw.input_tokens_details : {};
  const outputDetails = isObject(raw.output_tokens_details) ? raw.output_tokens_details : {};
  const input = count(raw.input_tokens);
  const total = count(raw.total_tokens);
  const reasoning = count(outputDetails.reasoning_tokens);
  const cacheRead = count(inputDetails.cached_tokens);
  const cacheWrite = count(inputDetails.cache_write_tokens);
  let output = count(raw.output_tokens);
  if (output !== undefined && reasoning && input !== undefined && total === input + output + reasoning) output += reasoning;
  if (input !== undefined) usage.input = input;
  if (output !== undefined) usage.output = output;
  if (cacheRead !== undefined) usage.cacheRead = cacheRead;
  if (cacheWrite !== undefined) usage.cacheWrite = cacheWrite;
  if (reasoning !== undefined) usage.reasoning = reasoning;
  return usage;
}

/** Every count that OpenAI's schema requires: clients (Codex, the AI SDK) refuse an end without them. What else `raw` says is kept if it is ours. */
export function writeUsage(usage: Partial<Usage>, raw: JsonObject | undefined): JsonObject {
  const input = usage.input ?? 0;
  const output = usage.output ?? 0;
  const own = raw && isOwnUsage(raw) ? raw : {};
  const counts = {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead ?? 0, cache_write_tokens: usage.cacheWrite ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: input + output,
  } satisfies ResponseUsage;
  return {
    ...own,
    ...counts,
    input_tokens_details: { ...(isObject(own.input_tokens_details) && own.input_tokens_details), ...counts.input_tokens_details },
    output_tokens_details: { ...(isObject(own.output_tokens_details) && own.output_tokens_details), ...counts.output_tokens_details },
  };
}

/** Anthropic counts `input_tokens` too, but never a total. */
function isOwnUsage(raw: JsonObject): boolean {
  return typeof raw.input_tokens === 'number' && typeof raw.total_tokens === 'number';
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
