import { lastFragment } from '../../src/failover/continuation.ts';
import { insideFence } from '../../src/failover/seam-text.ts';

/** What a model that is asked to go on has before it. */
export interface Cut {
  /** The answer that was being given. */
  whole: string;
  /** As much of it as has been delivered. */
  delivered: string;
  /** The same as the model is shown it: without white space or half a character at its end. */
  shown: string;
  /** The words that it is asked to repeat. */
  fragment: string;
  /** Other texts of the corpus. */
  other(): string;
}

/**
 * A scripted way of going on. `joins`: it says the same answer, so that joining it is right and the joined text has to be the whole
 * one. Anything else has to be refused.
 */
export interface Behaviour {
  name: string;
  joins: boolean;
  /** Nothing is said here for cuts to which it does not apply. */
  says(cut: Cut): string | undefined;
}

const rest = ({ whole, shown }: Cut): string => whole.slice(shown.length);
const lastWords = (text: string, count: number): string => text.slice([...text.matchAll(/\S+\s*/g)].at(-count)?.index ?? 0);

/** About so much of the end of a text, from the beginning of a word on, or of a character where there are no words. */
function tail(text: string, length: number): string {
  let from = Math.max(0, text.length - length);
  const word = /\s\S/.exec(text.slice(from, from + 40));
  if (from > 0 && word) from += word.index + 1;
  if (/[\udc00-\udfff]/.test(text[from] ?? '')) from -= 1;
  return text.slice(from);
}

function plainQuotes(text: string): string {
  return text
    .replaceAll(/[“”„«»]/g, '"')
    .replaceAll(/[‘’‚]/g, "'")
    .replaceAll(/[—–]/g, '-');
}

const HONEST: Behaviour[] = [
  { name: 'repeats the fragment', joins: true, says: (cut) => cut.fragment + rest(cut) },
  { name: 'repeats it in guillemets', joins: true, says: (cut) => `«${cut.fragment}»${rest(cut)}` },
  { name: 'repeats it behind dots', joins: true, says: (cut) => `…${cut.fragment}${rest(cut)}` },
  { name: 'repeats it with plain quotes and dashes', joins: true, says: (cut) => plainQuotes(cut.fragment) + rest(cut) },
  { name: 'repeats it with other white space', joins: true, says: (cut) => cut.fragment.replaceAll(/\s+/g, ' ') + rest(cut) },
  { name: 'repeats it composed', joins: true, says: (cut) => cut.fragment.normalize('NFC') + rest(cut) },
  { name: 'repeats it taken apart', joins: true, says: (cut) => cut.fragment.normalize('NFD') + rest(cut) },
  {
    name: 'repeats it with a capital',
    joins: true,
    says: (cut) => cut.fragment.slice(0, 1).toUpperCase() + cut.fragment.slice(1) + rest(cut),
  },
  { name: 'apologises first', joins: true, says: (cut) => `Sorry about that! ${cut.fragment}${rest(cut)}` },
  { name: 'announces it first', joins: true, says: (cut) => `Of course. Here is the continuation:\n\n${cut.fragment}${rest(cut)}` },
  { name: 'repeats the last four words', joins: true, says: (cut) => lastWords(cut.shown, 4) + rest(cut) },
  { name: 'repeats some 120 characters', joins: true, says: (cut) => tail(cut.shown, 120) + rest(cut) },
  { name: 'repeats some 400 characters', joins: true, says: (cut) => tail(cut.shown, 400) + rest(cut) },
  {
    name: 'announces and repeats some 120 characters',
    joins: true,
    says: (cut) => `Here is the continuation:\n\n${tail(cut.shown, 120)}${rest(cut)}`,
  },
  { name: 'repeats the last paragraph', joins: true, says: (cut) => cut.shown.slice(cut.shown.lastIndexOf('\n\n') + 2) + rest(cut) },
  { name: 'starts over', joins: true, says: (cut) => cut.whole },
  { name: 'starts over with a preface', joins: true, says: (cut) => `Sure! Here is the whole answer again:\n\n${cut.whole}` },
  {
    name: 'puts the rest into a new code block',
    joins: true,
    // An answer that ends within a block of code has no closing fence that could be told from the new one.
    says: (cut) =>
      insideFence(cut.whole)
        ? undefined
        : insideFence(cut.delivered)
          ? `\`\`\`ts\n${cut.fragment}${rest(cut)}`
          : `\`\`\`\n${cut.fragment}${rest(cut)}\n\`\`\``,
  },
  {
    name: 'speaks of the fragment, then repeats it',
    joins: true,
    says: (cut) => `I see that it stopped at "${cut.fragment}". Going on:\n\n${cut.fragment}${rest(cut)}`,
  },
];

const OTHERS: Behaviour[] = [
  { name: 'goes on without repeating anything', joins: false, says: rest },
  { name: 'says nothing', joins: false, says: () => '' },
  {
    name: 'refuses',
    joins: false,
    says: () => "I'm sorry, but I can't continue a message that I did not write. Please ask your question again.",
  },
  {
    name: 'refuses and quotes the fragment',
    joins: false,
    says: ({ fragment }) => `I can't continue from «${fragment}» because I don't have access to earlier messages. Could you paste it here?`,
  },
  {
    name: 'refuses and repeats the fragment',
    joins: false,
    says: ({ fragment }) => `I'm unable to go on from here: ${fragment} is all that I can see of it, I am afraid.`,
  },
  {
    name: 'asks back',
    joins: false,
    says: ({ fragment }) => `It seems that you received my answer up to "${fragment}". What would you like me to do with it?`,
  },
  {
    name: 'paraphrases',
    joins: false,
    says: ({ fragment }) => `${fragment.slice(0, Math.ceil(fragment.length / 2))}, or something of that kind; in short, it ended well.`,
  },
  {
    name: 'says the fragment in another order',
    joins: false,
    says: ({ fragment }) => {
      const words = fragment.split(' ');
      return words.length < 4 ? undefined : `${words.toReversed().join(' ')}, and that is how it ended.`;
    },
  },
  { name: 'gives another answer', joins: false, says: (cut) => cut.other() },
  {
    name: 'starts over and comes out differently',
    joins: false,
    says: ({ whole, shown }) => {
      const half = Math.floor(shown.length / 2);
      return shown.length < 160 ? undefined : `${whole.slice(0, half)}, but this time it went otherwise: ${tail(whole, 200)}`;
    },
  },
  {
    name: 'answers in another language',
    joins: false,
    says: () => 'Claro, sigo desde donde me quedé: el resto de la respuesta es bastante corto y no cambia nada de lo anterior.',
  },
];

export const BEHAVIOURS: readonly Behaviour[] = [...HONEST, ...OTHERS];

export function cutAt(whole: string, at: number, other: () => string): Cut {
  const delivered = whole.slice(0, at);
  const shown = delivered.replace(/[\ud800-\udbff]$/, '').trimEnd();
  return { whole, delivered, shown, fragment: lastFragment(delivered), other };
}
