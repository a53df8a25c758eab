/**
 * Real coding agents, whose every target beyond this machine is dead, finish a task with a model on this machine that was found by itself.
 *   npm run test:local             all; `npm run test:local -- claude` one of them
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VARIANTS } from '../clients/driven.ts';
import { install } from '../clients/install.ts';
import { runTask, type TaskResult, type Trouble } from './run-task.ts';

const CASES: readonly [Trouble, Parameters<typeof runTask>[4]][] = [
  ['refused', 'openai'],
  ['529', 'ollama'],
  ['hang', 'llamacpp'],
  ['no key', 'ollama'],
];
const clis = process.argv[2]?.split(',') ?? ['claude', 'codex'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

let passed = 0;
let failed = 0;
for (const name of clis) {
  const variant = { ...VARIANTS.find((each) => each.name === name)! };
  // It is to write a file, and not only to run a command.
  if (variant.client === 'claude') {
    const { args } = variant;
    variant.args = (prompt) => args(prompt).map((word) => (word === 'Bash' ? 'Bash,Write' : word));
  }
  const program = await install(root, variant.package, interrupted.signal, (line) => console.log(line));
  for (const [trouble, kind] of CASES) {
    const failure = (error: unknown): TaskResult => ({
      problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
      seconds: 0,
      course: '',
    });
    const { problems, seconds, course } = await runTask(root, program, variant, trouble, kind, interrupted.signal).catch(failure);
    console.log(
      `${problems.length === 0 ? 'done  ' : 'BROKEN'} ${name.padEnd(7)} ${trouble.padEnd(8)} ${kind.padEnd(9)} ${seconds.toFixed(1)} s  ${course}`,
    );
    for (const problem of problems) console.log(`        ${problem}`);
    if (problems.length === 0) passed += 1;
    else failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
