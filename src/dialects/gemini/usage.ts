import type { GenerateContentResponseUsageMetadata } from '@google/genai';
import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';
import type { Usage } from '../../exchange/usage.ts';

/**
 * `promptTokenCount` includes what came from the cache but not what server tools gave the model to read; `candidatesTokenCount` does not
 * include thoughts. Both sums are those of `totalTokenCount`. A count of 0 is left out on the wire.
 */
export function readUsage(raw: JsonObject): Partial<Usage> {
  const usage: Partial<Usage> = {};
  const prompt = count(raw.promptTokenCount);
  const candidates = count(raw.candidatesTokenCount);
  const thoughts = count(raw.thoughtsTokenCount);
  const cached = count(raw.cachedContentTokenCount);
  if (prompt !== undefined) usage.input = prompt + (count(raw.toolUsePromptTokenCount) ?? 0);
  if (candidates !== undefined || thoughts !== undefined) usage.output = (candidates ?? 0) + (thoughts ?? 0);
  if (cached !== undefined) usage.cacheRead = cached;
  if (thoughts !== undefined) usage.reasoning = thoughts;
  return usage;
}

/** `raw` is what providers wrote: of Gemini's, details such as modalities and traffic are kept, as long as the counts are the same. */
export function writeUsage(usage: Partial<Usage>, raw: JsonObject | undefined): JsonObject {
  const own = raw && isOwn(raw) ? raw : {};
  if (Object.keys(own).length > 0 && same(usage, readUsage(own))) return own;
  const input = usage.input ?? 0;
  const output = usage.output ?? 0;
  const reasoning = usage.reasoning ?? 0;
  const counts: GenerateContentResponseUsageMetadata = {
    promptTokenCount: input,
    candidatesTokenCount: Math.max(0, output - reasoning),
    totalTokenCount: input + output,
  };
  if (usage.cacheRead !== undefined) counts.cachedContentTokenCount = usage.cacheRead;
  if (usage.reasoning !== undefined) counts.thoughtsTokenCount = usage.reasoning;
  const wire: JsonObject = { ...(counts as JsonObject) };
  if (typeof own.trafficType === 'string') wire.trafficType = own.trafficType;
  return wire;
}

function isOwn(raw: JsonObject): boolean {
  return raw.promptTokenCount !== undefined || raw.totalTokenCount !== undefined || raw.trafficType !== undefined;
}

function same(one: Partial<Usage>, other: Partial<Usage>): boolean {
  const { input, output, cacheRead, reasoning } = other;
  return one.input === input && one.output === output && one.cacheRead === cacheRead && one.reasoning === reasoning;
}

function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** `usageMetadata` of a chunk, where it has one. */
export function usageOf(chunk: JsonObject): JsonObject | undefined {
  return isObject(chunk.usageMetadata) ? chunk.usageMetadata : undefined;
}
