import { secretPlaceholder, secretsIn } from '../handoff/secrets.ts';
import type { Finder, Found } from './finder.ts';

/** The credentials that a hand-over leaves out. */
export function secretFinder(): Finder {
  const find = (text: string): Found[] => secretsIn(text).map(({ start, end, kind }) => ({ start, end, instead: secretPlaceholder(kind) }));
  return {
    find,
    inMember(name, value) {
      const before = `${name}: `;
      return find(before + value)
        .filter(({ start }) => start >= before.length)
        .map(({ start, end, instead }) => ({ start: start - before.length, end: end - before.length, instead }));
    },
  };
}
