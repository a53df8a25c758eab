import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BACKUPS, CASES, type Backup, type ClientCase } from './cases.ts';
import { installClaudeCode, type Installed } from './install.ts';
import { runCase, type CaseResult } from './run-case.ts';

/**
 * Real Claude Code from npm through Understudy while its lead fails. Needs the npm registry the first time, and nothing else
 * outside of this machine. Prints a table; the last line is `N passed, N failed`; exits with 1 where one failed.
 *
 *   npm run test:clients -- [--match TEXT] [--lanes N]
 */
const { values } = parseArgs({ options: { match: { type: 'string', default: '' }, lanes: { type: 'string', default: '2' } } });
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const all = CASES.flatMap((each) => BACKUPS.map((backup) => ({ each, backup })));
const chosen = all.filter(({ each, backup }) => `${each.name} ${backup}`.includes(values.match));
const began = performance.now();
const failures: string[] = [];
let passed = 0;
try {
  const claude = await installClaudeCode(root, interrupted.signal, (line) => console.log(line));
  console.log(`Claude Code ${claude.version}: one prompt, one tool round, through Understudy. ${chosen.length} runs.\n`);
  console.log(`      ${'the lead'.padEnd(26)}${'the backup speaks'.padEnd(20)}${'s'.padStart(5)}  who answered (request 1 | request 2)`);
  await inLanes(chosen, Number(values.lanes), async ({ each, backup }) => show(each, backup, await attempt(claude, each, backup)));
} catch (error) {
  failures.push(error instanceof Error ? error.message : String(error));
}
if (interrupted.signal.aborted) failures.push('interrupted');
for (const failure of failures) console.log(`\n${failure}`);
console.log(`\n${((performance.now() - began) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;

async function attempt(claude: Installed, each: ClientCase, backup: Backup): Promise<CaseResult> {
  try {
    return await runCase(root, claude, each, backup, interrupted.signal);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)], seconds: 0, course: '' };
  }
}

function show({ name }: ClientCase, backup: Backup, { problems, seconds, course }: CaseResult): void {
  const good = problems.length === 0;
  console.log(`${good ? 'ok  ' : 'FAIL'}  ${name.padEnd(26)}${backup.padEnd(20)}${seconds.toFixed(1).padStart(5)}  ${course}`);
  if (good) passed++;
  else failures.push([`${name}, ${backup}:`, ...problems.map((problem) => `  ${problem}`)].join('\n'));
}

/** The deadlines are mostly waited for, so more than one run fits on a core; more than a few would make the healthy ones late. */
async function inLanes<Item>(items: readonly Item[], lanes: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !interrupted.signal.aborted; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, lanes) }, lane));
}
