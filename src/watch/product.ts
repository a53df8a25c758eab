/**
 * What an outage is about: a provider's product, or one model of it. In text `anthropic/api`, with a model `anthropic/api/claude-opus-4-6`; a
 * model's name may have slashes of its own.
 */
export interface ProductKey {
  /** Who runs it: `anthropic`, `openai`, `google`. For a service that no registry knows, its name in the configuration. */
  provider: string;
  /** `api`, `chat`, `code`. */
  product: string;
  /** As the provider's API names it. Absent: the whole product. */
  model?: string;
}

/** Something that people use and that can be down by itself. */
export interface Product {
  provider: string;
  product: string;
  /** As people say it: `Claude API`. */
  title: string;
  /** What people type for it, lower case: `claude.ai`, `claude`. The first that names it uniquely is shown. */
  aliases: readonly string[];
  /** Names of presets (providers/catalogue) whose requests it answers. None for what only people use. */
  presets: readonly string[];
}

export function productKeyText({ provider, product, model }: ProductKey): string {
  return model === undefined ? `${provider}/${product}` : `${provider}/${product}/${model}`;
}

/** `undefined` where it isn't one. */
export function parseProductKey(text: string): ProductKey | undefined {
  const match = /^([^/\s]+)\/([^/\s]+)(?:\/(\S+))?$/.exec(text);
  if (!match) return undefined;
  const [, provider, product, model] = match;
  return { provider: provider!, product: product!, ...(model !== undefined && { model }) };
}
