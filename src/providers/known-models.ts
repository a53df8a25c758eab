import { readFileSync } from 'node:fs';
import { parseObject } from '../exchange/json.ts';
import type { Price } from './model-data.ts';
import { listedNames, normaliseModel } from './model-names.ts';

/** What the data package says of a model at one service; made by scripts/model-facts.ts. What is absent is not known. */
export interface KnownModel {
  contextWindow?: number;
  maxOutput?: number;
  images: boolean;
  /** `effort`: told by `reasoning_effort`; `other`: reasons, but is told in a way of its own. */
  reasoning: 'none' | 'effort' | 'other';
  fixedSampling?: boolean;
  systemInside?: boolean;
  reasoningGoesBack?: boolean;
  price?: Price;
  /** What the service calls it, where it has names of its own (Bedrock, one for each geography). */
  ids?: string[];
}

/** The services that there are lists of. */
export type ListedHost = (typeof LISTED)[number];

const LISTED = [
  'anthropic',
  'openai',
  'google',
  'mistral',
  'xai',
  'deepseek',
  'moonshot',
  'zai',
  'groq',
  'cerebras',
  'together',
  'openrouter',
  'bedrock',
  'vertex',
  'azure',
] as const;

/** A service's models by normalised name. */
export type ModelList = ReadonlyMap<string, KnownModel>;

/** Looks models up in the lists of services; each is read when first asked for. */
export type FindKnown = (host: string, model: string) => KnownModel | undefined;

export function knownModels(): FindKnown {
  const lists = new Map<string, ModelList | undefined>();
  return (host, model) => {
    if (!lists.has(host)) lists.set(host, isListed(host) ? readList(host) : undefined);
    const list = lists.get(host);
    if (!list) return undefined;
    for (const name of listedNames(normaliseModel(model))) {
      const known = list.get(name);
      if (known) return known;
    }
    return undefined;
  };
}

export function isListed(host: string): host is ListedHost {
  return (LISTED as readonly string[]).includes(host);
}

/** The files are part of the program: one that is missing or broken is a broken installation. */
function readList(host: ListedHost): ModelList {
  const file = parseObject(readFileSync(new URL(`./models/${host}.json`, import.meta.url), 'utf8'));
  return new Map(Object.entries((file?.['models'] ?? {}) as unknown as Record<string, KnownModel>));
}
