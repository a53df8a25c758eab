import type { DeskAnswer } from '../../offline/desk.ts';
import type { Questions } from '../../offline/messages.ts';
import type { ShownRunbook } from '../../offline/runbook/runbook-book.ts';
import type { ServerPorts } from '../ports.ts';

const AT = Date.UTC(2026, 5, 2, 6, 20);

/** A runbook with everything that one can have. */
const RUNBOOK: ShownRunbook = {
  name: 'claude-api-down',
  title: 'The Claude API is down',
  products: ['claude api'],
  verdicts: ['down', 'degraded'],
  scopes: ['everyone'],
  path: '/runbooks/claude-api-down.md',
  isOurs: true,
  text: '- [ ] Look at the board',
  items: [{ line: 0, text: 'Look at the board', doneAt: AT }],
  incident: { id: 'i_0000000000000000', title: 'Elevated errors' },
};

const ANSWER: DeskAnswer = {
  question: 'How was it?',
  at: AT,
  answers: [
    {
      conversation: { id: 'c_0000000000000000', title: 'How it was', source: 'codex', project: '/work' },
      question: { key: 'q', at: AT, text: 'How was it then?' },
      answer: { key: 'a', at: AT, text: 'Well.', provider: 'openai', model: 'gpt-5.6', status: 'complete' },
      likeness: 0.8,
      repeats: 1,
    },
  ],
  notes: [{ path: '/notes/a.md', line: 3, heading: 'A > B', text: '## B', modified: AT, likeness: 0.7 }],
  runbooks: [{ name: 'claude-api-down', title: 'The Claude API is down' }],
  standing: ['Claude API has been down for everyone since 06:05 UTC'],
  searched: { messages: 2, notes: 1, late: false, notesOnly: false },
  problems: ['A note is left out: /notes/b.md: it is no text.'],
  text: 'All of it.',
};

/** An offline desk that has one of each. */
export function oneOfEach(): ServerPorts['offline'] {
  const answers: { [Name in keyof Questions]: Questions[Name]['answer'] } = {
    search: { answers: ANSWER.answers, notes: ANSWER.notes, messages: 2, late: false, problems: [] },
    runbooks: { runbooks: [RUNBOOK], problems: ['june.md, line 3: when.verdict is none of down, degraded, over'] },
    tick: { ok: true, value: RUNBOOK },
  };
  return {
    desk: { answer: () => Promise.resolve(ANSWER) },
    ask: (question) => Promise.resolve({ ok: true, value: answers[question] } as never),
  };
}
