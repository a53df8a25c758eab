/**
 * Real coding agents do a task of ten steps while their providers fail at random points with random faults.
 *   npm run test:agents                  a few runs of each
 *   npm run test:agents -- --runs 50     … and -- --report to keep the table
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { VARIANTS } from '../clients/driven.ts';
import { install } from '../clients/install.ts';
import { runTask, type TaskResult } from './run-task.ts';
import { expectedFiles, STEPS } from './task.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '2' },
    report: { type: 'boolean', default: false },
  },
});

const AGENTS = ['claude', 'codex'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const expected = expectedFiles();
const rows: string[] = [];
let done = 0;
let failed = 0;
for (const name of AGENTS) {
  const variant = VARIANTS.find((each) => each.name === name)!;
  const program = await install(root, variant.package, interrupted.signal, (line) => console.log(line));
  const seeds = Array.from({ length: Number(values.runs) }, (_, index) => Number(values.seed) + index);
  const results: TaskResult[] = [];
  const lane = async (): Promise<void> => {
    for (let seed = seeds.shift(); seed !== undefined && !interrupted.signal.aborted; seed = seeds.shift()) {
      const result = await attempt(program, name, seed);
      results.push(result);
      const { verdict, seconds, exchanges, rescued, attempts, problems } = result;
      console.log(
        `${verdict.padEnd(7)} ${name.padEnd(7)} seed ${seed}: ${exchanges} exchanges, ${rescued} rescued, ${attempts} attempts, ${seconds.toFixed(1)} s`,
      );
      for (const problem of problems) console.log(`        ${problem}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.lanes) }, lane));
  const count = (verdict: TaskResult['verdict']): number => results.filter((result) => result.verdict === verdict).length;
  const sum = (field: 'exchanges' | 'rescued' | 'attempts'): number => results.reduce((total, result) => total + result[field], 0);
  rows.push(
    `| ${variant.package.name} ${variant.package.version} | ${results.length} | ${count('done')} | ${count('ended')} | ${count('broken')} | ${sum('exchanges')} | ${sum('rescued')} | ${sum('attempts')} |`,
  );
  done += count('done') + count('ended');
  failed += count('broken');
}

const table = `| agent | runs | task done | ended with an error | broken | exchanges | rescued | attempts |\n|---|---|---|---|---|---|---|---|\n${rows.join('\n')}`;
console.log(`\n${table}\n`);
if (values.report) report();
console.log(`${done} passed, ${failed} failed`);
process.exitCode = failed > 0 || done === 0 ? 1 : 0;

function attempt(program: readonly string[], name: string, seed: number): Promise<TaskResult> {
  const variant = VARIANTS.find((each) => each.name === name)!;
  return runTask(root, program, variant, seed, expected, interrupted.signal).catch((error: unknown) => ({
    verdict: 'broken' as const,
    problems: [error instanceof Error ? error.message : String(error)],
    rescued: 0,
    exchanges: 0,
    attempts: 0,
    seconds: 0,
  }));
}

function report(): void {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: root }).trim();
  const text = `# Agents at work through outages

${date}, commit ${commit}, Node ${process.version}. \`npm run test:agents -- --runs ${values.runs} --report\`

Real coding agents work through a list of ${STEPS} commands in a scripted repository. Each command changes a file that the next one reads, and leaves its
number in a list: one that is lost, doubled or out of order shows in the files. The models are simulated ones. About 60 % of the lead's requests and 30 % of the
first backup's meet a fault, at random: errors, hangs, stalls and cuts in text and in tool arguments, answers that end without saying so. The second
backup is well. The backups speak other dialects than the lead.

- **task done**: exit code 0, each command exactly once and in order, the same files as without faults, the last words there.
- **ended**: the agent was told that nobody could answer (an error after some words, or at once), after commands that it had made once each.
- **broken**: anything else.

${table}
`;
  writeFileSync(join(root, 'docs', 'reports', `${date}-agents.md`), text);
  console.log(`Written: docs/reports/${date}-agents.md`);
}
