import { hasUnspaced } from '../../archive/search/text.ts';
import { meaningOf } from './same-meaning.ts';
import { isStopWord } from './stop-words.ts';

const PAIR = 0.5;
const WEAK_PAIR = 0.1;
/** Particles, pronouns, auxiliaries and the like of Chinese, and particles of Japanese: a pair with one of them is mostly an end of one word and the beginning of another. */
const LITTLE_WORDS: ReadonlySet<string> = new Set(
  '的了是在和把被要会能吗呢吧啊很都也就还又再让给从到对与及或等这那哪些一不没有我你您他她它们个么时怎样为什请想得地着过去来上下里中以于其之而且但每某该应可别谁几多少更最只已正将才更想はがをにでとものへやかよねですまた',
);
const UNKNOWN_WORD = 0.8;
/** Most likely mistyped, or a particle of a language whose stop words are not known. */
const UNKNOWN_SHORT_WORD = 0.3;
const SHORT_WORD = 3;

/** How much a term says, where so many of all documents have it: its inverse document frequency, as bm25 has it. */
export function rarityOf(text: string, having: number, all: number): number {
  // As rare as a word can be that is there: that one is not says no more.
  const known = Math.max(1, Math.min(having, all));
  return Math.log(1 + (Math.max(all, known) - known + 0.5) / (known + 0.5)) * shareOf(text, having);
}

/** Pairs of characters overlap, so that each word is counted about twice; and a pair that nobody ever wrote is the end of one word and the beginning of another. */
function shareOf(text: string, having: number): number {
  if (hasUnspaced(text)) {
    if (meaningOf(text) !== undefined) return PAIR;
    return having === 0 || Array.from(text).some((character) => LITTLE_WORDS.has(character)) ? WEAK_PAIR : PAIR;
  }
  if (having > 0) return 1;
  return text.length <= SHORT_WORD || isStopWord(text) ? UNKNOWN_SHORT_WORD : UNKNOWN_WORD;
}
