/**
 * `node test/mutation/run.ts [CORE …] [--survivors] [--concurrency N] [--report]`: changes the pure cores in a thousand small ways and
 * counts how many of the changes their tests notice. Minutes to an hour; names of cores (cores.ts) make it shorter.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChild } from '../clients/child.ts';
import { CORES, type Core } from './cores.ts';
import { installStryker } from './install.ts';
import { reportOf } from './report.ts';
import { resultOf, scoreOf, type Result, type StrykerReport } from './result.ts';

/** The slowest core took nine minutes on two shared processors. */
const CORE_TIMEOUT = 60 * 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    survivors: { type: 'boolean', default: false },
    concurrency: { type: 'string', default: '1' },
    report: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !CORES.some((core) => core.name === name));
if (unknown.length > 0) throw new Error(`No such core: ${unknown.join(', ')}. There are: ${CORES.map(({ name }) => name).join(', ')}.`);
const cores = positionals.length === 0 ? CORES : CORES.filter(({ name }) => positionals.includes(name));

const root = resolve(import.meta.dirname, '../..');
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
// It takes long and nobody waits for it.
setPriority(10);
const stryker = await installStryker(root, stop.signal);
const scratch = mkdtempSync(join(tmpdir(), 'understudy-mutation-'));
const results: Result[] = [];
try {
  for (const core of cores) {
    const result = await mutate(core);
    results.push(result);
    const { killed, timeout, survived, uncovered } = result;
    console.log(
      `${core.name}: ${scoreOf(result).toFixed(1)} % (${killed + timeout} noticed, ${survived} survived, ${uncovered} not reached)`,
    );
    if (values.survivors) for (const line of result.survivors) console.log(`  ${line}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

if (values.report) {
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: root }).trim();
  const file = join(root, 'docs', 'reports', `${date}-mutation.md`);
  writeFileSync(file, reportOf(results, { date, commit }));
  console.log(`written: ${file}`);
}

async function mutate({ name, file, tests }: Core): Promise<Result> {
  const written = join(scratch, `${name}.json`);
  const settings = join(scratch, `${name}.config.json`);
  writeFileSync(
    settings,
    JSON.stringify({
      mutate: [file],
      testRunner: 'vitest',
      vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
      coverageAnalysis: 'perTest',
      concurrency: Math.max(1, Number(values.concurrency)),
      reporters: ['json'],
      jsonReporter: { fileName: written },
      // A copy outside of node_modules, where vitest would take the sources for packages.
      tempDirName: join(scratch, 'copy'),
      ignorePatterns: ['docs', 'bench', 'test/corpora', 'test/fixtures'],
      // Stryker reads it with a TypeScript older than ours; nothing in it matters to vitest.
      tsconfigFile: 'none',
      allowConsoleColors: false,
    }),
  );
  const result = await runChild([process.execPath, stryker, 'run', settings], {
    cwd: root,
    env: { ...process.env, MUTATION_TESTS: tests.join(' ') },
    timeout: CORE_TIMEOUT,
    signal: stop.signal,
  });
  if (result.code !== 0) {
    const said = `${result.stdout}${result.stderr}`.trim().split('\n').slice(-20).join('\n');
    throw new Error(`Stryker failed on ${file} (${result.ended ?? `exit code ${result.code}`}). Do its tests pass unchanged?\n${said}`);
  }
  return resultOf(name, JSON.parse(readFileSync(written, 'utf8')) as StrykerReport);
}
