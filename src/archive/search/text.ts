/**
 * How text becomes words. The index takes it in this form (FTS5's `unicode61 remove_diacritics 2` with `_` splits and folds it), queries go
 * the same way, and marks are found in text folded alike.
 */

/** Scripts that put no spaces between words, and Korean, whose particles stick to them: Thai, Lao, Myanmar, Khmer, kana, Han, Hangul. */
const UNSPACED = String.raw`\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\u{20000}-\u{3ffff}`;
const UNSPACED_RUN = new RegExp(`[${UNSPACED}]+`, 'gu');
const HAS_UNSPACED = new RegExp(`[${UNSPACED}]`, 'u');
const NOT_ASCII = /[^\0-\x7f]/;
/** Keys, base64 and the like: nobody looks for what is in their middle, and each would be a word of its own. */
// Not `{200,}`: that overflows the stack at some 8 MB, as pictures in messages are.
const BLOB = /[A-Za-z0-9+/=_-]{200}[A-Za-z0-9+/=_-]*/g;
const BLOB_LENGTH = 200;
/** What is kept of them: enough to be found by how they begin. */
const BLOB_BEGINNING = 40;
/** Arabic's vowel signs and lengthening, which are written or left out as one likes. */
const ARABIC_SIGNS = /[\u0610-\u061a\u0640\u064b-\u065f\u0670]/g;

export function hasUnspaced(text: string): boolean {
  return HAS_UNSPACED.test(text);
}

export function hasWords(text: string): boolean {
  return /[\p{L}\p{N}\p{Co}_]/u.test(text);
}

/**
 * Text as the index takes it. Runs of unspaced scripts become pairs of neighbours (数据库 → 数据 据库 库), so that a word of two characters
 * is one term, and a longer one a phrase.
 */
export function indexed(text: string): string {
  return prepared(text, pairs);
}

/**
 * What a query asks the index for. The last character of an unspaced run stands in the index only where the run ends there, so it is left
 * out; one that is all there is is the beginning of a pair.
 */
export function asked(text: string): { text: string; prefix: boolean } {
  let alone = false;
  const plain = prepared(text, (run) => {
    const list = pairs(run);
    alone = list.length === 1;
    return alone ? list : list.slice(0, -1);
  }).trim();
  return { text: plain, prefix: alone && Array.from(plain).length === 1 };
}

function prepared(text: string, split: (run: string) => string[]): string {
  const cut = hasBlob(text) ? text.replace(BLOB, (blob) => ` ${blob.slice(0, BLOB_BEGINNING)} `) : text;
  if (!NOT_ASCII.test(cut)) return cut;
  const normal = cut.normalize('NFKC').replace(ARABIC_SIGNS, '');
  return normal.replace(UNSPACED_RUN, (run) => ` ${split(run).join(' ')} `);
}

/** Looks at every 200th character only, and around those that could be in one: the pattern itself is tried at each. */
function hasBlob(text: string): boolean {
  for (let place = BLOB_LENGTH - 1; place < text.length; place += BLOB_LENGTH) {
    let first = place;
    while (first >= 0 && place - first < BLOB_LENGTH && isOfBlob(text.charCodeAt(first))) first -= 1;
    let end = place;
    while (end < text.length && end - first <= BLOB_LENGTH && isOfBlob(text.charCodeAt(end))) end += 1;
    if (end - first > BLOB_LENGTH) return true;
  }
  return false;
}

function isOfBlob(code: number): boolean {
  if (code >= 0x61) return code <= 0x7a;
  if (code >= 0x41) return code <= 0x5a || code === 0x5f;
  return (code >= 0x2f && code <= 0x39) || code === 0x2b || code === 0x3d || code === 0x2d;
}

function pairs(run: string): string[] {
  const characters = Array.from(run.replace(/\p{M}/gu, ''));
  return characters.map((character, place) => character + (characters[place + 1] ?? ''));
}

/** Lower case, without accents, as long as the text was: places in it are places in the text. */
export function folded(text: string): string {
  const lower = text.toLowerCase();
  // İ becomes two.
  const same = lower.length === text.length ? lower : Array.from(text, lowerIfAsLong).join('');
  return NOT_ASCII.test(same) ? same.replace(/[^\0-\x7f]/g, foldedCharacter) : same;
}

function lowerIfAsLong(character: string): string {
  const lower = character.toLowerCase();
  return lower.length === character.length ? lower : character;
}

function foldedCharacter(character: string): string {
  const [base = character, ...rest] = character.normalize('NFKD').toLowerCase();
  return base.length === 1 && rest.every((mark) => /\p{M}/u.test(mark)) ? base : character;
}

/** Words of a text as they stand. */
export function wordsIn(text: string): string[] {
  return text.match(NOT_ASCII.test(text) ? /[\p{L}\p{N}_]+/gu : /\w+/g) ?? [];
}

/** Shorter words are found by other means, or are in every text; longer ones are no words. */
const SHORTEST = 4;
const LONGEST = 40;
/** Hashes, ids and times would be most of all words, and nobody knows their middle. */
const NUMBER_LIKE = /^(?=.*\d)[\da-f_]+$/;

export interface DistinctWords {
  /** For the lexicon: in lower case, at least four letters long. */
  whole: string[];
  /** Pieces of compound names (`getElementById`: element, `archive_name`: archive, name) that are no words of the text by themselves. */
  inner: string[];
}

interface KnownWord {
  lower: string;
  isForLexicon: boolean;
  pieces: readonly string[];
  /** The text in which it was seen last. */
  seenIn: number;
}

/** Words are judged once: most text is made of few. */
const MOST_KNOWN = 100_000;

/** Reads the words of one document (its texts) after the other. */
export function wordReader(): (texts: readonly string[]) => DistinctWords {
  const known = new Map<string, KnownWord>();
  let document = 0;
  return (texts) => {
    document += 1;
    if (known.size > MOST_KNOWN) known.clear();
    const seen: KnownWord[] = [];
    for (const text of texts) {
      for (const word of text.match(NOT_ASCII.test(text) ? /[\p{L}_][\p{L}\p{N}_]+/gu : /[A-Za-z_]\w+/g) ?? []) {
        let entry = known.get(word);
        if (entry?.seenIn === document) continue;
        if (entry === undefined) known.set(word, (entry = judged(word)));
        entry.seenIn = document;
        seen.push(entry);
      }
    }
    return { whole: seen.filter(({ isForLexicon }) => isForLexicon).map(({ lower }) => lower), inner: innerOf(seen) };
  };
}

function judged(word: string): KnownWord {
  // A part of a long string would keep all of it in memory.
  const lower = Buffer.from(word).toString().toLowerCase();
  const isWord = word.length <= LONGEST && !HAS_UNSPACED.test(word);
  const isCompound = isWord && /_.|\p{Ll}\p{Lu}|\p{Lu}\p{Lu}\p{Ll}/u.test(word);
  const pieces = isCompound ? (word.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu) ?? []).map((piece) => piece.toLowerCase()) : [];
  return {
    lower,
    isForLexicon: isWord && lower.length >= SHORTEST && !NUMBER_LIKE.test(lower),
    pieces: pieces.filter((piece) => piece.length > 1),
    seenIn: 0,
  };
}

function innerOf(seen: readonly KnownWord[]): string[] {
  const inner = new Set(seen.flatMap(({ pieces }) => pieces));
  if (inner.size > 0) for (const { lower } of seen) inner.delete(lower);
  return [...inner];
}
