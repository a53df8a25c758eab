/** `npm run test:offline [-- --report]`: the offline desk over the fixture archive, against labelled questions. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fixtureArchive, measure } from './measure.ts';
import { barOf, reportOf } from './report.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = resolve(ROOT, '../shared/fixtures');
const REPORT = join(ROOT, 'docs/reports/2026-11-23-offline-desk.md');

if (!existsSync(FIXTURES)) {
  process.stdout.write(`There are no fixtures at ${FIXTURES}; what needs none is in src/offline/**/*.test.ts.\n0 passed, 0 failed\n`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'understudy-offline-'));
const archive = await fixtureArchive(FIXTURES, folder);
try {
  const outcomes = measure(archive);
  for (const { kind, question, place, shown } of outcomes) {
    const isRight = kind === 'none' ? shown.length === 0 : place !== undefined;
    if (!isRight) process.stdout.write(`${kind}: ${question} -> ${shown.map(({ title }) => title).join(', ') || 'nothing'}\n`);
  }
  const bar = barOf(outcomes);
  for (const { check, isMet } of bar) process.stdout.write(`${isMet ? 'met' : 'NOT MET'}: ${check}\n`);
  if (process.argv.includes('--report')) {
    const conversations = Number(archive.database.prepare('SELECT count(*) AS count FROM conversations').get()?.['count']);
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
    const day = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    writeFileSync(REPORT, reportOf(outcomes, conversations, commit, day));
  }
  const failed = bar.filter(({ isMet }) => !isMet).length;
  process.stdout.write(`${bar.length - failed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 ? 1 : 0;
} finally {
  archive.close();
  rmSync(folder, { recursive: true });
}
