import type { BreakerState, TargetStatus } from '../health/health.ts';
import type { StatusReport } from '../server/ports.ts';
import { counted } from './counted.ts';
import { durationText } from './duration-text.ts';
import { table } from './table.ts';
import type { Paint } from './terminal.ts';

const VERDICT: Record<TargetStatus['verdict'], keyof Paint> = { operational: 'good', degraded: 'warn', down: 'bad', unknown: 'dim' };

/** The state of a running Understudy, for people. `now`: UTC milliseconds. */
export function statusLines(report: StatusReport, now: number, paint: Paint): string[] {
  const lines = [
    `Understudy ${report.version} at ${report.address}, up ${durationText(Math.max(0, now - report.startedAt))}, ${counted(report.running, 'answer')} under way`,
    `Data in ${report.data}: ${report.journal.type === 'saving' ? paint.good('saving') : paint.bad(`not saving: ${report.journal.reason}. ${report.journal.action}`)}`,
    ...report.notices.map((notice) => paint.warn(`! ${notice}`)),
    '',
  ];
  if (report.targets.length === 0) {
    lines.push('No target has been asked yet.');
  } else {
    const rows = report.targets.map((target) => [
      target.target,
      paint[VERDICT[target.verdict]](target.verdict),
      breakerText(target.breaker, now),
      `${target.successes}/${target.failures}`,
      durationText(target.limits.firstEvent),
      durationText(target.limits.idle),
      target.limits.source,
    ]);
    const right = 'right' as const;
    lines.push(
      ...table(
        [
          { title: 'target' },
          { title: 'verdict' },
          { title: 'breaker' },
          { title: 'ok/failed', align: right },
          { title: 'first words', align: right },
          { title: 'idle', align: right },
          { title: 'limits' },
        ],
        rows,
      ),
    );
    for (const target of report.targets) {
      const said = [...target.reasons, ...(target.mark ? [markText(target.mark, now)] : [])];
      if (said.length > 0) lines.push(`  ${target.target}: ${said.join('; ')}`);
    }
  }
  if (report.routes.length > 0) {
    lines.push(
      '',
      ...table(
        [{ title: 'route' }, { title: 'targets in order' }],
        report.routes.map((route) => [route.pattern, route.targets.join(' → ')]),
      ),
    );
  }
  return lines;
}

function breakerText(breaker: BreakerState, now: number): string {
  switch (breaker.type) {
    case 'closed':
    case 'suspect':
    case 'half-open':
      return breaker.type;
    case 'open':
      return breaker.until > now ? `open, tried again in ${durationText(breaker.until - now)}` : 'open, tried with the next request';
  }
}

function markText(mark: NonNullable<TargetStatus['mark']>, now: number): string {
  return mark.until === undefined || mark.until <= now ? mark.reason : `${mark.reason}, for another ${durationText(mark.until - now)}`;
}
