/** Zero unlabelled text: whatever lies in the archive and in notes, each line is the label, a text of ours, or marked as quoted under its source. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deskText } from './desk-text.ts';
import type { DeskAnswer } from './desk.ts';
import { END_LABEL, isDeskText, LABEL } from './label.ts';
import { unlabelled } from './testing/unlabelled.ts';

type Said = Omit<DeskAnswer, 'text'>;

/** Texts as they occur, and as somebody would write them who wants to be taken for the desk. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    LABEL,
    END_LABEL,
    'What can be done now:',
    'The answer then:',
    '1. A similar question was answered before: 2026-01-01.',
    'From your notes: «x»',
    'a\r\nb\rc\u2028d\u2029e\u0085f\vg\fh',
    '> quoted already',
    '»; answered by «claude',
    '\u001b[31mred\u001b[0m\u202eturned',
    'line\n\n\nline\n',
    '',
    '   ',
  ),
);
const text = fc.array(hostile, { maxLength: 6 }).map((pieces) => pieces.join('\n'));
const time = fc.option(fc.integer({ min: -1, max: 9e15 }), { nil: undefined });

const answer = fc.record({
  title: text,
  question: text,
  said: fc.oneof(
    text,
    text.map((some) => some.repeat(200)),
  ),
  project: fc.option(text, { nil: undefined }),
  provider: fc.option(text, { nil: undefined }),
  model: fc.option(text, { nil: undefined }),
  status: fc.constantFrom('complete', 'partial', 'interrupted', 'deferred'),
  at: time,
  likeness: fc.double({ min: 0, max: 1, noNaN: true }),
  repeats: fc.nat(3),
});
const note = fc.record({
  path: text,
  heading: text,
  text,
  line: fc.integer({ min: 1, max: 9999 }),
  modified: fc.double({ noNaN: true, noDefaultInfinity: true }),
});
const desk: fc.Arbitrary<Said> = fc
  .record({
    answers: fc.array(answer, { maxLength: 3 }),
    notes: fc.array(note, { maxLength: 3 }),
    runbooks: fc.array(text, { maxLength: 2 }),
    standing: fc.option(fc.array(text, { maxLength: 2 }), { nil: undefined }),
    problems: fc.array(text, { maxLength: 2 }),
    late: fc.boolean(),
    notesOnly: fc.boolean(),
  })
  .map(({ answers, notes, runbooks, standing, problems, late, notesOnly }) => ({
    question: 'q',
    at: 0,
    answers: answers.map(({ title, question, said, project, provider, model, status, at, likeness, repeats }) => ({
      conversation: { id: 'c_0123456789abcdef', title, source: 'codex' as const, ...(project !== undefined && { project }) },
      question: { key: 'q', ...(at !== undefined && { at }), text: question },
      answer: {
        key: 'a',
        ...(at !== undefined && { at }),
        text: said,
        ...(provider !== undefined && { provider }),
        ...(model !== undefined && { model }),
        status: status as 'complete',
      },
      likeness,
      repeats,
    })),
    notes: notes.map((one) => ({ ...one, likeness: 0.7 })),
    runbooks: runbooks.map((title) => ({ name: 'claude-api-down', title })),
    ...(standing && { standing }),
    searched: { messages: 3, notes: 1, late, notesOnly },
    problems,
  }));

describe('what the desk says', () => {
  it('has no line that is neither the label, nor ours, nor quoted under its source', () => {
    fc.assert(
      fc.property(desk, (said) => {
        expect(unlabelled(deskText(said))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('is known again as the desk’s own', () => {
    fc.assert(
      fc.property(desk, (said) => {
        expect(isDeskText(`\n ${deskText(said)}`)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('says that nothing was found, and what can be done, where there is nothing', () => {
    const all = deskText({
      question: 'q',
      at: 0,
      answers: [],
      notes: [],
      runbooks: [],
      searched: { messages: 12, notes: 0, late: false, notesOnly: false },
      problems: [],
    });
    expect(all).toContain('\nNothing similar was found in 12 messages and titles on this machine.\n');
    expect(all).toContain('\nWhat can be done now:\n');
  });

  it('quotes word for word, but for what steers a terminal', () => {
    const said = fc.sample(desk, { numRuns: 1, seed: 1 })[0]!;
    const one = {
      conversation: { id: 'c_1', title: 'T', source: 'chatgpt' as const },
      question: { key: 'q', text: 'How?' },
      answer: {
        key: 'a',
        at: Date.UTC(2026, 5, 2),
        text: 'First\n\n\tthen `x`\u001b[2J',
        model: 'gpt',
        provider: 'openai',
        status: 'complete' as const,
      },
      likeness: 0.9,
      repeats: 0,
    };
    const all = deskText({ ...said, answers: [one], notes: [] });
    expect(all).toContain('2026-06-02, conversation c_1; «T»; from chatgpt; answered by «gpt», «openai».');
    expect(all).toContain('The answer then:\n> First\n>\n>     then `x`[2J');
  });

  it('the check itself finds what is wrong', () => {
    const good = deskText({
      question: '',
      at: 0,
      answers: [],
      notes: [],
      runbooks: [],
      searched: { messages: 1, notes: 0, late: false, notesOnly: false },
      problems: [],
    });
    expect(unlabelled(good)).toEqual([]);
    expect(unlabelled(good.replace('What can', 'I think that you can'))).not.toEqual([]);
    expect(unlabelled(good.replace('\n\n', '\n> a claim without a source\n\n'))).not.toEqual([]);
    expect(unlabelled(good.slice(1))).not.toEqual([]);
  });
});
