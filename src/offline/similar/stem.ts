import { hasUnspaced } from '../../archive/search/text.ts';

/** Letters that a stem keeps. */
const SHORTEST_STEM = 3;

/** Endings, the longest first, of the languages whose stop words are known. Crude on purpose: both sides lose the same. */
const ENDINGS =
  /(?:izations?|isations?|ations?|ungen|ingly|ments?|ities|ement|ings?|ung|ity|ies|ied|ers?|est|ern|ed|es|en|em|ly|te|st|al|s|e|n|t)$/;

/** A word without its ending, so that `deploying` and `deployment` are one. */
export function stemOf(word: string): string {
  if (hasUnspaced(word) || /\d/.test(word) || word.length < 5) return word.length > SHORTEST_STEM ? word.replace(/s$/, '') : word;
  const cut = word.replace(ENDINGS, '');
  const stem = cut.length >= SHORTEST_STEM ? cut : word;
  // running, stopped
  return stem.length > SHORTEST_STEM && stem.at(-1) === stem.at(-2) ? stem.slice(0, -1) : stem;
}
