import { vocabularyOf } from './alike.ts';
import type { WeighedTerm } from './candidates.ts';
import { termsOf } from './terms.ts';

/** How like a text is to a question. */
export interface Likeness {
  /** From 0 to 1: how much of what the question is about the text is about too. */
  score: number;
  /** Terms of the question that are met. */
  met: number;
}

/** Pieces of what might be similar, and how much it says that a term is met there. */
export interface Field {
  text: string;
  /** 0 to 1. */
  trust: number;
}

/** Below this nothing is shown. Chosen on one half of the labelled questions; the report has both halves (docs/reports/2026-11-23-offline-desk.md). */
const LEAST_LIKENESS = 0.36;
/** From here on it is called similar; what is below is called loosely so. */
export const CLOSE = 0.6;
/** A match is worth the less the more else the earlier question was about. */
const FOCUS_SHARE = 0.2;
/** Terms beyond which a text's other words say nothing: it is a page, not a question. */
const FOCUSED = 40;

/**
 * `fields`: the first is what is compared both ways, such as the earlier question. Terms count by how rare they are in the archive.
 */
export function likenessOf(terms: readonly WeighedTerm[], fields: readonly [Field, ...Field[]]): Likeness {
  const read = fields.map(({ text, trust }) => ({ words: termsOf(text), trust }));
  const vocabularies = read.map(({ words, trust }) => ({ vocabulary: vocabularyOf(words), trust }));
  let all = 0;
  let met = 0;
  let count = 0;
  for (const { text, joined, weight } of terms) {
    all += weight;
    const words = joined === undefined ? [text] : [text, joined];
    const best = Math.max(...vocabularies.flatMap(({ vocabulary, trust }) => words.map((word) => trust * vocabulary.match(word))));
    met += weight * best;
    if (best > 0.4) count += 1;
  }
  if (all === 0) return { score: 0, met: 0 };
  return { score: (met / all) * (1 - FOCUS_SHARE + FOCUS_SHARE * focusOf(terms, read[0]!.words)), met: count };
}

/** How much of a text's own words are in the question. */
function focusOf(terms: readonly WeighedTerm[], words: readonly string[]): number {
  if (words.length === 0 || words.length > FOCUSED) return 0;
  const question = vocabularyOf(terms.map(({ text }) => text));
  const met = words.reduce((sum, word) => sum + question.match(word), 0);
  return met / words.length;
}

/** One word alone that is met may be chance, unless it is all that was asked, or nearly. */
export function isLike({ score, met }: Likeness, terms: readonly WeighedTerm[]): boolean {
  return score >= LEAST_LIKENESS && (met >= 2 || terms.filter(({ weight }) => weight > 2).length <= 1);
}
