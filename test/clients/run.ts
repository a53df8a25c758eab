import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allCases, sample, type ClientCase } from './cases.ts';
import { install } from './install.ts';
import { fixtureName, fixtureOf } from './fixture.ts';
import { reportOf } from './report.ts';
import { runCase, type CaseResult } from './run-case.ts';

/**
 * Real coding CLIs from npm through Understudy while their lead fails. Needs the npm registry the first time, and nothing else
 * outside of this machine. Prints a table; the last line is `N passed, N failed`; exits with 1 where one failed.
 *
 *   npm run test:clients                        a sample: every CLI, every trouble with some of them
 *   npm run test:clients -- --all               everything, some twenty minutes
 *   … --match TEXT                              only those whose line has this text; of everything
 *   … --turn N                                  another sample; default: the day
 *   … --report                                  writes docs/reports/DATE-clients.md
 *   … --record                                  writes each CLI's request to test/fixtures/requests
 */
const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    match: { type: 'string' },
    turn: { type: 'string' },
    lanes: { type: 'string', default: '2' },
    report: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const day = Math.floor(Date.now() / 86_400_000);
const whole = values.all || values.match !== undefined;
const chosen = (whole ? allCases() : sample(Number(values.turn ?? day))).filter((each) => lineOf(each).includes(values.match ?? ''));
const began = performance.now();
const failures: string[] = [];
const results: { each: ClientCase; result: CaseResult }[] = [];
try {
  const programs = new Map<string, string[]>();
  for (const { variant } of chosen) {
    const { name } = variant.package;
    if (!programs.has(name)) programs.set(name, await install(root, variant.package, interrupted.signal, (line) => console.log(line)));
  }
  console.log(`${programs.size} CLIs through Understudy. ${chosen.length} runs.\n`);
  console.log(`      ${heading()}${'s'.padStart(6)}  who answered, request by request`);
  await inLanes(chosen, Number(values.lanes), async (each) => show(each, await attempt(programs.get(each.variant.package.name)!, each)));
} catch (error) {
  failures.push(error instanceof Error ? error.message : String(error));
}
if (interrupted.signal.aborted) failures.push('interrupted');
const passed = results.filter(({ result }) => result.problems.length === 0).length;
for (const failure of failures) console.log(`\n${failure}`);
const seconds = (performance.now() - began) / 1000;
if (values.report) write(join('docs', 'reports', `${new Date().toISOString().slice(0, 10)}-clients.md`), reportOf(results, seconds));
if (values.record) for (const { each, result } of results) record(each, result);
console.log(`\n${seconds.toFixed(0)} s`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;

async function attempt(program: readonly string[], each: ClientCase): Promise<CaseResult> {
  try {
    return await runCase(root, program, each, interrupted.signal);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)], seconds: 0, course: '', requests: [] };
  }
}

function heading(): string {
  return 'client'.padEnd(22) + 'the lead'.padEnd(26) + 'asked'.padEnd(12) + 'the backup speaks'.padEnd(20);
}

function lineOf({ variant, trouble, kind, backup }: ClientCase): string {
  return variant.name.padEnd(22) + trouble.name.padEnd(26) + kind.padEnd(12) + backup.padEnd(20);
}

function show(each: ClientCase, result: CaseResult): void {
  const good = result.problems.length === 0;
  console.log(`${good ? 'ok  ' : 'FAIL'}  ${lineOf(each)}${result.seconds.toFixed(1).padStart(6)}  ${result.course}`);
  results.push({ each, result });
  if (!good) failures.push([`${lineOf(each).replace(/ +/g, ' ')}:`, ...result.problems.map((problem) => `  ${problem}`)].join('\n'));
}

function record(each: ClientCase, result: CaseResult): void {
  const fit = each.kind === 'tool round' || each.variant.wordsOnly === true;
  if (each.trouble.fault || !fit || result.problems.length > 0) return;
  const fixture = fixtureOf(each.variant, result.requests);
  if (fixture) write(join('test', 'fixtures', 'requests', fixtureName(each.variant)), `${JSON.stringify(fixture, null, 2)}\n`);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  console.log(`Written: ${path}`);
}

/** The deadlines are mostly waited for, so more than one run fits on a core; more than a few would make the healthy ones late. */
async function inLanes<Item>(items: readonly Item[], lanes: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !interrupted.signal.aborted; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
}
