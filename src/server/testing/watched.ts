import type { Incident } from '../../watch/incident.ts';
import type { QuestionName, Questions } from '../../watch/questions.ts';
import type { ServerPorts } from '../ports.ts';

const AT = Date.UTC(2026, 5, 2, 6, 20);

/** An incident with everything that one can have. */
export const INCIDENT: Incident = {
  id: 'i_0000000000000000',
  kind: 'incident',
  title: 'Elevated errors on <Opus 4.6>',
  products: ['anthropic/api'],
  models: ['claude-opus-4-6'],
  severity: 'major',
  phase: 'identified',
  startedAt: AT - 900_000,
  firstSeenAt: AT - 600_000,
  endedAt: AT,
  endSeenAt: AT,
  updates: [
    {
      at: AT - 900_000,
      seenAt: AT - 600_000,
      phase: 'investigating',
      text: 'We are looking into it.',
      source: { type: 'page', page: 'anthropic', id: 'zkr', url: 'https://status.example/zkr' },
      before: [{ text: 'All is well.', phase: 'monitoring', at: AT - 950_000, seenUntil: AT - 600_000 }],
      removedAt: AT,
    },
  ],
  sources: [
    { type: 'own', product: 'anthropic/api' },
    { type: 'hand', by: 'ops' },
  ],
};

/** A watch that knows of one outage. */
export function oneOutage(): ServerPorts['watch'] {
  const answers: { [Name in QuestionName]: Questions[Name]['answer'] } = {
    board: {
      at: AT,
      judgements: [
        {
          key: 'anthropic/api',
          title: 'Claude API',
          verdict: 'down',
          since: AT - 900_000,
          scope: 'everyone',
          score: 6,
          evidence: [
            {
              kind: 'own',
              weight: 4,
              at: AT,
              text: '6 of the last 20 requests failed',
              source: 'anthropic/m',
              url: 'https://status.example/',
            },
          ],
          summary: 'Claude API has been down for everyone since 06:05 UTC',
        },
      ],
      incidents: [INCIDENT],
      pages: [
        { page: 'anthropic', url: 'https://status.example', family: 'statuspage', state: 'unknown', readAt: 1, triedAt: 2, problem: '403' },
      ],
    },
    report: { ok: true, value: { state: 'kept' } },
    alerts: { alerts: [], log: [], channels: ['desktop', 'bell'] },
    alertTest: { ok: true, value: { took: 3 } },
    alertAnswer: { ok: true, value: { title: 'Claude API is down', product: 'anthropic/api' } },
    alertAsks: 'Claude API is down',
    incidents: { incidents: [INCIDENT], next: '1.i' },
    incident: INCIDENT,
    post: { ok: true, value: INCIDENT },
    add: { ok: true, value: INCIDENT },
    published: {
      title: 'Ours',
      address: 'http://h/status/',
      board: { at: AT, judgements: [], incidents: [], pages: [] },
      bars: {},
      incidents: [INCIDENT],
    },
    grades: [
      {
        page: 'anthropic',
        outages: 1,
        told: 1,
        medianLag: 5,
        slowLag: 5,
        resolvedEarly: 0,
        belittled: 0,
        shortened: 0,
        rewritten: 0,
        score: { early: 1, complete: 1, honest: 1, all: 1 },
        letter: 'E',
        summary: 'told of 1 of 1',
      },
    ],
    check: {
      readiness: {
        answer: 'with-backup',
        summary: 'Go ahead through Understudy.',
        at: AT,
        until: AT + 7_200_000,
        products: [
          { key: 'anthropic/api', title: 'Claude API', verdict: 'down', summary: 'It is down', incidents: [INCIDENT], planned: [] },
        ],
        routes: [{ pattern: 'default', targets: [{ target: 'openai/gpt-5.6', state: 'ready', why: 'its last requests succeeded' }] }],
      },
    },
  };
  return { ask: (asked) => Promise.resolve({ ok: true, value: answers[asked] } as never) };
}
