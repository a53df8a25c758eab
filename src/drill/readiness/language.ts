/** Words of each language that hardly any text of some length does without, and the others have not. */
const COMMON: Readonly<Record<string, readonly string[]>> = {
  English: ['the', 'and', 'is', 'of', 'to', 'that', 'with', 'for', 'this', 'are', 'it', 'you', 'be', 'not'],
  German: ['der', 'die', 'das', 'und', 'ist', 'nicht', 'ein', 'eine', 'mit', 'für', 'sie', 'auf', 'auch', 'werden', 'den'],
  French: ['le', 'les', 'et', 'est', 'une', 'dans', 'pour', 'que', 'qui', 'vous', 'pas', 'des', 'sur', 'avec', 'du'],
  Spanish: ['el', 'los', 'las', 'y', 'es', 'una', 'para', 'con', 'por', 'que', 'del', 'como', 'se', 'más', 'su'],
  Portuguese: ['o', 'os', 'e', 'é', 'uma', 'para', 'com', 'não', 'que', 'do', 'da', 'em', 'você', 'mais', 'dos'],
  Italian: ['il', 'gli', 'è', 'una', 'per', 'con', 'che', 'non', 'di', 'della', 'sono', 'anche', 'più', 'nel', 'del'],
  Dutch: ['de', 'het', 'een', 'en', 'niet', 'van', 'voor', 'met', 'zijn', 'dat', 'ook', 'wordt', 'deze', 'je', 'te'],
  Polish: ['i', 'jest', 'nie', 'się', 'na', 'że', 'do', 'dla', 'jak', 'są', 'oraz', 'przez', 'tego', 'lub', 'to'],
  Turkish: ['ve', 'bir', 'bu', 'için', 'ile', 'olarak', 'daha', 'çok', 'olan', 'gibi', 'değil', 'ne', 'kadar', 'var', 'de'],
};
/** Scripts that stand for a language, or for a few that nobody takes for one another. Order matters: Japanese has Chinese characters too. */
const SCRIPTS: readonly [language: string, letters: RegExp][] = [
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['Korean', /\p{Script=Hangul}/gu],
  ['Chinese', /\p{Script=Han}/gu],
  ['Russian or another in Cyrillic', /\p{Script=Cyrillic}/gu],
  ['Arabic or another in its script', /\p{Script=Arabic}/gu],
  ['Hebrew', /\p{Script=Hebrew}/gu],
  ['Greek', /\p{Script=Greek}/gu],
  ['Hindi or another in Devanagari', /\p{Script=Devanagari}/gu],
  ['Thai', /\p{Script=Thai}/gu],
];
/** Letters that are looked at. */
const ENOUGH = 4000;
/** Fewer words, or fewer common ones among them, say nothing for sure. */
const FEWEST_WORDS = 12;
const FEWEST_COMMON = 4;
/** How far the first has to be before the second. */
const CLEARLY = 1.6;
/** Share of letters in a script. Japanese has its own signs among Chinese ones. */
const SHARE = 0.2;

/** The language of a text's prose; code does not count. `undefined`: too short, or not clear. */
export function languageOf(text: string): string | undefined {
  const prose = text
    .slice(0, 4 * ENOUGH)
    .replace(/```[\s\S]*?(```|$)/g, ' ')
    .replace(/`[^`]*`|https?:\S+/g, ' ')
    .slice(0, ENOUGH);
  const letters = prose.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return undefined;
  for (const [language, script] of SCRIPTS) {
    if ((prose.match(script)?.length ?? 0) / letters >= SHARE) return letters >= 6 ? language : undefined;
  }
  const words = prose.toLowerCase().match(/\p{L}+/gu) ?? [];
  if (words.length < FEWEST_WORDS) return undefined;
  const counts = Object.entries(COMMON)
    .map(([language, common]) => ({ language, count: words.filter((word) => common.includes(word)).length }))
    .toSorted((one, other) => other.count - one.count);
  const [first, second] = counts;
  if (!first || first.count < FEWEST_COMMON || first.count < CLEARLY * (second?.count ?? 0)) return undefined;
  return first.language;
}
