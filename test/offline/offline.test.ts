/** The bar of the offline desk: what it finds over the fixture archive gets no worse than it was when its report was written. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArchive } from '../../src/archive/store/open.ts';
import { systemClock } from '../../src/exchange/clock.ts';
import { ok } from '../../src/exchange/result.ts';
import { createDesk } from '../../src/offline/desk.ts';
import { earlierAnswersIn } from '../../src/offline/similar/earlier-answers.ts';
import { unlabelled } from '../../src/offline/testing/unlabelled.ts';
import { LABELLED } from './labelled.ts';
import { fixtureArchive, measure, type Outcome } from './measure.ts';
import { barOf } from './report.ts';

const fixtures = resolve(import.meta.dirname, '../../../shared/fixtures');

describe('the labelled questions', () => {
  it('are enough of each kind, and none is there twice', () => {
    const of = (kind: string): number => LABELLED.filter(([each]) => each === kind).length;
    expect([of('near'), of('reworded'), of('other'), of('none')].every((count) => count >= 20)).toBe(true);
    expect(new Set(LABELLED.map(([, question]) => question)).size).toBe(LABELLED.length);
    expect(LABELLED.filter(([kind, , ...wanted]) => (kind === 'none') !== (wanted.length === 0))).toEqual([]);
  });
});

describe.runIf(existsSync(fixtures))('over the fixture archive', () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-offline-'));
  let outcomes: Outcome[];

  beforeAll(async () => {
    const archive = await fixtureArchive(fixtures, folder);
    outcomes = measure(archive);
    archive.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('the right earlier answer is in the first three, and nothing is made of what is not there', () => {
    expect(barOf(outcomes).filter(({ isMet }) => !isMet)).toEqual([]);
  });

  it('no answer of the desk has a line without its label or source', async () => {
    const archive = openArchive(folder);
    if (!archive.ok) throw new Error(archive.error.reason);
    const answers = earlierAnswersIn(archive.value, systemClock);
    const desk = createDesk({
      clock: systemClock,
      search(asked) {
        const { answers: found, searched, late } = answers.find(asked);
        return Promise.resolve(ok({ answers: found, notes: [], messages: searched, late, problems: [] }));
      },
      board: () => Promise.resolve(undefined),
      shown: () => 10,
    });
    let quoted = 0;
    for (const [, question] of LABELLED) {
      const { text, answers: found } = await desk.answer({ question, patience: 10_000 });
      quoted += found.length;
      expect([question, unlabelled(text)]).toEqual([question, []]);
    }
    archive.value.close();
    expect(quoted).toBeGreaterThan(60);
  });
});
