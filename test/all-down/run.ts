import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PACKAGES, SDKS } from '../sdks/clients.ts';
import { bring } from '../sdks/packages.ts';
import { type Asker, ask, type Cell, cellName, cellsOf, type Outcome } from './cells.ts';
import { openHouse } from './house.ts';
import { rawClient } from './raw-client.ts';
import { drained, kept, settled, type Recovery } from './recovery.ts';

/**
 * Everything is down, for every client library of test:sdks and for raw ones: each is told so within its deadline, in its dialect, by an error
 * that says since when, what was tried and what becomes of the request; then all recovers: who holds on is answered, what was kept is answered, the
 * archive has it, and nobody is run over. The last line is `N passed, N failed`.
 *
 *   npm run test:all-down -- [--match TEXT] [--every N] [--phase N] [--raw] [--report]
 *
 * `--every N`: a sample, which `--phase` rotates; `--raw`: without client libraries, for machines without npm.
 */
const { values } = parseArgs({
  options: {
    match: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
    phase: { type: 'string', default: '0' },
    raw: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
});
(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;
// Agents of OpenAI rejects a second promise for an error that its reader has had already, and ends the process for it where nobody else listens.
process.on('unhandledRejection', () => undefined);
/** At once; most of the time goes into waiting for deadlines. */
const LANES = 12;
const GOOD: ReadonlySet<Outcome['verdict']> = new Set(['answered', 'deferred', 'honest', 'hidden']);
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const askers: Asker[] = (['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini'] as const).map((dialect) => ({
  name: `raw ${dialect}`,
  dialect,
  client: rawClient(dialect),
}));
if (!values.raw) {
  const load = await bring(root, PACKAGES, (line) => console.log(line));
  for (const sdk of SDKS) askers.push({ name: sdk.name, dialect: sdk.dialect, client: await sdk.make(load) });
}
const every = Number(values.every);
const all = askers.flatMap(cellsOf).filter((cell) => cellName(cell).includes(values.match));
const cells = all.filter((_, index) => index % every === Number(values.phase) % every);

const house = await openHouse();
const results: { cell: Cell; outcome: Outcome }[] = [];
const failures: string[] = [];
let recovery: Recovery | undefined;
try {
  const during = cells.filter(({ rule }) => rule !== 'hold');
  const lane = async (): Promise<void> => {
    for (let cell = during.shift(); cell; cell = during.shift()) results.push({ cell, outcome: await ask(cell, house) });
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const holding = cells.filter(({ rule }) => rule === 'hold').map(async (cell) => ({ cell, outcome: await ask(cell, house) }));
  await settled(house);
  const waiting = await kept(house);
  await house.recover();
  recovery = await drained(house, waiting);
  results.push(...(await Promise.all(holding)));
  failures.push(...recovery.problems);
} finally {
  await house.close();
}

for (const asker of askers) {
  const own = results.filter(({ cell }) => cell.asker === asker);
  if (own.length === 0) continue;
  const good = own.filter(({ outcome }) => GOOD.has(outcome.verdict));
  const slowest = Math.max(...own.filter(({ cell }) => cell.rule !== 'hold').map(({ outcome }) => outcome.ms), 0);
  console.log(`${asker.name.padEnd(28)}${good.length} of ${own.length}, slowest ${(slowest / 1000).toFixed(1)} s`);
  for (const { cell, outcome } of own)
    if (!GOOD.has(outcome.verdict)) console.log(`  FAIL ${cellName(cell)}: ${outcome.verdict}: ${outcome.said.slice(0, 400)}`);
}
for (const problem of failures) console.log(`  FAIL ${problem}`);
const summary = summaryOf();
console.log(summary.join('\n'));
if (values.report) {
  const path = join(root, 'docs', 'reports', `${new Date().toISOString().slice(0, 10)}-all-down.md`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    `# Everything down, for every client\n\n\`npm run test:all-down -- --report\`, ${cells.length} of ${all.length} cells.\n\n${summary.map((line) => `- ${line}`).join('\n')}\n`,
  );
}
const failed = results.filter(({ outcome }) => !GOOD.has(outcome.verdict)).length + failures.length;
console.log(`${results.length + (recovery ? 1 : 0) - failed} passed, ${failed} failed`);
process.exit(failed > 0 || results.length === 0 ? 1 : 0);

function summaryOf(): string[] {
  const verdicts = ['answered', 'deferred', 'honest', 'hidden', 'mute', 'wrong', 'hangs'] as const;
  const counts = verdicts.map((verdict) => `${verdict} ${results.filter(({ outcome }) => outcome.verdict === verdict).length}`);
  if (!recovery) return [counts.join(', ')];
  const { jobs, asked, first, within, busiest } = recovery;
  return [
    `${askers.length} clients: ${counts.join(', ')}`,
    `${jobs} requests were kept; after recovery the first was asked within ${(first / 1000).toFixed(1)} s, all were answered within ${(within / 1000).toFixed(1)} s`,
    `thundering herd: ${asked} requests to providers for ${jobs} answers (factor ${(asked / Math.max(1, jobs)).toFixed(2)}); in the busiest second ${busiest}`,
  ];
}
