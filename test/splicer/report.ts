import { BEHAVIOURS } from './behaviours.ts';
import type { Outcome, Trial } from './measure.ts';

export interface Row {
  name: string;
  exact: number;
  spaced: number;
  false: number;
  rejected: number;
}

/** Outcomes counted by behaviour and by kind of text, the latter over what says the same answer. */
export interface Tally {
  behaviours: Map<string, Row>;
  kinds: Map<string, Row>;
  trials: number;
}

export function tallyOf(trials: Iterable<Trial>): Tally {
  const tally: Tally = { behaviours: new Map(), kinds: new Map(), trials: 0 };
  for (const { kind, behaviour, outcome } of trials) {
    tally.trials += 1;
    add(tally.behaviours, behaviour.name, outcome);
    if (behaviour.joins) add(tally.kinds, kind, outcome);
  }
  return tally;
}

function add(rows: Map<string, Row>, name: string, outcome: Outcome): void {
  const row = rows.get(name) ?? { name, exact: 0, spaced: 0, false: 0, rejected: 0 };
  row[outcome] += 1;
  rows.set(name, row);
}

export function falseJoins({ behaviours }: Tally, joins: boolean): number {
  return BEHAVIOURS.filter((one) => one.joins === joins).reduce((sum, { name }) => sum + (behaviours.get(name)?.false ?? 0), 0);
}

export function reportOf(tally: Tally, facts: { date: string; commit: string; step: number; texts: number; recorded: number }): string {
  const honest = BEHAVIOURS.filter(({ joins }) => joins).flatMap(({ name }) => tally.behaviours.get(name) ?? []);
  const others = BEHAVIOURS.filter(({ joins }) => !joins).flatMap(({ name }) => tally.behaviours.get(name) ?? []);
  const joined = honest.reduce((sum, row) => sum + row.exact, 0);
  const all = honest.reduce((sum, row) => sum + row.exact + row.spaced + row.false + row.rejected, 0);
  return `# Splicer

A test of the splicer, not of models: what comes after a cut is scripted. How real models go on, \`npm run test:live\` measures.

${facts.date}, commit ${facts.commit}. ${tally.trials.toLocaleString('en')} continuations of ${facts.texts} texts (${facts.recorded} of them recorded answers of real models), cut at every ${
    facts.step === 1 ? '' : `${facts.step}th `
  }code unit from the 24th on (also within characters), in pieces of random size.

- Saying the same answer: ${joined.toLocaleString('en')} of ${all.toLocaleString('en')} joined exactly; false joins: **${falseJoins(tally, true)}**. What is rejected costs a hop; most of it is in texts of like lines, where several places fit.
- Saying anything else: false joins: ${falseJoins(tally, false)}.

\`exact\`: the joined text is the answer, letter by letter. \`spaced\`: but for white space. \`false\`: another text. \`rejected\`: a failed hop.

## The same answer, said in different ways

${table('behaviour', honest)}

## Anything else

Right is only to reject. Two of these are built to deceive: words of the fragment in another order may begin with what is the end of the text, and a text of like lines
that goes on without repeating anything may begin with just the words that were to be repeated.

${table('behaviour', others)}

## By kind of text (of what says the same answer)

${table('text', [...tally.kinds.values()])}

Run again: \`node test/splicer/run.ts --report\`.
`;
}

function table(first: string, rows: readonly Row[]): string {
  const lines = rows.map((row) => `| ${row.name} | ${row.exact} | ${row.spaced} | ${row.false} | ${row.rejected} |`);
  return [`| ${first} | exact | spaced | false | rejected |`, '| --- | ---: | ---: | ---: | ---: |', ...lines].join('\n');
}
