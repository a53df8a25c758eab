import { isObject, type JsonObject } from '../../exchange/json.ts';

/**
 * What stands for a signature that never was, on calls that another model made: Gemini 3 refuses the first call of a step without any
 * (https://ai.google.dev/gemini-api/docs/thought-signatures; gemini-cli writes the same word).
 */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/** Both of the words that Google documents for it. They prove nothing, so they are no reasoning. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([NO_SIGNATURE, 'context_engineering_is_the_way_to_go']);

export function isPlaceholder(signature: string): boolean {
  return PLACEHOLDERS.has(signature);
}

/**
 * Puts Google's word for having no signature on the first call of each step since the user last spoke, where none is. `contents` are in
 * camelCase and are changed.
 */
export function signSteps(contents: readonly JsonObject[]): void {
  for (const content of contents.toReversed()) {
    const parts = Array.isArray(content.parts) ? content.parts.filter(isObject) : [];
    if (content.role === 'model') {
      const first = parts.find((part) => part.functionCall !== undefined);
      if (first && first.thoughtSignature === undefined) first.thoughtSignature = NO_SIGNATURE;
    } else if (!parts.some((part) => part.functionResponse !== undefined)) {
      return;
    }
  }
}
