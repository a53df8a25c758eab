import { hash, seeded } from './seeded.ts';

const ADJECTIVES = [
  'quiet',
  'amber',
  'patient',
  'northern',
  'hollow',
  'bright',
  'second',
  'borrowed',
  'early',
  'careful',
  'distant',
  'plain',
];
const NOUNS = [
  'lighthouse',
  'rehearsal',
  'harbour',
  'engine',
  'curtain',
  'letter',
  'bridge',
  'orchard',
  'signal',
  'library',
  'prompter',
  'ferry',
];
const VERBS = ['answers', 'follows', 'carries', 'remembers', 'repairs', 'replaces', 'outlasts', 'measures', 'welcomes', 'repeats'];
const ADVERBS = [
  'before noon',
  'without a pause',
  'in the second act',
  'as agreed',
  'from memory',
  'once more',
  'under a low sky',
  'to the last line',
];

/** The last sentence of every whole answer: its absence shows a cut. */
export const CLOSING = 'That is the end of the simulated answer.';

/** Awkward text: emoji with joiners, CJK, right-to-left, a code fence, a table, curly quotes, combining marks, a non-breaking space. */
const MIXED = [
  'Émoji: 👩‍🚀🚀 naïve café, 🇨🇭, 👍🏽.',
  '替身演员在主角无法继续时接着念完台词。',
  'ライトが消えても、声は続く。',
  'مرحبا بالعالم، الجواب كامل.',
  '“Curly quotes”, ‘single ones’, an ellipsis… and a\u00a0hard space.',
  '```ts\nconst whole = parts.join("");\nif (!whole.endsWith("end")) throw new Error(`cut at ${whole.length}`);\n```',
  '| column | value |\n|---|---:|\n| α | 1 |\n| β\\|γ | 2 |',
  '- a list\n  - nested\n    1. deeper, with \\backslashes\\ and "quotes"',
  'Zalgo: e\u0301\u0323, tab:\there, maths: ∑∞ 𝔘𝔫𝔡.',
];

export interface SpeechOptions {
  words: number;
  script: 'plain' | 'mixed';
}

/**
 * What a simulated assistant answers: the same for the same question, whatever the model. Sentences are numbered, so every
 * stretch of some forty characters occurs once only, and a spliced answer can be compared with the whole one.
 */
export function speak(question: string, options: SpeechOptions): string {
  const next = seeded(hash(question));
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)]!;
  const topic = question === '' ? 'an empty question' : `"${Array.from(question).slice(0, 60).join('').trim()}"`;
  const paragraphs: string[] = [];
  let sentences = [`This is a simulated answer to ${topic}; no model was asked.`];
  let words = sentences[0]!.split(' ').length;
  const extra = options.script === 'mixed' ? [...MIXED] : [];
  for (let ordinal = 1; words < options.words - CLOSING.split(' ').length || extra.length > 0; ordinal++) {
    const sentence = `Line ${ordinal}: the ${pick(ADJECTIVES)} ${pick(NOUNS)} ${pick(VERBS)} the ${pick(ADJECTIVES)} ${pick(NOUNS)} ${pick(ADVERBS)}.`;
    sentences.push(sentence);
    words += sentence.split(' ').length;
    const special = extra.shift();
    if (special !== undefined) {
      paragraphs.push(sentences.join(' '), special);
      sentences = [];
    } else if (ordinal % 5 === 0) {
      paragraphs.push(sentences.join(' '));
      sentences = [];
    }
  }
  sentences.push(CLOSING);
  paragraphs.push(sentences.join(' '));
  return paragraphs.join('\n\n');
}

/** What a simulated assistant thinks before it answers. */
export function ponder(question: string): string {
  const next = seeded(hash(`thinking ${question}`));
  const pick = (list: readonly string[]): string => list[Math.floor(next() * list.length)]!;
  return (
    `Simulated thinking. The question has ${question.length} characters. ` +
    `First the ${pick(ADJECTIVES)} ${pick(NOUNS)}, then the ${pick(ADJECTIVES)} ${pick(NOUNS)}; nothing here needs a model. ` +
    `I will answer in numbered lines and say when I am done.`
  );
}

/** Cuts a text into pieces of some 2 to 9 characters, as tokens come; never inside a code point. Empty text has no pieces. */
export function tokens(text: string): string[] {
  const next = seeded(hash(text.slice(0, 64)));
  const pieces: string[] = [];
  let start = 0;
  while (start < text.length) {
    let end = Math.min(text.length, start + 2 + Math.floor(next() * 8));
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last <= 0xdbff && end < text.length) end++;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}
