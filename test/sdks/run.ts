import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cellName, cellsOf, type SdkCell } from './cell.ts';
import { PACKAGES, SDKS } from './clients.ts';
import { bring } from './packages.ts';
import { reportOf } from './report.ts';
import { runCells, type Outcome } from './run-cells.ts';

/**
 * The client libraries that people use, unchanged, through Understudy while its lead fails. Needs the npm registry the first time, and
 * nothing else outside of this machine. The last line is `N passed, N failed`; exits with 1 where one failed.
 *
 *   npm run test:sdks -- [--match TEXT] [--every N] [--report]
 */
const { values } = parseArgs({
  options: { match: { type: 'string', default: '' }, every: { type: 'string', default: '1' }, report: { type: 'boolean', default: false } },
});
// The AI SDK says on each call what it does not know of these models.
(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false;
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const load = await bring(root, PACKAGES, (line) => console.log(line));
const outcomes: { cell: SdkCell; outcome: Outcome }[] = [];
for (const sdk of SDKS) {
  const client = await sdk.make(load);
  const cells = cellsOf(sdk).filter((cell, index) => cellName(cell).includes(values.match) && index % Number(values.every) === 0);
  if (cells.length === 0) continue;
  const done = await runCells(client, cells);
  outcomes.push(...done);
  const good = done.filter(({ outcome }) => outcome.problems.length === 0).length;
  console.log(`${sdk.name.padEnd(28)}${good} of ${done.length}`);
  for (const { cell, outcome } of done) for (const problem of outcome.problems) console.log(`  FAIL ${cellName(cell)}: ${problem}`);
}
const failed = outcomes.filter(({ outcome }) => outcome.problems.length > 0).length;
if (values.report) {
  const path = join(root, 'docs', 'reports', `${new Date().toISOString().slice(0, 10)}-sdks.md`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, reportOf(outcomes));
}
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 || outcomes.length === 0 ? 1 : 0);
