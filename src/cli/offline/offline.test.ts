/** `understudy offline` and `understudy runbook` where no server runs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putInto } from '../../archive/store/put.ts';
import { openArchive } from '../../archive/store/open.ts';
import { END_LABEL, LABEL } from '../../offline/label.ts';
import type { Paint } from '../terminal.ts';
import { boardLines } from '../watch/board-view.ts';
import { type Ran, runIn } from '../testing/run-in.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'understudy-cli-offline-'));
  mkdirSync(join(home, 'notes'));
  writeFileSync(
    join(home, 'understudy.yaml'),
    'data: ./data\nserver: { port: 1 }\noffline: { notes: [./notes], runbooks: [./runbooks] }\n',
  );
  writeFileSync(join(home, 'notes', 'ops.md'), '# Ops\n\n## Restore a backup\n\n1. Stop the server.\n');
  mkdirSync(join(home, 'data'));
  const opened = openArchive(join(home, 'data'));
  if (!opened.ok) throw new Error(opened.error.reason);
  const part = (text: string) => [{ type: 'text' as const, text }];
  putInto(opened.value).conversation({ source: 'codex', key: 'k', title: 'Otters' }, [
    { key: 'q', role: 'user', status: 'complete', parts: part('Why do otters hold hands?') },
    {
      key: 'a',
      role: 'assistant',
      parent: 'q',
      status: 'complete',
      parts: part('So that they do not drift apart.\u001b[2J'),
      producer: { model: 'gpt' },
    },
  ]);
  opened.value.close();
});
afterEach(() => rmSync(home, { recursive: true }));

function run(...words: string[]): Promise<Ran> {
  return runIn(home, words);
}

describe('understudy offline', () => {
  it('shows an earlier answer and notes, labelled, and says by its exit code that it found something', async () => {
    const answer = await run('offline', 'why', 'are', 'otters', 'holding', 'hands');
    expect(answer.code).toBe(0);
    const lines = answer.out.trimEnd().split('\n');
    expect([lines[0], lines.at(-1)]).toEqual([LABEL, END_LABEL]);
    expect(answer.out).toContain('> So that they do not drift apart.[2J\n');
    expect(answer.out).not.toContain('\u001b');
    const note = await run('offline', '--notes-only', 'restore a backup', '--limit', '1');
    expect(note.out).toContain('ops.md:3»');
    expect(note.out).toContain('> 1. Stop the server.\n');
  });

  it('says that there is nothing, as grep does', async () => {
    const { code, out } = await run('offline', 'what is the capital of Peru');
    expect([code, out]).toEqual([1, expect.stringContaining('Nothing similar was found in 3 messages and titles and 2 sections of notes')]);
    expect((await run('offline', '--notes-only', 'why do otters hold hands')).code).toBe(1);
  });

  it('prints JSON', async () => {
    const { out } = await run('offline', '--json', 'why do otters hold hands');
    expect(JSON.parse(out)).toMatchObject({
      answers: [{ question: { text: 'Why do otters hold hands?' } }],
      searched: { notesOnly: false },
    });
  });

  it.each([
    [['offline'], 'What is the question?'],
    [['offline', '--limit', '99', 'x'], '--limit is a number from 1 to 10.'],
    [['offline', '--url', 'nowhere', 'x'], '--url nowhere is no URL'],
  ])('%j is not understood', async (words, said) => {
    const { code, note } = await run(...words);
    expect([code, note]).toEqual([2, expect.stringContaining(said)]);
  });

  it('asks only the server that is named', async () => {
    expect(await run('offline', '--url', 'http://127.0.0.1:1', 'why do otters hold hands')).toMatchObject({ code: 3, out: '' });
  });
});

describe('understudy runbook', () => {
  it('lists, shows and ticks, and ticks stay', async () => {
    expect((await run('runbook')).out).toMatch(/^claude-api-down +The Claude API is down$/m);
    const ticked = await run('runbook', 'tick', 'claude-code', '1', '3');
    expect([ticked.code, ticked.out]).toEqual([0, expect.stringMatching(/^ 1 \[x\] .*\n(?:.*\n)*? 2 \[ \] .*\n(?:.*\n)*? 3 \[x\] /m)]);
    expect((await run('runbook', 'list')).out).toContain('2 of 7 done');
    expect((await run('runbook', 'untick', 'claude-code', '1')).out).toContain('1 of 7 items done');
    expect((await run('runbook', 'reset', 'claude-code')).out).toContain('0 of 7 items done');
    expect(JSON.parse((await run('runbook', 'show', 'prepare', '--json')).out)).toMatchObject({ name: 'prepare', isOurs: true });
  });

  it('says what is wrong in a file of the user, and shows the others', async () => {
    mkdirSync(join(home, 'runbooks'));
    writeFileSync(join(home, 'runbooks', 'mine.md'), '---\ntitle: "Mine \\e[31m"\n---\n- [ ] Call Ann\n');
    writeFileSync(join(home, 'runbooks', 'bad.md'), '---\ntitle: A\nwhen: { verdict: x }\n---\n');
    const { out } = await run('runbook');
    expect(out).toMatch(/^mine +Mine \[31m \(yours\)$/m);
    expect(out).toContain('bad.md, line 3: when.verdict is none of down, degraded, over');
  });

  it.each([
    [['runbook', 'tik'], 2, 'Did you mean tick?'],
    [['runbook', 'show'], 2, 'Which runbook?'],
    [['runbook', 'tick', 'prepare'], 2, 'Which items?'],
    [['runbook', 'tick', 'prepare', '0'], 2, 'Which items?'],
    [['runbook', 'show', 'prepare', 'now'], 2, '`now` is one word too many.'],
    [['runbook', 'show', 'claude'], 1, 'Did you mean claude-api-down or claude-code-down or claude-web-down?'],
    [['runbook', 'show', 'prepar3'], 1, 'Did you mean prepare?'],
    [['runbook', 'tick', 'prepare', '99'], 1, 'There is no such item'],
    [['runbook', '--url', 'http://127.0.0.1:1'], 3, 'Nothing answers'],
  ])('%j is refused in words', async (words, code, said) => {
    const ran = await run(...words);
    expect([ran.code, ran.note]).toEqual([code, expect.stringContaining(said)]);
  });
});

it('the board points at runbooks, in lines that fit', () => {
  const paint = new Proxy({} as Paint, { get: () => (text: string) => text });
  const judged = { key: 'anthropic/api', title: 'Claude API', verdict: 'down' as const, since: 0, score: 5, evidence: [], summary: '' };
  const board = { at: 60_000, judgements: [judged], incidents: [], pages: [] };
  const lines = boardLines(
    { ...board, runbooks: [{ name: 'claude-api-down', title: `The ${'long '.repeat(20)}title` }] },
    { all: false },
    { paint, width: 80 },
  );
  expect(lines).toContain('What to do');
  expect(lines.join(' ')).toContain('understudy runbook show claude-api-down');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(boardLines(board, { all: false }, { paint, width: 80 })).not.toContain('What to do');
});
