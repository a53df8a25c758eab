import { isObject, type JsonObject } from '../exchange/json.ts';

/** Who a wrapped model is, to what models make: `anthropic.messages`, as its package says (`LanguageModelV4.provider`). */
export type Maker = string;

/** Under this name in provider metadata stands what Understudy notes. */
export const MARK = 'understudy';

/**
 * What `providerMetadata` of a part says besides: who made it, and under which names that maker's own data stand. The AI SDK brings it back
 * as `providerOptions` of the same part.
 */
export function marked(metadata: JsonObject | undefined, maker: Maker): JsonObject {
  return { ...metadata, [MARK]: { maker, keys: Object.keys(metadata ?? {}) } };
}

interface Mark {
  maker: Maker;
  keys: string[];
}

function markOf(options: JsonObject | undefined): Mark | undefined {
  const mark = options?.[MARK];
  if (!isObject(mark) || typeof mark.maker !== 'string') return undefined;
  const keys = Array.isArray(mark.keys) ? mark.keys.filter((key) => typeof key === 'string') : [];
  return { maker: mark.maker, keys };
}

/** Whose a part is, to this maker: its own, somebody else's, or not said. */
export type Origin = 'own' | 'foreign' | 'unsaid';

/**
 * Without a mark (a history from before, or made by a model alone) the names of the provider options tell: `anthropic` stands in what
 * `anthropic.messages` made.
 */
export function originOf(options: JsonObject | undefined, maker: Maker): Origin {
  const mark = markOf(options);
  if (mark) return mark.maker === maker ? 'own' : 'foreign';
  const keys = Object.keys(options ?? {}).filter((key) => key !== MARK);
  if (keys.length === 0) return 'unsaid';
  return keys.some((key) => isNameOf(key, maker)) ? 'own' : 'foreign';
}

/** Names under which a maker's data go besides its own first one, as the packages have them. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'amazon-bedrock': ['bedrock', 'amazonBedrock'],
  azure: ['openai', 'azure'],
  'azure-openai': ['openai', 'azure'],
  google: ['google', 'vertex', 'googleVertex'],
  vertex: ['vertex', 'google', 'anthropic', 'googleVertex'],
  googleVertex: ['vertex', 'google', 'anthropic'],
};

/** `anthropic` is a name of `anthropic.messages`, and `bedrock` of `amazon-bedrock`. */
export function isNameOf(name: string, maker: Maker): boolean {
  const first = vendorOf(maker);
  return name === first || name === maker || (ALSO[first]?.includes(name) ?? false);
}

/** `anthropic` of `anthropic.messages`. */
export function vendorOf(maker: Maker): string {
  return maker.split(/[.#]/, 1)[0]!;
}

/** Provider options as this maker may see them: without our mark, and without what another maker wrote into them. */
export function optionsFor(options: JsonObject | undefined, maker: Maker): JsonObject | undefined {
  const mark = markOf(options);
  if (!options || !Object.hasOwn(options, MARK)) return options;
  const theirs = mark && mark.maker !== maker ? mark.keys : [];
  const kept = Object.entries(options).filter(([key]) => key !== MARK && !theirs.includes(key));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
