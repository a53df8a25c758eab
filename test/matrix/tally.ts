import { type Cell, cellName } from './cell.ts';
import { GOOD, runCell, type Verdict } from './judge.ts';

/** What became of many cells. */
export interface Tally {
  cells: number;
  /** By row (fault group and what a gateway may at best do), then verdict. */
  rows: Map<string, Map<Verdict, number>>;
  /** Cells that broke a promise. */
  broken: { name: string; verdict: Verdict; detail: string }[];
  /** A backup was there, and the client got an error all the same. */
  unrescued: string[];
  /** Longest virtual wait, in milliseconds, and where. */
  slowest: { took: number; name: string };
}

function emptyTally(): Tally {
  return { cells: 0, rows: new Map(), broken: [], unrescued: [], slowest: { took: 0, name: '' } };
}

export async function tally(cells: Iterable<Cell>): Promise<Tally> {
  const result = emptyTally();
  for (const cell of cells) {
    const name = cellName(cell);
    const { verdict, experience } = await runCell(cell);
    count(result, `${cell.fault.group} ${cell.fault.expected}`, verdict, 1);
    result.cells += 1;
    if (experience.took > result.slowest.took) result.slowest = { took: experience.took, name };
    if (verdict === 'error' && cell.fault.expected === 'rescue') result.unrescued.push(name);
    if (!GOOD.has(verdict)) {
      const attempts = experience.entries.flatMap((entry) => {
        if (entry.type !== 'attempt-end') return [];
        return [entry.outcome.type === 'failed' ? `${entry.outcome.fault.symptom}: ${entry.outcome.fault.message}` : entry.outcome.type];
      });
      const { garbled } = experience.reading;
      const reading = `${garbled === undefined ? '' : `${garbled} `}${JSON.stringify(experience.reading).slice(0, 300)}`;
      result.broken.push({ name, verdict, detail: `${experience.end} ${experience.status} [${attempts.join(' | ')}] ${reading}` });
    }
  }
  return result;
}

function count({ rows }: Tally, row: string, verdict: Verdict, more: number): void {
  const counts = rows.get(row) ?? new Map<Verdict, number>();
  rows.set(row, counts.set(verdict, (counts.get(verdict) ?? 0) + more));
}

/** The tallies of shares of the cells, as one. */
export function sum(tallies: readonly Tally[]): Tally {
  const result = emptyTally();
  for (const each of tallies) {
    result.cells += each.cells;
    for (const [row, verdicts] of each.rows) for (const [verdict, number] of verdicts) count(result, row, verdict, number);
    result.broken.push(...each.broken);
    result.unrescued.push(...each.unrescued);
    if (each.slowest.took > result.slowest.took) result.slowest = each.slowest;
  }
  return result;
}

/** The table in Markdown. */
export function table({ rows }: Tally): string {
  const verdicts = [...new Set([...rows.values()].flatMap((row) => [...row.keys()]))].toSorted();
  const lines = [`| group, at best | ${verdicts.join(' | ')} |`, `|---|${verdicts.map(() => '---:|').join('')}`];
  for (const [name, row] of [...rows].toSorted(([one], [other]) => one.localeCompare(other)))
    lines.push(`| ${name} | ${verdicts.map((verdict) => row.get(verdict) ?? 0).join(' | ')} |`);
  return lines.join('\n');
}
