import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VERDICTS } from './judge.ts';
import { isClean, quantile, tally } from './scoreboard.ts';

describe('the scoreboard', () => {
  it('loses nothing: what was judged adds up to what was asked', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...VERDICTS)), (verdicts) => {
        const board = tally();
        for (const verdict of verdicts) {
          board.asked();
          board.judged(verdict, 1, { answeredBy: 'a/b' });
        }
        const score = board.score();
        expect(VERDICTS.reduce((sum, verdict) => sum + score[verdict], 0)).toBe(score.asked);
        expect(isClean(score)).toBe(verdicts.every((verdict) => ['whole', 'continued', 'failed'].includes(verdict)));
      }),
    );
  });

  it('counts the waits of whole answers only', () => {
    const board = tally();
    board.judged('whole', 10, {});
    board.judged('continued', 30, { answeredBy: 'a/b' });
    board.judged('hung', 8000, {});
    expect(board.score()).toMatchObject({ addedWait: { p50: 10, p99: 30 }, answeredBy: { 'a/b': 1 } });
    expect(tally().score().addedWait).toBeUndefined();
  });

  it('takes quantiles by nearest rank', () => {
    expect(quantile([5, 1, 3, 2, 4], 0.5)).toBe(3);
    expect(quantile([5, 1, 3, 2, 4], 0.99)).toBe(5);
    expect(quantile([7], 0.01)).toBe(7);
  });
});
