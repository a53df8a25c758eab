// What `npm test` runs: the quick checks first, then the tests. Says little while all is well and everything that a step
// said when it failed, and which steps failed in the end. The last line is `N passed, N failed`; a failed step counts as one failure.
//   npm test                 everything
//   npm test -- src/journal  the same checks, and only the tests under a path
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');
const scratch = mkdtempSync(join(tmpdir(), 'understudy-check-'));
const report = join(scratch, 'vitest.json');

const steps = [
  { name: 'types', command: 'tsc', options: ['-p', '.'] },
  { name: 'lint', command: 'oxlint', options: ['--type-aware', '--format=unix', '.'] },
  {
    name: 'format',
    command: 'oxfmt',
    options: ['--check', 'src', 'test', 'scripts', 'bench'],
    hint: 'Run `npx oxfmt src test scripts bench`.',
  },
  { name: 'unused', command: 'knip', options: ['--no-progress', '--no-config-hints'] },
];

const broken = [];
for (const step of steps) if (!(await passes(step))) broken.push(step.name);

const paths = process.argv.slice(2);
const tests = {
  name: 'tests',
  command: 'vitest',
  options: ['run', '--reporter=dot', '--reporter=json', `--outputFile=${report}`, ...paths],
};
process.stdout.write(`      tests … ${paths.length === 0 ? 'some minutes' : paths.join(' ')}\n`);
const testsPassed = await passes(tests);
const counts = readCounts();
if (!testsPassed) broken.push(tests.name);
// A run that broke before or beside its tests (an unhandled rejection, a file that does not load) has failed too.
const failedTests = testsPassed ? counts.failed : Math.max(1, counts.failed);
const failed = broken.filter((name) => name !== tests.name).length + failedTests;
rmSync(scratch, { recursive: true, force: true });

if (broken.length > 0) process.stdout.write(`\nChecks failed: ${broken.join(', ')}.\n`);
process.stdout.write(`\n${counts.passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || counts.passed === 0 ? 1 : 0;

/** Runs a step with its output held back; shows it if the step fails. */
async function passes({ name, command, options, hint }) {
  const started = Date.now();
  const { code, output } = await run(join(bin, command), options);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'}  ${name.padEnd(7)} ${seconds.padStart(6)} s\n`);
  if (code !== 0) process.stdout.write(`${output.trimEnd()}\n${hint ? `${hint}\n` : ''}\n`);
  return code === 0;
}

function run(command, options) {
  // Colours would be part of what is read, here and in the tests' own child processes.
  const { FORCE_COLOR: _, ...environment } = process.env;
  return new Promise((resolve) => {
    const child = spawn(command, options, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, NO_COLOR: '1' },
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    // A step and its own children are a group, so that all of it can be ended; the terminal's Ctrl-C does not reach it by itself.
    const endGroup = () => {
      process.kill(-child.pid, 'SIGKILL');
      process.exit(130);
    };
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, endGroup);
    const stopWatching = watchForHang(child, (why) => (output += why));
    child.on('error', (error) => resolve({ code: 1, output: `${command}: ${error.message}` }));
    child.on('exit', (code, signal) => {
      stopWatching();
      for (const each of ['SIGINT', 'SIGTERM']) process.off(each, endGroup);
      // Not 'close': a process that a test left behind may hold the pipe for ever.
      setTimeout(() => resolve({ code: code ?? 1, output: signal ? `${output}\nended by ${signal}` : output }), 50);
    });
  });
}

/** A test that leaves a process or socket behind can keep vitest from ending although all is reported. That is a failure, not a hang. */
function watchForHang(child, say) {
  let ticksAfterReport = 0;
  const timer = setInterval(() => {
    if (!existsSync(report) || ++ticksAfterReport < 30) return;
    say('\nThe tests are over, but something that they opened keeps vitest from ending.');
    process.kill(-child.pid, 'SIGKILL');
  }, 1000);
  return () => clearInterval(timer);
}

function readCounts() {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: result.numPassedTests, failed: result.numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}
