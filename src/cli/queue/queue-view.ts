import type { PlacedJob, QueueOverview } from '../../server/queue/queue-port.ts';
import { counted } from '../counted.ts';
import { durationText } from '../duration-text.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

type Screen = Pick<Terminal, 'paint' | 'width'>;

/** What waits, in order, and how much else there is. */
export function queueLines({ counts, oldest, jobs, next }: QueueOverview, now: number, { paint, width }: Screen): string[] {
  const { waiting = 0, running = 0, answered = 0, failed = 0, expired = 0, cancelled = 0 } = counts;
  const over = [
    [answered, 'answered'],
    [failed, 'could not be answered'],
    [expired, 'expired'],
    [cancelled, 'cancelled'],
  ].flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  const past = over.length === 0 ? '' : ` Of those before: ${over.join(', ')}.`;
  const head =
    waiting + running === 0
      ? `Nothing waits.${past}`
      : `${counted(waiting, 'request')} ${waiting === 1 ? 'waits' : 'wait'}${oldest === undefined ? '' : `, the oldest for ${durationText(now - oldest)}`}; ${running} ${running === 1 ? 'is' : 'are'} being asked.${past}`;
  const lines = wrapped(head, width);
  if (jobs.length === 0) return lines;
  const rows = jobs.map((job) => [
    job.place === undefined ? '' : String(job.place),
    job.exchange,
    job.state,
    job.priority,
    job.model,
    job.endedAt === undefined ? durationText(now - job.keptAt) : `${durationText(now - job.endedAt)} ago`,
  ]);
  const titles = ['', 'id', 'state', 'priority', 'model', 'since'];
  lines.push(
    '',
    ...table(
      titles.map((title) => ({ title, ...(title === '' && { align: 'right' as const }) })),
      rows,
      width,
    ),
  );
  if (next !== undefined) lines.push(paint.dim('There are more: GET /api/queue shows them all.'));
  return lines;
}

/** One of them, in words. */
export function jobLines(job: PlacedJob, now: number, { paint, width }: Screen): string[] {
  const { exchange, state, priority, model, route, attempts, reason, place, deadline, notBefore, keptAt, endedAt, run } = job;
  const said: string[] = [`${exchange}: ${paint.bold(state)}`];
  said.push(`${model}, by the route ${route}; priority ${priority}; kept ${durationText(now - keptAt)} ago.`);
  if (state === 'waiting') {
    said.push(`Place ${place ?? 1} in the line. Given up in ${durationText(Math.max(0, deadline - now))} if nobody answers.`);
    if (notBefore > now) said.push(`Not asked again within the next ${durationText(notBefore - now)}, unless somebody is back.`);
  }
  if (attempts > 0)
    said.push(`Asked again ${attempts === 1 ? 'once' : `${attempts} times`}${run === undefined ? '' : `, last as ${run}`}.`);
  if (reason !== undefined && state !== 'answered') said.push(`Last: ${reason}`);
  if (endedAt !== undefined && state === 'answered')
    said.push(`Answered ${durationText(now - endedAt)} ago: GET /api/exchanges/${exchange}/answer`);
  return said.flatMap((line) => wrapped(line, width));
}
