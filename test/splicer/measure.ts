import { createSplicer, type Join } from '../../src/failover/splice.ts';
import { BEHAVIOURS, type Behaviour, type Cut, cutAt } from './behaviours.ts';
import type { Text } from './texts.ts';

/**
 * What the splicer made of one continuation. `exact`: the joined text is the answer, letter by letter; `spaced`: but for white space;
 * `false`: it is another text; `rejected`: nothing was joined.
 */
export type Outcome = 'exact' | 'spaced' | 'false' | 'rejected';

export interface Trial {
  kind: string;
  behaviour: Behaviour;
  at: number;
  outcome: Outcome;
  join?: Join;
}

/** Every `step`th cut of each text, by each behaviour. The first words are left out: nothing can be told by them. */
export function* measure(texts: readonly Text[], step: number, seed = 1): Generator<Trial> {
  const random = randomOf(seed);
  for (const [place, { kind, text }] of texts.entries())
    for (let at = FIRST_CUT + (place % step); at < text.length; at += step)
      for (const behaviour of BEHAVIOURS) {
        const cut = cutAt(text, at, () => texts[(place + 1 + Math.floor(random() * (texts.length - 1))) % texts.length]!.text);
        const said = behaviour.says(cut);
        if (said !== undefined) yield { kind, behaviour, at, ...judge(cut, said, random) };
      }
}

/** Characters before the first cut. */
const FIRST_CUT = 24;

function judge(cut: Cut, said: string, random: () => number): Pick<Trial, 'outcome' | 'join'> {
  const joined = splice(cut.delivered, said, random);
  if (joined === undefined) return { outcome: 'rejected' };
  const { text, join } = joined;
  if (text === cut.whole) return { outcome: 'exact', join };
  const loose = (one: string): string => one.replaceAll(/\s+/g, '');
  return { outcome: loose(text) === loose(cut.whole) ? 'spaced' : 'false', join };
}

/** The joined text; nothing where the splicer refused. */
export function splice(delivered: string, said: string, random: () => number): { text: string; join: Join } | undefined {
  const splicer = createSplicer(delivered, false);
  let text = delivered;
  let at = 0;
  while (true) {
    const size = 1 + Math.floor(random() * 24);
    const last = at >= said.length;
    const step = last ? splicer.end() : splicer.push(said.slice(at, at + size));
    at += size;
    if (step.type === 'failed') return undefined;
    if (step.type === 'go') text += step.text;
    if (last) return step.type === 'go' ? { text, join: step.join } : undefined;
  }
}

/** Mulberry32: small, and the same in every run. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
