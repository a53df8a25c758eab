import type { DialectName } from '../../src/exchange/dialect-name.ts';
import { KNOWN } from './known.ts';
import type { LossKind, Losses } from './losses.ts';
import { decode, DIALECTS, read, TARGETS, write } from './pair.ts';
import type { Corpora } from './recordings.ts';

/** All recordings of one source in one dialect, written in one dialect. */
export interface Cell {
  source: string;
  from: DialectName;
  to: DialectName;
  cases: number;
  losses: Losses;
  /** Answers of the cases from which something was lost, by kind. */
  answers: Losses;
}

export interface Judgement {
  cells: Cell[];
  /** What nobody has explained; empty when all is well. */
  problems: string[];
  /** How often each of the known differences was met. */
  known: Map<(typeof KNOWN)[number], number>;
}

/** Every recording in every dialect. */
export async function judge({ recordings, broken, errors, others }: Corpora): Promise<Judgement> {
  const cells = new Map<string, Cell>();
  const known = new Map(KNOWN.map((each) => [each, 0]));
  const problems: string[] = [];

  function report(source: string, name: string, found: readonly string[]): void {
    for (const problem of found) {
      const expected = KNOWN.find((each) => each.name.test(name) && each.problem.test(problem));
      if (expected) known.set(expected, known.get(expected)! + 1);
      else problems.push(`${source}/${name}: ${problem}`);
    }
  }

  for (const recording of recordings) {
    const { source, name, dialect: from } = recording;
    const answer = await read(recording);
    report(source, name, answer.problems);
    for (const to of TARGETS) {
      const verdict = await write(answer, to);
      const own = to === from ? Object.keys(verdict.losses).map((kind) => `lost in its own dialect: ${kind}`) : [];
      report(
        source,
        name,
        [...verdict.problems, ...own].map((problem) => `-> ${to}: ${problem}`),
      );
      const key = `${source} ${from} ${to}`;
      const cell = cells.get(key) ?? { source, from, to, cases: 0, losses: {}, answers: {} };
      cell.cases += 1;
      for (const [kind, number] of Object.entries(verdict.losses) as [LossKind, number][]) {
        cell.losses[kind] = (cell.losses[kind] ?? 0) + number;
        cell.answers[kind] = (cell.answers[kind] ?? 0) + 1;
      }
      cells.set(key, cell);
    }
  }
  for (const { source, name, dialect, said, ends } of broken) {
    const last = said.type === 'stream' ? decode(DIALECTS[dialect], said.bytes).at(-1)?.type : undefined;
    if (last !== ends) problems.push(`${source}/${name}: a broken stream ends as ${String(last)}, not ${ends}`);
  }
  for (const { source, name, text, dialect } of errors) {
    if (!DIALECTS[dialect].decodeError(400, {}, text)?.message) problems.push(`${source}/${name}: the error is not read`);
  }
  for (const { source, name, why } of others) if (why === undefined) problems.push(`${source}/${name}: nobody knows what this is`);
  for (const [each, times] of known) if (times === 0) problems.push(`no recording shows any more that ${each.why}`);
  return { cells: [...cells.values()], problems, known };
}
