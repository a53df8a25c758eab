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

export async function tally(cells: Iterable<Cell>): Promise<Tally> {
  const result: Tally = { cells: 0, rows: new Map(), broken: [], unrescued: [], slowest: { took: 0, name: '' } };
  for (const cell of cells) {
    const name = cellName(cell);
    const { verdict, experience } = await runCell(cell);
    const row = `${cell.fault.group} ${cell.fault.expected}`;
    const counts = result.rows.get(row) ?? new Map<Verdict, number>();
    result.rows.set(row, counts.set(verdict, (counts.get(verdict) ?? 0) + 1));
    result.cells += 1;
    if (experience.took > result.slowest.took) result.slowest = { took: experience.took, name };
    if (verdict === 'error' && cell.fault.expected === 'rescue') result.unrescued.push(name);
    if (!GOOD.has(verdict)) {
      const attempts = experience.entries.flatMap((entry) => {
        if (entry.type !== 'attempt-end') return [];
        return [entry.outcome.type === 'failed' ? `${entry.outcome.fault.symptom}: ${entry.outcome.fault.message}` : entry.outcome.type];
      });
      const reading = JSON.stringify(experience.reading).slice(0, 300);
      result.broken.push({ name, verdict, detail: `${experience.end} ${experience.status} [${attempts.join(' | ')}] ${reading}` });
    }
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
