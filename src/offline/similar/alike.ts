import { hasUnspaced } from '../../archive/search/text.ts';
import { distance } from '../../archive/search/lexicon.ts';
import { meaningOf } from './same-meaning.ts';
import { stemOf } from './stem.ts';

/** How much of a match each kind of likeness is: 1 is the same word. */
const SAME_STEM = 0.95;
const SAME_MEANING = 0.8;
const MISTYPED = 0.8;
const WITHIN = 0.7;

/** Letters below which two words that differ in one are simply two words. */
const SHORTEST_MISTYPED = 5;
/** Of words this short, only letters that have changed places are a slip: `mdoe`. */
const SWAPPED = 4;
/** Letters from which two may differ. */
const LONG = 8;
/** Letters of a word that is found within a compound one. */
const SHORTEST_WITHIN = 5;
/** A text's terms, ready to be compared with many words. */
export interface Vocabulary {
  size: number;
  /** From 0 to 1: how well a word is met by any of them. */
  match(word: string): number;
}

export function vocabularyOf(terms: readonly string[]): Vocabulary {
  const words = new Set(terms);
  const stems = new Set(terms.map(stemOf));
  const meanings = new Set(terms.flatMap((term) => meaningOf(term) ?? []));
  const known = new Map<string, number>();

  function look(word: string): number {
    if (words.has(word)) return 1;
    if (hasUnspaced(word)) return meetsMeaning(word) ? SAME_MEANING : 0;
    if (stems.has(stemOf(word))) return SAME_STEM;
    if (meetsMeaning(word)) return SAME_MEANING;
    let best = 0;
    for (const term of words) {
      if (best < MISTYPED && isMistyped(word, term)) best = MISTYPED;
      else if (best < WITHIN && isWithin(word, term)) best = WITHIN;
    }
    return best;
  }

  function meetsMeaning(word: string): boolean {
    return meaningOf(word)?.some((meaning) => meanings.has(meaning)) === true;
  }

  return {
    size: words.size,
    match(word) {
      let found = known.get(word);
      if (found === undefined) known.set(word, (found = look(word)));
      return found;
    },
  };
}

/** One is most likely the other with a letter put in, left out, exchanged or swapped. */
function isMistyped(one: string, other: string): boolean {
  const shorter = Math.min(one.length, other.length);
  if (shorter === SWAPPED && one.length === other.length) return one[0] === other[0] && isAnagram(one, other);
  if (shorter < SHORTEST_MISTYPED || Math.abs(one.length - other.length) > 2 || /\d/.test(one) || hasUnspaced(other)) return false;
  const most = shorter >= LONG ? 2 : 1;
  // Whoever mistypes mostly has the first letter right, and plain words differ by their endings, which stems are for.
  if (one[0] !== other[0]) return false;
  return distance(Array.from(one), Array.from(other)) <= most;
}

function isAnagram(one: string, other: string): boolean {
  return Array.from(one).toSorted().join('') === Array.from(other).toSorted().join('');
}

/** German and its like: `Sicherung` in `Datenbanksicherung`; also `postgres` in `postgresql`. */
function isWithin(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short.length < SHORTEST_WITHIN || hasUnspaced(long)) return false;
  return long.startsWith(short) || long.endsWith(short);
}
