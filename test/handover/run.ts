/**
 * A session of real Claude Code, killed at work, is protected, found by search, handed over to real Codex and Gemini CLI, and put back.
 *   npm run test:handover
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VARIANTS } from '../clients/driven.ts';
import { install } from '../clients/install.ts';
import { CLIS, type Cli } from './clis.ts';
import { runHandover } from './run-handover.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

let passed = 0;
let failed = 0;
try {
  const programs: Partial<Record<Cli, readonly string[]>> = {};
  for (const cli of CLIS) {
    const variant = VARIANTS.find(({ name }) => name === cli)!;
    programs[cli] = await install(root, variant.package, interrupted.signal, (line) => console.log(line));
  }
  await runHandover(root, programs as Record<Cli, readonly string[]>, interrupted.signal, ({ name, problems, seconds }) => {
    console.log(`${problems.length === 0 ? 'ok    ' : 'BROKEN'} ${seconds.toFixed(1).padStart(6)} s  ${name}`);
    for (const problem of problems) console.log(`                  ${problem}`);
    if (problems.length === 0) passed += 1;
    else failed += 1;
  });
} catch (error) {
  console.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
