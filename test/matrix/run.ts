import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Selection } from './selection.ts';
import { sum, table, type Tally } from './tally.ts';

/**
 * The whole fault matrix, or a cut at every byte, through the real engine on a virtual clock, shared among threads. Prints the table;
 * exits with 1 where a promise was broken.
 *
 *   node test/matrix/run.ts [--cuts | --rotate] [--stride N] [--phase N] [--match TEXT] [--list N] [--workers N] [--report]
 *
 * `--rotate`: one backup for each combination of the rest, by turns; a quarter of the product.
 */
const { values } = parseArgs({
  options: {
    cuts: { type: 'boolean', default: false },
    rotate: { type: 'boolean', default: false },
    stride: { type: 'string', default: '1' },
    phase: { type: 'string', default: '0' },
    match: { type: 'string', default: '' },
    list: { type: 'string', default: '20' },
    workers: { type: 'string', default: String(availableParallelism()) },
    report: { type: 'boolean', default: false },
  },
});

const { cuts, rotate, match } = values;
const selection: Selection = { cuts, rotate, match, stride: Number(values.stride), phase: Number(values.phase) };
const of = Math.max(1, Number(values.workers));
const began = performance.now();
const shares = Array.from(
  { length: of },
  (_, share) =>
    new Promise<Tally>((resolve, reject) => {
      const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { selection, share, of } });
      worker.once('message', resolve).once('error', reject);
    }),
);
const result = sum(await Promise.all(shares));
const seconds = Math.round((performance.now() - began) / 100) / 10;

const title = !cuts
  ? 'The fault matrix'
  : selection.stride === 1
    ? 'Cut at every byte'
    : `Cut at every byte whose number is ${selection.phase} modulo ${selection.stride}`;
const summary = [
  `${result.cells} cells, ${seconds} s; longest virtual wait ${Math.round(result.slowest.took / 1000)} s (${result.slowest.name})`,
  `promises broken: ${result.broken.length}; errors where a rescue was hoped for: ${result.unrescued.length}`,
];
console.log([table(result), '', ...summary].join('\n'));
for (const { name, verdict, detail } of result.broken.slice(0, Number(values.list))) console.log(`${verdict}: ${name}\n    ${detail}`);
for (const name of result.unrescued.slice(0, Number(values.list))) console.log(`error: ${name}`);

if (values.report) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const file = `docs/reports/${date}-${values.cuts ? 'cuts' : 'matrix'}.md`;
  mkdirSync('docs/reports', { recursive: true });
  const head = `# ${title}\n\n${date}, commit ${commit}, Node ${process.version}, stride ${selection.stride}${rotate ? ', backups by turns' : ''}, no randomness (generated in full, virtual clock).\n`;
  writeFileSync(file, `${head}\n${table(result)}\n\n${summary.join('\n')}\n`);
  console.log(`written to ${file}`);
}
console.log(`\n${result.cells - result.broken.length} passed, ${result.broken.length} failed`);
process.exitCode = result.broken.length > 0 ? 1 : 0;
