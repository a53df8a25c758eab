import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { allCells, cellName } from './cell.ts';
import { cutCells } from './cuts.ts';
import { table, tally } from './tally.ts';

/**
 * The whole fault matrix, or a cut at every byte, through the real engine on a virtual clock. Prints the table; exits with 1 where
 * a promise was broken.
 *
 *   node test/matrix/run.ts [--cuts] [--stride N] [--match TEXT] [--list N] [--report]
 */
const { values } = parseArgs({
  options: {
    cuts: { type: 'boolean', default: false },
    stride: { type: 'string', default: '1' },
    match: { type: 'string', default: '' },
    list: { type: 'string', default: '20' },
    report: { type: 'boolean', default: false },
  },
});

const stride = Number(values.stride);
const began = performance.now();
const cells = values.cuts ? [...cutCells(stride)] : allCells().filter((_, index) => index % stride === 0);
const result = await tally(cells.filter((cell) => cellName(cell).includes(values.match)));
const seconds = Math.round((performance.now() - began) / 100) / 10;

const title = values.cuts ? 'Cut at every byte' : 'The fault matrix';
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
  const head = `# ${title}\n\n${date}, commit ${commit}, Node ${process.version}, stride ${stride}, no randomness (generated in full, virtual clock).\n`;
  writeFileSync(file, `${head}\n${table(result)}\n\n${summary.join('\n')}\n`);
  console.log(`written to ${file}`);
}
console.log(`\n${result.cells - result.broken.length} passed, ${result.broken.length} failed`);
process.exitCode = result.broken.length > 0 ? 1 : 0;
