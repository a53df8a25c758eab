import { expect, it } from 'vitest';
import { BEHAVIOURS } from './behaviours.ts';
import { measure } from './measure.ts';
import { falseJoins, tallyOf } from './report.ts';
import { TEXTS } from './texts.ts';

/** A share of what `run.ts` looks at. */
const tally = tallyOf(measure(TEXTS, 37));
const rowOf = (name: string) => tally.behaviours.get(name)!;

it('joins nothing falsely that says the same answer, whatever the text, the cut and the way of saying it', () => {
  expect(tally.trials).toBeGreaterThan(8000);
  expect(falseJoins(tally, true)).toBe(0);
  const spaced = [...tally.behaviours.values()].filter((row) => row.spaced > 0).map(({ name }) => name);
  expect(spaced).toEqual([]);
});

it.each(BEHAVIOURS.filter(({ joins }) => joins).map(({ name }) => name))('joins what %s, hardly ever in vain', (name) => {
  const { exact, rejected } = rowOf(name);
  // Short repetitions are of no use among lines that are like each other.
  expect(exact / (exact + rejected)).toBeGreaterThan(name === 'repeats the last four words' ? 0.75 : 0.88);
});

it.each(['says nothing', 'refuses', 'refuses and quotes the fragment', 'refuses and repeats the fragment', 'asks back', 'paraphrases'])(
  'rejects what %s',
  (name) => expect(rowOf(name)).toMatchObject({ exact: 0, false: 0, spaced: 0 }),
);

it.each(['gives another answer', 'answers in another language', 'starts over and comes out differently'])('rejects what %s', (name) =>
  expect(rowOf(name)).toMatchObject({ exact: 0, false: 0, spaced: 0 }),
);
