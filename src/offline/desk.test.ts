import { describe, expect, it } from 'vitest';
import { virtualClock } from '../exchange/virtual-clock.ts';
import { err, ok } from '../exchange/result.ts';
import type { Board } from '../watch/questions.ts';
import { createDesk, type DeskParts } from './desk.ts';
import type { Searched } from './searching.ts';

const NOTHING: Searched = { answers: [], notes: [], messages: 5, late: false, problems: [] };
const clock = virtualClock();

function desk(parts: Partial<DeskParts> = {}): ReturnType<typeof createDesk> {
  return createDesk({
    clock,
    search: () => Promise.resolve(ok(NOTHING)),
    board: () => Promise.resolve(undefined),
    shown: () => 2,
    ...parts,
  });
}

function board(...judged: Partial<Board['judgements'][number]>[]): () => Promise<Board> {
  const judgements = judged.map((more) => ({
    key: 'a/api',
    title: 'A',
    verdict: 'down' as const,
    since: 0,
    score: 5,
    evidence: [],
    summary: '',
    ...more,
  }));
  return () => Promise.resolve({ at: 0, judgements, incidents: [], pages: [], runbooks: [{ name: 'a-down', title: 'A is down' }] });
}

describe('the desk', () => {
  it('tells what is down as a whole, and the runbooks for it', async () => {
    const answer = await desk({
      board: board(
        { summary: 'A is down.' },
        { key: 'a/api/m', summary: 'm of A is down.' },
        { key: 'b/api', verdict: 'unknown', summary: 'b' },
      ),
    }).answer({ question: 'q' });
    expect(answer).toMatchObject({ standing: ['A is down.'], runbooks: [{ name: 'a-down', title: 'A is down' }] });
    expect(answer.text).toContain('> A is down.\n');
    expect(answer.text).toContain('Runbook «A is down»: understudy runbook show a-down');
  });

  it('says nothing of how providers stand where nobody watches', async () => {
    for (const nobody of [undefined, board()]) {
      const answer = await desk(nobody ? { board: nobody } : {}).answer({ question: 'q' });
      expect(answer.standing).toBeUndefined();
      expect(answer.text).not.toContain('watched');
    }
  });

  it('does not wait long for a board', async () => {
    const waiting = desk({ board: () => new Promise(() => {}) }).answer({ question: 'q' });
    await clock.advance(5000);
    expect((await waiting).standing).toBeUndefined();
  });

  it('says what could not be looked through, in its text too', async () => {
    const dead = await desk({ search: () => Promise.resolve(err('the thread has died')) }).answer({ question: 'q' });
    expect(dead.problems).toEqual(['Nothing could be looked through: the thread has died.']);
    expect(dead.text).toContain('Note: «Nothing could be looked through: the thread has died.»');
  });

  it('looks for so many as the settings say, unless it is told otherwise', async () => {
    const limits: number[] = [];
    const counting = desk({ search: ({ limit }) => (limits.push(limit), Promise.resolve(ok(NOTHING))) });
    await counting.answer({ question: 'q' });
    await counting.answer({ question: 'q', limit: 7 });
    expect(limits).toEqual([2, 7]);
  });
});
