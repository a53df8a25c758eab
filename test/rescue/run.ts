/**
 * Real coding CLIs whose vendor dies in the middle of a tool round are rescued by `understudy rescue`, and go on at their vendor later.
 * And Claude Code with the hooks alone is told of a turn that failed.
 *   npm run test:rescue            all; `node test/rescue/run.ts claude hooks` one of them
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VARIANTS } from '../clients/driven.ts';
import { install } from '../clients/install.ts';
import { runHooks } from './run-hooks.ts';
import { runRescue, type RescueResult, type Stage } from './run-rescue.ts';

const CLIS = (process.argv[2] ?? 'claude,codex').split(',');
const STAGES: readonly Stage[] = ['configured', 'nothing configured'];
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

let passed = 0;
let failed = 0;
for (const name of CLIS) {
  const variant = VARIANTS.find((each) => each.name === name)!;
  const program = await install(root, variant.package, interrupted.signal, (line) => console.log(line));
  const cases: [string, () => Promise<RescueResult>][] = STAGES.map((stage) => [
    stage,
    () => runRescue(root, program, variant, stage, interrupted.signal),
  ]);
  if (variant.client === 'claude') cases.push(['hooks', () => runHooks(root, program, interrupted.signal)]);
  for (const [title, run] of cases) {
    if (process.argv[3] !== undefined && process.argv[3] !== title) continue;
    const failure = (error: unknown): RescueResult => ({
      problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
      seconds: 0,
    });
    const { problems, seconds } = await run().catch(failure);
    console.log(`${problems.length === 0 ? 'rescued' : 'BROKEN '} ${name.padEnd(7)} ${title}: ${seconds.toFixed(1)} s`);
    for (const problem of problems) console.log(`        ${problem}`);
    if (problems.length === 0) passed += 1;
    else failed += 1;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
