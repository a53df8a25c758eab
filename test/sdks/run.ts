import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cellName, cellsOf, type SdkCell } from './cell.ts';
import { PACKAGES, SDKS } from './clients.ts';
import { bring } from './packages.ts';
import { reportOf, wideReportOf } from './report.ts';
import { runCells, type Outcome } from './run-cells.ts';
import { wideCells } from './wide.ts';

/**
 * The client libraries that people use, unchanged, through Understudy while its lead fails. Needs the npm registry the first time, and
 * nothing else outside of this machine. The last line is `N passed, N failed`; exits with 1 where one failed.
 *
 *   npm run test:sdks -- [--wide] [--match TEXT] [--every N] [--phase N] [--report]
 *
 * `--wide`: instead of the conditions of cell.ts, pairs of client, content, fault, place, persistence and who answers out of the fault matrix.
 * `--every N`: a sample, which `--phase` rotates.
 */
const { values } = parseArgs({
  options: {
    match: { type: 'string', default: '' },
    every: { type: 'string', default: '1' },
    phase: { type: 'string', default: '0' },
    wide: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
});
// The AI SDK says on each call what it does not know of these models.
(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;
const VERDICTS = ['rescued', 'kept', 'ended', 'broken'] as const;
/** 2 June 2026; the same selection each time. */
const SEED = 20_260_602;
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const load = await bring(root, PACKAGES, (line) => console.log(line));
const outcomes: { cell: SdkCell; outcome: Outcome }[] = [];
const every = Number(values.every);
const all = values.wide ? wideCells(SEED) : SDKS.flatMap(cellsOf);
const chosen = all.filter((cell, index) => cellName(cell).includes(values.match) && index % every === Number(values.phase) % every);
for (const sdk of SDKS) {
  const cells = chosen.filter((cell) => cell.sdk === sdk);
  if (cells.length === 0) continue;
  const client = await sdk.make(load);
  const done = await runCells(client, cells);
  outcomes.push(...done);
  console.log(`${sdk.name.padEnd(28)}${count(done, 'rescued')} of ${done.length}`);
  for (const { cell, outcome } of done)
    for (const problem of outcome.problems) console.log(`  ${fails(outcome) ? 'FAIL' : outcome.verdict} ${cellName(cell)}: ${problem}`);
}
const failed = outcomes.filter(({ outcome }) => fails(outcome)).length;
console.log(VERDICTS.map((verdict) => `${verdict} ${count(outcomes, verdict)}`).join(', '));
if (values.report) {
  const path = join(root, 'docs', 'reports', `${new Date().toISOString().slice(0, 10)}-sdks${values.wide ? '-wide' : ''}.md`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, values.wide ? wideReportOf(outcomes, every === 1 ? 'all' : `one in ${every}`) : reportOf(outcomes));
}
console.log(`${outcomes.length - failed} passed, ${failed} failed`);

function count(of: readonly { outcome: Outcome }[], verdict: Outcome['verdict']): number {
  return of.filter(({ outcome }) => outcome.verdict === verdict).length;
}

/** Every conversation is to be as on a calm day: a backup is well in all of them. Out of the matrix, some of several calls and an answer to those will do. */
function fails({ verdict }: Outcome): boolean {
  return verdict !== 'rescued' && !(values.wide && verdict === 'kept');
}

process.exit(failed > 0 || outcomes.length === 0 ? 1 : 0);
