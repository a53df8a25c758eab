import { isObject, type Json, type JsonObject } from '../../exchange/json.ts';

/** More models than this nobody chooses from; a list that is longer is somebody's mistake. */
const MOST_MODELS = 200;
/** Names that can be asked for and written as globs: `qwen3:8b`, `unsloth/Qwen3-30B-A3B-GGUF:Q4_K_M`. */
const NAME = /^[\w./:@+()~,=-]{1,200}$/;
/** Models that make vectors, or put lists in order, and that their services list among the others. */
const NO_CHAT = /(^|[^a-z])(embed(ding)?s?|e5|bge|gte|minilm|reranker?|whisper|tts)([^a-z]|$)/i;

/** The objects of a list that have a usable name under `field`. */
export function named(list: Json | undefined, field: string): { name: string; item: JsonObject }[] {
  if (!Array.isArray(list)) return [];
  return list.slice(0, MOST_MODELS).flatMap((item) => {
    const name = isObject(item) ? item[field] : undefined;
    return isObject(item) && typeof name === 'string' && NAME.test(name) ? [{ name, item }] : [];
  });
}

/** Going by its name alone, where nothing else says what it is for. */
export function isNoChat(name: string): boolean {
  return NO_CHAT.test(name);
}

export function positive(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

export function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 100) : undefined;
}

export function object(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Billions out of `8.0B`, `270M`, `30B-A3B`; of a mixture of experts all of them, `8x7B`. */
export function billionsIn(words: string | undefined): number | undefined {
  const [, experts, number, unit] = /(?:(\d+)\s*x\s*)?(\d+(?:\.\d+)?)\s*([BM])\b/i.exec(words ?? '') ?? [];
  if (number === undefined) return undefined;
  const size = Number(number) * Number(experts ?? 1);
  return unit?.toUpperCase() === 'M' ? size / 1000 : size;
}
