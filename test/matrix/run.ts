import { parseArgs } from 'node:util';
import { allCells, type Cell, cellName } from './cell.ts';
import { GOOD, runCell, type Verdict } from './judge.ts';

/** Runs the fault matrix in process and prints its table: `node test/matrix/run.ts [--sample N] [--seed S] [--match TEXT] [--json]`. */
const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '1' },
    match: { type: 'string', default: '' },
    failures: { type: 'string', default: '25' },
  },
});

const began = performance.now();
const cells = allCells().filter((cell, index) => index % Number(values.sample) === 0 && cellName(cell).includes(values.match));
const counts = new Map<string, Map<Verdict, number>>();
const bad: { cell: Cell; verdict: Verdict; detail: string }[] = [];
const unrescued: string[] = [];
let slowest = 0;
for (const cell of cells) {
  const { verdict, experience } = await runCell(cell).catch((error: unknown) => {
    console.log(cellName(cell), error);
    throw error;
  });
  const row = `${cell.fault.group} ${cell.fault.expected}`;
  const byVerdict = counts.get(row) ?? new Map<Verdict, number>();
  counts.set(row, byVerdict.set(verdict, (byVerdict.get(verdict) ?? 0) + 1));
  slowest = Math.max(slowest, experience.took);
  const missed = verdict === 'error' && cell.fault.expected === 'rescue';
  if (missed) unrescued.push(cellName(cell));
  if (!GOOD.has(verdict)) {
    const attempts = experience.entries.flatMap((entry) =>
      entry.type === 'attempt-end' ? [entry.outcome.type === 'failed' ? `${entry.outcome.fault.symptom}: ${entry.outcome.fault.message}` : entry.outcome.type] : [],
    );
    bad.push({ cell, verdict, detail: `${experience.end} ${experience.status} [${attempts.join(' | ')}] ${JSON.stringify(experience.reading).slice(0, 300)}` });
  }
}
const verdicts = [...new Set([...counts.values()].flatMap((row) => [...row.keys()]))].toSorted();
console.log(`| group, expected | ${verdicts.join(' | ')} |`);
console.log(`|---|${verdicts.map(() => '---:|').join('')}`);
for (const [name, row] of [...counts].toSorted()) console.log(`| ${name} | ${verdicts.map((verdict) => row.get(verdict) ?? 0).join(' | ')} |`);
console.log(`${cells.length} cells in ${Math.round(performance.now() - began) / 1000} s; longest virtual wait ${Math.round(slowest / 1000)} s; broken: ${bad.length}; ended by an error where a rescue was hoped for: ${unrescued.length}`);
for (const name of unrescued.slice(0, Number(values.failures))) console.log(`error: ${name}`);
for (const { cell, verdict, detail } of bad.slice(0, Number(values.failures))) console.log(`${verdict}: ${cellName(cell)}\n    ${detail}`);
process.exitCode = bad.length > 0 ? 1 : 0;
