import type { LanguageModelV4 } from '@ai-sdk/provider';

type Supported = Record<string, RegExp[]>;

/**
 * Addresses that every one of the models fetches by itself. All others are fetched by the AI SDK, so that whoever has to answer in the end
 * has what they lead to.
 */
export async function supportedByAll(models: readonly LanguageModelV4[]): Promise<Supported> {
  const [first, ...others] = await Promise.all(models.map(supportedBy));
  return Object.fromEntries(
    Object.entries(first ?? {}).flatMap(([mediaType, patterns]): [string, RegExp[]][] => {
      const shared = patterns.filter((pattern) =>
        others.every((other) => other[mediaType]?.some((known) => String(known) === String(pattern))),
      );
      return shared.length === 0 ? [] : [[mediaType, shared]];
    }),
  );
}

/** A model that can't say supports none. */
async function supportedBy(model: LanguageModelV4): Promise<Supported> {
  try {
    return await model.supportedUrls;
  } catch {
    return {};
  }
}
