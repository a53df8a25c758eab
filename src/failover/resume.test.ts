import { describe, expect, it } from 'vitest';
import { type Asking, questionOf, rewritten } from '../../test/matrix/question.ts';
import { type Experience, runTrial, type Trial } from '../../test/matrix/run-cell.ts';
import type { AnswerEvent } from '../exchange/event.ts';
import { POSITIONS } from '../sim/position.ts';
import type { FaultRule } from '../sim/sim-provider.ts';

const RESPONSES = 'openai-responses';

interface Sent {
  host: string;
  method: string;
  path: string;
  body: string;
}

/** An answer that its client asked for in the background, of a provider that keeps it. */
async function run(content: Asking, faults: FaultRule[], more: Partial<Trial> = {}, fields = {}): Promise<Experience & { sent: Sent[] }> {
  const sent: Sent[] = [];
  const question = rewritten(questionOf(RESPONSES, true, content, 'the-model'), { background: true, store: true, ...fields });
  const experience = await runTrial({
    client: RESPONSES,
    lead: RESPONSES,
    backup: 'openai-chat',
    stream: true,
    content,
    faults,
    question,
    keeps: true,
    sent: (host, body, { method, path }) => void sent.push({ host, method, path, body }),
    ...more,
  });
  return { ...experience, sent };
}

function events({ entries }: Experience): AnswerEvent[] {
  return entries.flatMap((entry) => (entry.type === 'bytes' || entry.type === 'events' ? entry.events : []));
}
const kinds = ({ entries }: Experience) =>
  entries.flatMap((entry) => (entry.type === 'attempt' ? [`${entry.kind} ${entry.target.provider}`] : []));
const joins = ({ entries }: Experience) => entries.flatMap((entry) => (entry.type === 'seam' ? [entry.join] : []));
const brief = ({ sent }: { sent: Sent[] }) => sent.map(({ host, method, path }) => `${host} ${method} ${path.replace(/resp_\w+/, 'ID')}`);

const CUTS = ['reset-edge', 'reset-inside', 'cut-edge', 'cut-inside', 'clean-end', 'half-event-clean-end'];

describe('an answer in the background whose connection is lost', () => {
  it.each(['text', 'thinking', 'tool', 'parallel', 'pondered'] as const)(
    'goes on event by event, none lost, none twice: %s',
    async (content) => {
      const calm = await run(content, []);
      const places = POSITIONS.filter((position) => position !== 'start' && position !== 'body-middle');
      for (const fault of CUTS)
        for (const position of places) {
          const experience = await run(content, [{ fault, position, schedule: { type: 'once' } }]);
          expect({ fault, position, events: events(experience) }).toEqual({ fault, position, events: events(calm) });
          expect(experience.reading).toMatchObject({ finished: true, text: calm.reading.text, calls: calm.reading.calls });
          expect(experience.asked.backup).toBe(0);
        }
    },
  );

  it('goes on from any byte, once it has an id', async () => {
    const calm = await run('parallel', []);
    for (let byte = 3000; byte < 30_000; byte += 397) {
      const experience = await run('parallel', [{ fault: 'reset-edge', position: { byte }, schedule: { type: 'once' } }]);
      expect(events(experience)).toEqual(events(calm));
    }
  });

  it('is asked for by its id and its last event, and the switch is written down', async () => {
    const experience = await run('text', [{ fault: 'reset-edge', position: 'text-middle', schedule: { type: 'once' } }]);
    expect(brief(experience)).toEqual([
      'lead.test POST /v1/responses',
      expect.stringMatching(/^lead\.test GET \/v1\/responses\/ID\?stream=true&starting_after=\d+$/),
    ]);
    expect(kinds(experience)).toEqual(['first lead', 'hop lead']);
    expect(joins(experience)).toEqual(['resume']);
    const ends = experience.entries.flatMap((entry) => (entry.type === 'attempt-end' ? [[entry.ordinal, entry.outcome.type]] : []));
    expect(ends).toEqual([
      [0, 'failed'],
      [1, 'whole'],
    ]);
  });

  it('goes on as often as it takes, as long as something comes each time', async () => {
    const calm = await run('text', []);
    const experience = await run('text', [{ fault: 'reset-edge', position: 'text-middle', schedule: { type: 'ever' } }]);
    expect(events(experience)).toEqual(events(calm));
    expect(joins(experience).length).toBeGreaterThan(3);
    expect(experience.asked.backup).toBe(0);
  });

  it('is asked for again when it falls silent, once at each place', async () => {
    const calm = await run('text', []);
    const once = await run('text', [{ fault: 'stall', position: 'text-middle', schedule: { type: 'once' } }]);
    expect(events(once)).toEqual(events(calm));
    expect(joins(once)).toEqual(['resume']);
    expect(brief(once)).not.toContain('lead.test POST /v1/responses/ID/cancel');
    const again = await run('text', [{ fault: 'stall', position: 'text-middle', schedule: { type: 'times', count: 3 } }]);
    expect(events(again)).toEqual(events(calm));
    expect(again.asked.backup).toBe(0);
  });

  it('is carried on by others where asking again brings nothing', async () => {
    const calm = await run('text', []);
    const silent = await run('text', [
      { fault: 'stall', position: 'text-middle', schedule: { type: 'once' } },
      { fault: 'stall', position: 'start', schedule: { type: 'ever' } },
    ]);
    expect(silent.reading).toMatchObject({ finished: true, text: calm.reading.text });
    expect(brief(silent).filter((line) => line.includes(' GET ')).length).toBe(1);
    expect(brief(silent)).toContain('lead.test POST /v1/responses/ID/cancel');
    expect(kinds(silent).at(-1)).toBe('hop backup');
  });

  it('is carried on by others where the provider does not know it any more, which is told to stop', async () => {
    const calm = await run('text', []);
    const experience = await run('text', [
      { fault: 'reset-edge', position: 'text-middle', schedule: { type: 'once' } },
      { fault: 'reset-edge', position: 'start', schedule: { type: 'ever' } },
    ]);
    expect(experience.reading).toMatchObject({ finished: true, text: calm.reading.text });
    expect(brief(experience).filter((line) => line.includes(' GET ')).length).toBe(3);
    expect(brief(experience)).toContain('lead.test POST /v1/responses/ID/cancel');
    expect(kinds(experience).at(-1)).toBe('hop backup');
  });

  it('is stopped at its provider when its client gives it up', async () => {
    const experience = await run('text', [], { leaveAfter: 1200 });
    expect(brief(experience).at(-1)).toBe('lead.test POST /v1/responses/ID/cancel');
  });
});

describe('what was not asked for in the background', () => {
  const cut: FaultRule = { fault: 'reset-edge', position: 'text-middle', schedule: { type: 'once' } };

  it('is not stored for the sake of it, and not asked for again', async () => {
    for (const [fields, more] of [
      [{ background: false }, {}],
      [{ background: false, store: false }, {}],
      [{}, { keeps: false }],
      [{}, { lead: 'openai-chat' }],
    ] as const) {
      const experience = await run('text', [cut], more, fields);
      expect(experience.sent.every(({ method }) => method === 'POST')).toBe(true);
      expect(experience.reading.finished).toBe(true);
      expect(joins(experience)).not.toContain('resume');
    }
  });
});
