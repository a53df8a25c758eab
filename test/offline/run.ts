/** `npm run test:offline [-- --report]`: the offline desk over the fixture archive, against labelled questions. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LABELLED } from './labelled.ts';
import { fixtureArchive, measure } from './measure.ts';
import { falseAnswers, figuresOf, misled, reportOf } from './report.ts';

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
  const answerable = outcomes.filter(({ kind }) => kind !== 'none');
  for (const { kind, question, place, shown } of outcomes) {
    const isRight = kind === 'none' ? shown.length === 0 : place !== undefined;
    if (!isRight) process.stdout.write(`${kind}: ${question} -> ${shown.map(({ title }) => title).join(', ') || 'nothing'}\n`);
  }
  const { asked, found } = figuresOf(answerable);
  const { shown, confident } = falseAnswers(outcomes);
  process.stdout.write(
    `Right answer in the first three: ${found} of ${asked}. Of ${LABELLED.length - asked} without an answer: ${shown.length} met with something, ${confident.length} with confidence. Misled: ${misled(outcomes).length}.\n`,
  );
  if (process.argv.includes('--report')) {
    const conversations = Number(archive.database.prepare('SELECT count(*) AS count FROM conversations').get()?.['count']);
    const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
    const day = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
    writeFileSync(REPORT, reportOf(outcomes, conversations, commit, day));
  }
  const failed = asked - found + shown.length;
  process.stdout.write(`${outcomes.length - failed} passed, ${failed} failed\n`);
} finally {
  archive.close();
  rmSync(folder, { recursive: true });
}
