/** A small archive of invented questions; the fixture archive is measured by `npm run test:offline`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchivedMessage } from '../../archive/conversation.ts';
import { putInto } from '../../archive/store/put.ts';
import { said, testArchives } from '../../archive/store/testing/archives.ts';
import { systemClock } from '../../exchange/clock.ts';
import { LABEL } from '../label.ts';
import { type EarlierAnswers, earlierAnswersIn } from './earlier-answers.ts';
import { CLOSE } from './likeness.ts';

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const archives = testArchives();
let answers: EarlierAnswers;

/** key: question, answer. */
const TALKS: Record<string, [question: string, answer: string]> = {
  tz: ['How do I convert a UTC timestamp to local time in Python?', 'Use datetime.astimezone() with the zone of the user.'],
  docker: [
    'Why does my Docker container exit right after it starts?',
    'Its main process ends. Run it in the foreground, or look at docker logs.',
  ],
  rebase: ['How can I squash the last three commits into one with git?', 'git rebase -i HEAD~3, then mark the later two as squash.'],
  nginx: [
    'nginx returns 502 Bad Gateway behind my Node app',
    'The upstream closed the connection: keepAliveTimeout is shorter than that of nginx.',
  ],
  index: ['Which index makes this Postgres query on created_at faster?', 'A btree index on (tenant_id, created_at DESC) fits the query.'],
  csv: ['Parse a CSV file with quoted newlines in TypeScript', 'Split it with a real parser: a regular expression does not know quotes.'],
  invoice: [
    'Schreibe eine freundliche Zahlungserinnerung an einen Kunden',
    'Sehr geehrte Frau Muster, vielleicht ist unsere Rechnung untergegangen …',
  ],
  soup: ['A recipe for lentil soup without onions', 'Red lentils, carrots, cumin, lemon. Simmer for 20 minutes.'],
  backup: ['数据库备份怎么自动化', '用 cron 每晚运行 pg_dump，并保留七天。'],
  leak: [
    'The memory of our Node service grows without end, how do I find the leak?',
    'Take two heap snapshots and compare what was retained.',
  ],
  mail: ['Set up SPF and DKIM for our mail domain', 'Publish a TXT record for SPF, and the public key for DKIM under its selector.'],
  tls: ['Renew the TLS certificate with certbot automatically', 'certbot renew in a systemd timer; reload nginx afterwards.'],
  regex: ['Write a regex that matches an ISO date', String.raw`\d{4}-\d{2}-\d{2}, and check the month apart.`],
  react: ['React component renders twice in development', 'StrictMode does that on purpose; production renders once.'],
  cors: ['The browser blocks my fetch because of CORS', 'The API has to answer the preflight with Access-Control-Allow-Origin.'],
  interview: ['Prepare questions for an interview with a data engineer', 'Ask for a pipeline that failed, and how it was noticed.'],
};

beforeAll(() => {
  const archive = archives.archiveIn();
  const putting = putInto(archive);
  Object.entries(TALKS).forEach(([key, [question, answer]], index) => {
    const at = NOW - (index + 1) * 10 * DAY;
    const messages: ArchivedMessage[] = [
      said('q', question, { at }),
      said('a', answer, { role: 'assistant', parent: 'q', at: at + 1000, producer: { provider: 'anthropic', model: 'claude-x' } }),
    ];
    putting.conversation({ source: 'understudy', key, title: question, createdAt: at, updatedAt: at, project: '/work/app' }, messages);
  });
  const agent: ArchivedMessage[] = [
    said('q', 'Fix the flaky websocket test <system-reminder>answer in JSON</system-reminder>', { at: NOW }),
    said('w', 'Let me look.', { role: 'assistant', parent: 'q' }),
    { key: 't', role: 'tool', parent: 'w', status: 'complete', parts: [] },
    said('a', 'The test waited for the wrong event; it now waits for open.', { role: 'assistant', parent: 't' }),
    said('n', 'Thanks, now bump the version', { parent: 'a' }),
    said('b', 'Bumped to 2.1.0.', { role: 'assistant', parent: 'n' }),
  ];
  putting.conversation({ source: 'claude-code', key: 'agent', title: 'Flaky test', updatedAt: NOW, project: '/work/socket' }, agent);
  for (const [key, project, at] of [
    ['twice', '/work/one', NOW - DAY],
    ['again', '/work/two', NOW - 200 * DAY],
  ] as const)
    putting.conversation({ source: 'codex', key, title: 'Port', updatedAt: at, project }, [
      said('q', 'Which port does the gateway listen on?', { at }),
      said('a', 'It listens on 4141.', { role: 'assistant', parent: 'q', at }),
    ]);
  putting.conversation({ source: 'codex', key: 'other', title: 'Port', updatedAt: NOW - 100 * DAY, project: '/work/two' }, [
    said('q', 'Which port does the gateway listen on?', { at: NOW - 100 * DAY }),
    said('a', 'On 8080, since the proxy moved.', { role: 'assistant', parent: 'q', at: NOW - 100 * DAY }),
  ]);
  const alone: [key: string, more: Partial<ArchivedMessage>, text: string][] = [
    ['desk', {}, `${LABEL}\n\nNothing similar was found.`],
    ['cut', { status: 'interrupted' }, 'Quinces want'],
  ];
  for (const [key, more, text] of alone)
    putting.conversation({ source: 'understudy', key, title: 'Quinces', updatedAt: NOW }, [
      said('q', 'How are quinces stored over the winter?', { at: NOW }),
      said('a', text, { role: 'assistant', parent: 'q', at: NOW, ...more }),
    ]);
  putting.conversation({ source: 'understudy', key: 'silence', title: 'Medlars', updatedAt: NOW }, [said('q', 'How are medlars bletted?')]);
  putting.conversation({ source: 'understudy', key: 'title', title: 'Medlars', updatedAt: NOW, purpose: 'title' }, [
    said('q', 'How are medlars bletted?'),
    said('a', 'Bletting medlars', { role: 'assistant', parent: 'q' }),
  ]);
  answers = earlierAnswersIn(archive, { ...systemClock, now: () => NOW });
});
afterAll(() => archives.clear());

function ask(question: string, project?: string) {
  return answers.find({ question, limit: 3, patience: 10_000, ...(project !== undefined && { project }) }).answers;
}

describe('a similar question finds its earlier answer first', () => {
  it.each([
    ['tz', 'how to turn UTC timestamps into local time with python'],
    ['docker', 'my docker container stops immediately after starting'],
    ['rebase', 'squash my last 3 git commits'],
    ['nginx', '502 bad gateway from nginx in front of node'],
    ['index', 'make the postgres query on created_at faster'],
    ['csv', 'typescript: parsing CSV with newlines inside quotes'],
    ['invoice', 'Zahlungserinnerung für Kunden schreiben'],
    ['soup', 'lentil soup recipe, no onions please'],
    ['backup', '如何自动备份数据库'],
    ['leak', 'find a memory leak in a node service'],
    ['mail', 'how do we configure DKIM and SPF'],
    ['tls', 'automatic renewal of TLS certificates (certbot)'],
    ['regex', 'regex for ISO dates'],
    ['react', 'why does my react component render two times'],
    ['cors', 'fetch blocked by CORS in the browser'],
    // Mistyped, and in another language with words in common.
    ['docker', 'dokcer contianer exits rigth after start'],
    ['leak', 'memroy leak in our nodde service'],
    ['rebase', 'git: die letzten drei commits zu einem squash'],
    ['backup', 'automate the database backup'],
    ['agent', 'the websocket test is flaky'],
  ])('%s: %s', (key, question) => {
    const [first] = ask(question);
    expect(
      first && [first.question.text.includes('websocket') ? 'agent' : keyOf(first.question.text), first.answer.text === TALKS[key]?.[1]],
    ).toEqual([key, key !== 'agent']);
  });

  function keyOf(question: string): string | undefined {
    return Object.keys(TALKS).find((key) => TALKS[key]?.[0] === question);
  }
});

describe('what is not there is not found', () => {
  it.each([
    'What is the capital of Peru?',
    'Write a poem about the sea',
    'How do I bake bread without yeast?',
    'Configure a Kubernetes ingress controller',
    'Wie melde ich mein Auto um?',
    '怎么做红烧肉',
    'How are medlars bletted?',
    'Translate this letter into French',
    'Which laptop is good for games?',
    'Set the wallpaper on my phone',
  ])('%s', (question) => expect(ask(question)).toEqual([]));

  it('what shares a few words with another question is at most loosely similar', () => {
    for (const question of [
      'Convert a Java class to Kotlin in our service',
      'Which git client has the best diff?',
      'Prepare a picnic for ten people',
      'Renew my passport automatically',
      'The browser forgets my password',
    ])
      for (const { likeness } of ask(question))
        expect([question, likeness]).toEqual([question, expect.toSatisfy((value: number) => value < CLOSE)]);
  });
});

describe('what is shown', () => {
  it('is the last word of an agent’s turn, and no more of the conversation', () => {
    const [found] = ask('fix the flaky websocket test');
    expect(found?.question.text).toBe('Fix the flaky websocket test');
    expect(found?.answer).toMatchObject({ key: 'a', text: 'The test waited for the wrong event; it now waits for open.' });
  });

  it('says who answered, when and where', () => {
    expect(ask('regex for an ISO date')[0]).toMatchObject({
      conversation: { source: 'understudy', project: '/work/app', title: 'Write a regex that matches an ISO date' },
      answer: { provider: 'anthropic', model: 'claude-x', status: 'complete', at: NOW - 130 * DAY + 1000 },
    });
  });

  it('is told once where question and answer are the same, and twice where the answer is another', () => {
    const found = ask('which port does the gateway listen on');
    expect(found.map(({ answer, repeats }) => [answer.text, repeats])).toEqual([
      ['It listens on 4141.', 1],
      ['On 8080, since the proxy moved.', 0],
    ]);
  });

  it('is of the same folder first, else the newest', () => {
    expect(ask('which port does the gateway listen on', '/work/two')[0]?.conversation.project).toBe('/work/two');
    expect(ask('which port does the gateway listen on', '/work/one/src')[0]?.conversation.project).toBe('/work/one');
  });

  it('is never the desk’s own text, but may be an answer that was cut', () => {
    expect(ask('how to store quinces over winter').map(({ answer }) => [answer.text, answer.status])).toEqual([
      ['Quinces want', 'interrupted'],
    ]);
  });

  it('is nothing for no question, and stops when the time is up', () => {
    expect(ask('')).toEqual([]);
    expect(ask('???')).toEqual([]);
    expect(answers.find({ question: 'gateway port', limit: 3, patience: -1 })).toMatchObject({ answers: [], late: true });
  });
});
