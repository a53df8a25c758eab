/** How a simulated assistant behaves when it is asked to carry a cut answer on. */
export const BEHAVIOURS = ['anchor', 'plain', 'overlap', 'restart', 'diverge', 'refuse', 'apologise', 'prefill'] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** The behaviour that a model name asks for: `anything-overlap`, `anything:plain`; `undefined` where it names none. */
export function namedBehaviour(model: string): Behaviour | undefined {
  const word = /[-:+@]([a-z]+)$/.exec(model)?.[1];
  return BEHAVIOURS.find((behaviour) => behaviour === word);
}

/** How many words `overlap` repeats. */
const OVERLAP_WORDS = 4;

/**
 * What is said after a cut. `whole` is the answer that would have been given to the original question, `partial` what the
 * client says it has received, `fragment` the words it asks to have repeated.
 */
export function carryOn(behaviour: Behaviour, whole: string, partial: string, fragment: string): string {
  const at = resumeAt(whole, partial, fragment);
  const rest = whole.slice(at);
  switch (behaviour) {
    case 'anchor':
    case 'prefill':
      return fragment + rest;
    case 'apologise':
      return `Sorry about that! ${fragment}${rest}`;
    case 'plain':
      return rest;
    case 'overlap':
      return lastWords(whole.slice(0, at), OVERLAP_WORDS) + rest;
    case 'restart':
      return whole;
    case 'diverge':
      return `Here is a different simulated thought altogether. ${Array.from(whole).reverse().join('').slice(0, 400)}`;
    case 'refuse':
      return "I'm sorry, but I can't continue a message that I did not write. This is a simulated refusal; please ask your question again.";
  }
}

/** Where in the whole answer the client's copy ends. Trailing white space may have been trimmed from it on the way. */
export function resumeAt(whole: string, partial: string, fragment: string): number {
  if (partial !== '' && whole.startsWith(partial)) return partial.length;
  const words = fragment.replace(/^(…|\.\.\.)/, '').replace(/(…|\.\.\.)$/, '');
  for (const sought of [fragment, words, words.trim()]) {
    const found = sought === '' ? -1 : whole.lastIndexOf(sought);
    if (found >= 0) return found + sought.length;
  }
  const loose = looseEnd(whole, words);
  return loose ?? Math.min(partial.length, whole.length);
}

/** The end of `sought` in `whole` when white space and quotes are not looked at. */
function looseEnd(whole: string, sought: string): number | undefined {
  const wanted = Array.from(sought).filter(counts);
  if (wanted.length < 4) return undefined;
  const kept: number[] = [];
  let text = '';
  for (let index = 0; index < whole.length; index++) {
    if (!counts(whole[index]!)) continue;
    kept.push(index);
    text += whole[index]!;
  }
  const joined = wanted.join('');
  const found = text.lastIndexOf(joined);
  return found < 0 ? undefined : kept[found + joined.length - 1]! + 1;
}

function counts(character: string): boolean {
  return !/[\s"'“”‘’`]/.test(character);
}

function lastWords(text: string, count: number): string {
  const words = [...text.matchAll(/\S+\s*/g)];
  const first = words.at(-count);
  return first ? text.slice(first.index) : text;
}
