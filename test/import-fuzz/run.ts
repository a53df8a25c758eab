/** `node test/import-fuzz/run.ts [--inputs N] [--seed N] [--report]`: spoilt and invented exports; no crash, and nothing left out in silence. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { tableOf } from './table.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '20261122' },
    report: { type: 'boolean', default: false },
  },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);
const began = performance.now();
const outcome = await fuzz({
  inputs,
  seed,
  progress: (done) => {
    if (done % 5000 === 0) console.log(`${done} of ${inputs}, ${Math.round((performance.now() - began) / 1000)} s`);
  },
});
const date = new Date().toISOString().slice(0, 10);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const table = tableOf(outcome, { date, commit, inputs, seed, seconds: Math.round((performance.now() - began) / 1000) });
if (values.report) {
  const file = resolve(import.meta.dirname, `../../docs/reports/${date}-import-fuzz.md`);
  writeFileSync(file, table);
  console.log(`written: ${file}`);
} else console.log(table);
for (const { input, complaint } of outcome.complaints.slice(0, 10)) console.log(`${input}: ${complaint}`);
console.log(`${inputs - outcome.complaints.length} passed, ${outcome.complaints.length} failed`);
process.exitCode = outcome.complaints.length === 0 ? 0 : 1;
