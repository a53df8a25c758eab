import { folded, hasUnspaced, indexed, wordsIn } from '../../archive/search/text.ts';
import { isStopWord } from './stop-words.ts';

/** Of a long text (a pasted log), its beginning and its end say what it is about. */
const BEGINNING = 3000;
const END = 1000;
/** Terms of one text that are looked at, each counted once. */
const MOST_TERMS = 400;
/** Letters of the longest word; what is longer is a key, a hash or base64. */
const LONGEST = 40;

/**
 * The words of a text that say what it is about, folded, each once, in their order. Runs of scripts without spaces are pairs of characters, as the
 * archive's index has them; pieces of compound names (`getElementById`) stand beside the name.
 */
export function termsOf(text: string): string[] {
  const short = text.length > BEGINNING + END ? `${text.slice(0, BEGINNING)}\n${text.slice(-END)}` : text;
  const found = new Set<string>();
  const all = new Set<string>();
  for (const word of wordsIn(indexed(short))) {
    if (word.length > LONGEST) continue;
    for (const term of [folded(word), ...piecesOf(word)]) {
      if (Array.from(term).length < 2 && !/^\d$/.test(term)) continue;
      all.add(term);
      if (!isStopWord(term) && isTelling(term)) found.add(term);
    }
    if (found.size >= MOST_TERMS) break;
  }
  // «Who are you» has nothing else.
  return [...(found.size > 0 ? found : all)];
}

/** Words of two words, which others write in one: `log in`, `back up`, `set up`. By the first of them. */
export function joinedIn(text: string): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [, word, particle] of folded(text.slice(0, BEGINNING)).matchAll(PHRASAL)) joined.set(word!, `${word}${particle}`);
  return joined;
}

const PHRASAL = /\b([a-z]{3,12})[ -](in|up|out|off|on|down|over)\b/g;

/** A digit alone, or one letter, stands in every text. */
function isTelling(term: string): boolean {
  return hasUnspaced(term) || term.length > 1;
}

function piecesOf(word: string): string[] {
  if (!/_.|\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u.test(word)) return [];
  const pieces = word.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu) ?? [];
  return pieces.map(folded).filter((piece) => piece.length > 2);
}
