/** `node test/splicer/run.ts [--step N] [--report]`: cuts texts everywhere and splices scripted continuations. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { recordedTexts } from './recorded.ts';
import { falseJoins, reportOf, tallyOf } from './report.ts';
import { TEXTS } from './texts.ts';

const { values } = parseArgs({ options: { step: { type: 'string', default: '3' }, report: { type: 'boolean', default: false } } });
const step = Math.max(1, Number(values.step));
const recorded = recordedTexts();
const texts = [...TEXTS, ...recorded];
const tally = tallyOf(measure(texts, step));
const date = new Date().toISOString().slice(0, 10);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const report = reportOf(tally, { date, commit, step, texts: texts.length, recorded: recorded.length });
if (values.report) {
  const file = resolve(import.meta.dirname, `../../docs/reports/${date}-splicer.md`);
  writeFileSync(file, report);
  console.log(`written: ${file}`);
} else console.log(report);
console.log(`${tally.trials} continuations, ${falseJoins(tally, true)} false joins of what says the same answer`);
process.exitCode = falseJoins(tally, true) === 0 ? 0 : 1;
