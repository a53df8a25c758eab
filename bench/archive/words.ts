/** Vocabularies of made-up words, drawn as in natural text: few words often, many rarely (Zipf). Seeded, so that an archive can be made again. */
export type Random = () => number;

export interface Vocabulary {
  /** What stands between two words. */
  gap: string;
  word(random: Random): string;
}

const COMMON_ENGLISH =
  'the of and to a in is you that it he was for on are as with his they I at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part';
const RUSSIAN = ['ка', 'ло', 'ви', 'на', 'сто', 'ро', 'ми', 'те', 'пре', 'ду', 'ши', 'за', 'ко', 'ня', 'гра', 'бе', 'ще', 'вы', 'ре', 'лю'];
const ARABIC = ['كت', 'اب', 'مد', 'رس', 'سل', 'ام', 'حر', 'قل', 'بي', 'نو', 'عم', 'شر', 'ول', 'جم', 'فت', 'طر'];
const ENGLISH = [
  'con',
  'fi',
  'gu',
  'ra',
  'tion',
  'ser',
  'ver',
  'da',
  'ta',
  'ba',
  'se',
  'net',
  'work',
  'mo',
  'del',
  'pro',
  'vi',
  'der',
  'to',
  'ken',
  'ca',
  'che',
  'in',
  'dex',
  'que',
  'ry',
  'al',
  'ter',
  'ma',
  'nent',
  'lo',
  'gic',
  'per',
  'sis',
  'ten',
  'ce',
];
const GERMAN = [
  'über',
  'schrift',
  'daten',
  'bank',
  'ver',
  'bin',
  'dung',
  'ge',
  'schwin',
  'dig',
  'keit',
  'größe',
  'lich',
  'aus',
  'gabe',
  'ein',
  'stell',
  'ung',
  'zähl',
  'er',
];

/** Ranks from 0; the exponent of natural text is about 1. */
function rank(size: number, random: Random): number {
  return Math.min(size - 1, Math.floor(Math.exp(random() * Math.log(size + 1)) - 1));
}

function madeOf(syllables: readonly string[], size: number, first: readonly string[], random: Random): string[] {
  const words = new Set(first);
  while (words.size < size) {
    let word = '';
    // Frequent words are short, rare ones long.
    const length = 1 + Math.floor(random() * 2) + (words.size > 300 ? 1 : 0) + (words.size > 8000 ? 1 : 0);
    for (let piece = 0; piece < length; piece++) word += syllables[Math.floor(random() * syllables.length)]!;
    // Short syllables run out of combinations.
    words.add(
      words.has(word)
        ? word + syllables[Math.floor(random() * syllables.length)]! + syllables[Math.floor(random() * syllables.length)]!
        : word,
    );
  }
  return [...words];
}

function vocabulary(words: readonly string[], gap: string): Vocabulary {
  return { gap, word: (random) => words[rank(words.length, random)]! };
}

/** Han characters of the range in daily use; words of two, now and then of one or three. */
function chinese(size: number, random: Random): string[] {
  const character = (): string => String.fromCodePoint(0x4e00 + rank(6000, random));
  const words = new Set<string>();
  while (words.size < size) {
    const length = random() < 0.7 ? 2 : random() < 0.5 ? 1 : 3;
    words.add(Array.from({ length }, character).join(''));
  }
  return [...words];
}

export interface Languages {
  english: Vocabulary;
  german: Vocabulary;
  russian: Vocabulary;
  arabic: Vocabulary;
  chinese: Vocabulary;
  identifier(random: Random): string;
}

export function languages(random: Random): Languages {
  const english = madeOf(ENGLISH, 60_000, COMMON_ENGLISH.split(' '), random);
  const stems = english.slice(100, 4000).filter((word) => word.length < 12);
  const identifiers = Array.from({ length: 40_000 }, () => {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 3) }, () => stems[rank(stems.length, random)]!);
    return random() < 0.3
      ? pieces.join('_')
      : pieces.map((piece, place) => (place === 0 ? piece : piece[0]!.toUpperCase() + piece.slice(1))).join('');
  });
  return {
    english: vocabulary(english, ' '),
    german: vocabulary(madeOf(GERMAN, 30_000, ['der', 'die', 'und', 'in', 'den', 'von', 'zu', 'das', 'mit', 'sich'], random), ' '),
    russian: vocabulary(madeOf(RUSSIAN, 30_000, ['и', 'в', 'не', 'на', 'я', 'что', 'он', 'с', 'как', 'это'], random), ' '),
    arabic: vocabulary(madeOf(ARABIC, 20_000, ['في', 'من', 'على', 'أن', 'إلى', 'هذا', 'ما', 'لا'], random), ' '),
    chinese: vocabulary(chinese(20_000, random), ''),
    // Now and then a name that nobody else uses: a vocabulary never stops growing.
    identifier: (given) =>
      given() < 0.02
        ? Array.from({ length: 3 }, () => stems[Math.floor(given() * stems.length)]!).join('_')
        : identifiers[rank(identifiers.length, given)]!,
  };
}
