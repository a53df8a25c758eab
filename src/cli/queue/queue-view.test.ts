import { expect, it } from 'vitest';
import { JOB } from '../../queue/job.fixtures.ts';
import type { Paint } from '../terminal.ts';
import { jobLines, queueLines } from './queue-view.ts';

const paint = new Proxy({} as Paint, {
  get:
    () =>
    (text: string): string =>
      text,
});
const screen = { paint, width: 80 };
const NOW = JOB.keptAt + 90 * 60_000;

it('says what waits, for how long, in which order, and what became of the others', () => {
  const counts = { waiting: 2, running: 1, answered: 7, expired: 1 };
  const jobs = [
    { ...JOB, state: 'running' as const },
    { ...JOB, place: 1 },
  ];
  const lines = queueLines({ counts, oldest: JOB.keptAt, jobs, next: JOB.exchange }, NOW, screen);
  expect(lines.join(' ')).toContain('2 requests wait, the oldest for 1 h 30 min; 1 is being asked.');
  expect(lines.join(' ')).toContain('Of those before: 7 answered, 1 expired.');
  expect(lines.at(-1)).toContain('There are more');
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

it('is short when nothing waits', () => {
  expect(queueLines({ counts: {}, jobs: [] }, NOW, screen)).toEqual(['Nothing waits.']);
});

it('tells of one why it waits, where it stands, and how its answer is had', () => {
  const waiting = jobLines({ ...JOB, place: 3, notBefore: NOW + 60_000 }, NOW, screen).join(' ');
  for (const said of ['Place 3 in the line', 'Given up in', 'within the next 1 min', 'Asked again 2 times', 'overloaded'])
    expect(waiting).toContain(said);
  const answered = jobLines({ ...JOB, state: 'answered', endedAt: NOW - 5000 }, NOW, screen).join(' ');
  expect(answered).toContain(`GET /api/exchanges/${JOB.exchange}/answer`);
  expect(answered).not.toContain('overloaded');
});
