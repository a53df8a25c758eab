import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { judge } from './judge.ts';
import { corpora } from './recordings.ts';
import { report } from './report.ts';

/**
 * Every recorded real answer in every dialect. Prints the table of source x target; exits with 1 where something is unexplained.
 *
 *   node test/corpora/run.ts [--report]
 */
const { values } = parseArgs({ options: { report: { type: 'boolean', default: false } } });
const all = corpora();
if (all.recordings.length === 0) throw new Error('No recordings: set UNDERSTUDY_CORPORA to the folder that has vercel-ai-fixtures.');
const judgement = await judge(all);
const text = report(all, judgement);
console.log(text);
for (const problem of judgement.problems) console.log(problem);
if (values.report) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  const file = `docs/reports/${date}-dialects.md`;
  mkdirSync('docs/reports', { recursive: true });
  writeFileSync(
    file,
    `# Recorded answers in four dialects\n\n${date}, commit ${commit}, Node ${process.version}; \`node test/corpora/run.ts --report\`.\n\n${text}\n`,
  );
  console.log(`written to ${file}`);
}
const cases = judgement.cells.reduce((sum, cell) => sum + cell.cases, 0);
console.log(`\n${cases} passed, ${judgement.problems.length} failed`);
process.exitCode = judgement.problems.length > 0 ? 1 : 0;
