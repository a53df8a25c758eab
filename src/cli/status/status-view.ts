import { plain } from '../../failover/caps.ts';
import { AGENT_TURN, dollarsText } from '../../failover/turn-price.ts';
import { HERE } from '../../failover/route.ts';
import type { BreakerState, TargetStatus } from '../../health/health.ts';
import type { StatusReport } from '../../server/ports.ts';
import { counted } from '../counted.ts';
import { durationText } from '../duration-text.ts';
import { roomText } from './room-text.ts';
import { table } from '../table.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { flowed, shown, wrapped } from '../wrap.ts';

type Screen = Pick<Terminal, 'paint' | 'width'>;
type Word = TargetStatus['verdict'] | 'unproven' | 'set aside';

const PAINTS: Record<Word, keyof Paint> = {
  operational: 'good',
  degraded: 'warn',
  down: 'bad',
  unknown: 'dim',
  unproven: 'warn',
  'set aside': 'bad',
};

/** The state of a running Understudy, for people. `now`: UTC milliseconds. */
export function statusLines(report: StatusReport, now: number, { paint, width }: Screen): string[] {
  const { journal } = report;
  return [
    ...wrapped(
      `Understudy ${report.version} at ${report.address}, up ${durationText(Math.max(0, now - report.startedAt))}, ${counted(report.running, 'answer')} under way`,
      width,
      '  ',
    ),
    ...wrapped(
      `Data in ${report.data}: ${journal.type === 'saving' ? 'saving' : `not saving: ${journal.reason}. ${journal.action}`}`,
      width,
      '  ',
    ).map(journal.type === 'saving' ? paint.good : paint.bad),
    ...spendLines(report.spend, width),
    ...deferredLines(report.deferred, width).map(paint.warn),
    ...spanLines(report.spans, width),
    ...localStatusLines(report.local, width),
    ...drillLines(report.drill, now, width),
    ...report.notices.flatMap((notice) => wrapped(`! ${notice}`, width, '  ').map(paint.warn)),
    '',
    ...(report.targets.length === 0 ? ['No target has been asked yet.'] : targetLines(report.targets, now, { paint, width })),
    ...awayLines(report.away, width),
    ...(report.routes.length === 0 ? [] : ['', ...routeLines(report.routes, { paint, width })]),
  ];
}

/** Who found by itself may receive what is asked is said where everything is. */
function localStatusLines(local: StatusReport['local'], width: number): string[] {
  if (!local) return [];
  const services = local.services.map(({ title, models }) => `${title} (${counted(models, 'model')})`).join(', ');
  const uses = local.routes.map(
    ({ route, targets }) => `${route}: ${targets[0]}${targets.length > 1 ? ` or ${targets.length - 1} more` : ''}`,
  );
  return wrapped(
    `On this machine: ${services}. ${uses.length === 0 ? 'No route leads there' : `Last of ${uses.join('; ')}`} (understudy local).`,
    width,
    '  ',
  );
}

/** How ready the backups were when somebody last looked: a backup that was never tried is a hope. */
function drillLines(drill: StatusReport['drill'], now: number, width: number): string[] {
  if (!drill) return [];
  const days = Math.floor((now - drill.at) / (24 * 60 * 60_000));
  const when = days < 1 ? 'today' : days === 1 ? 'a day ago' : `${days} days ago`;
  return wrapped(`Last drill on your routes: ${when}, readiness ${drill.score} of 100 (understudy drill --on my-routes).`, width, '  ');
}

function deferredLines(waiting: number, width: number): string[] {
  if (waiting === 0) return [];
  const wait = waiting === 1 ? 'waits' : 'wait';
  return wrapped(`${counted(waiting, 'request')} could not be answered and ${wait} for somebody: understudy queue`, width, '  ');
}

function targetLines(targets: readonly TargetStatus[], now: number, { paint, width }: Screen): string[] {
  const right = 'right' as const;
  const left = [{ title: 'target' }, { title: 'verdict' }, { title: 'breaker' }, { title: 'ok/failed', align: right }];
  const limits = [{ title: 'first words', align: right }, { title: 'idle', align: right }, { title: 'limits' }];
  const about = targets.map((target) => {
    const word = verdictWord(target);
    return [target.target, paint[PAINTS[word]](word), breakerText(target.breaker, now), `${target.successes}/${target.failures}`];
  });
  const waits = targets.map(({ limits: { firstEvent, idle, source } }) => [durationText(firstEvent), durationText(idle), source]);
  const full = table(
    [...left, ...limits],
    about.map((row, index) => [...row, ...waits[index]!]),
  );
  const fits = full.every((line) => shown(line) <= width);
  const narrow = table(left, about);
  const [head, rule, ...rows] = fits ? full : narrow;
  // Where not even that fits, a target has lines of its own: a table whose rows are broken is none.
  const blocks = !fits && narrow.some((line) => shown(line) > width);
  const lines = blocks ? [] : [head!, rule!];
  targets.forEach((target, index) => {
    if (blocks) lines.push(...blockLines(target, about[index]!, width));
    else lines.push(rows[index]!);
    const [firstWords, idle, source] = waits[index]!;
    if (!fits) lines.push(`  first words ${firstWords}, idle ${idle}, limits ${source}`);
    for (const room of roomText(target, now)) lines.push(...wrapped(`  ${room}`, width, '  '));
    const said = [...target.reasons.map(plainly), ...(target.mark && !isSaid(target) ? [markText(target.mark, now)] : [])];
    if (said.length > 0) lines.push(...wrapped(`  ${said.join('; ')}`, width, '  '));
    lines.push(...passedLines(target, width).map(paint.warn));
  });
  const legend = [
    'breaker: closed = asked as usual, suspect = watched, open = passed over, half-open = on trial.',
    'first words, idle: the longest waits; limits prior = a cautious guess, learned = from its own answers.',
    ...(targets.some((target) => verdictWord(target) === 'unproven') ? ['unproven: asked, and it has only failed so far.'] : []),
    ...(targets.some((target) => verdictWord(target) === 'set aside')
      ? ['set aside: its key, quota or model was refused, and it is not asked until then.']
      : []),
  ];
  return [...lines, ...wrapped(legend.join(' '), width).map(paint.dim)];
}

function passedLines({ passedOver = [] }: TargetStatus, width: number): string[] {
  return passedOver.flatMap(({ routes, reason }) =>
    wrapped(`  passed over now on ${routes.length === 1 ? 'route' : 'routes'} ${routes.join(', ')}: ${reason}`, width, '  '),
  );
}

function blockLines(
  { target, successes, failures }: TargetStatus,
  [, verdict = '', breaker = '']: readonly string[],
  width: number,
): string[] {
  return [
    ...wrapped(`${target}  ${verdict}`, width, '  '),
    ...wrapped(`  breaker ${breaker}; ${successes} answered, ${failures} failed`, width, '  '),
  ];
}

/** Nothing goes anywhere unsaid. */
function spanLines(spans: StatusReport['spans'], width: number): string[] {
  if (!spans) return [];
  const lost = spans.dropped === 0 ? '' : `, ${spans.dropped} dropped`;
  return wrapped(`Spans (times and names, no content) go to ${spans.to}: ${spans.exported} sent${lost}.`, width, '  ');
}

/** Who wonders why a backup is still asked, though its lead is well, finds it here. */
function awayLines(away: StatusReport['away'], width: number): string[] {
  const said = Object.entries(away).map(([target, number]) => `${counted(number, 'conversation')} with ${target}`);
  if (said.length === 0) return [];
  return ['', ...wrapped(`Away from their lead until a turn begins and it has been well for a while: ${said.join(', ')}.`, width, '  ')];
}

function isSaid({ mark, reasons }: TargetStatus): boolean {
  return mark !== undefined && reasons.some((reason) => reason.includes(mark.reason));
}

/**
 * Nothing speaks for a target that has only failed, even if too seldom for its breaker to open; and one whose key or model was refused is
 * not asked, however well its provider is.
 */
function verdictWord({ verdict, successes, failures, mark }: TargetStatus): Word {
  if (verdict === 'operational' && successes === 0 && failures > 0) return 'unproven';
  return mark && verdict !== 'down' ? 'set aside' : verdict;
}

/** `closed` is a breaker's word here; as a symptom it is said of the connection. */
function plainly(reason: string): string {
  return reason.replace(/(?<=[:,] )(?:closed|refused|reset)\b/g, 'connection $&');
}

function routeLines(routes: StatusReport['routes'], { paint, width }: Screen): string[] {
  const pattern = Math.max('route'.length, ...routes.map((route) => route.pattern.length));
  const indent = ' '.repeat(pattern + 2);
  return [
    `${'route'.padEnd(pattern)}  targets in order`,
    `${'-'.repeat(pattern)}  ----------------`,
    ...routes.flatMap((route) => {
      const allowed = (target: string): boolean => target === HERE || mayReceive(route, target.slice(0, target.indexOf('/')));
      const targets = route.targets.map((target) => (allowed(target) ? target : paint.dim(`(${target})`)));
      const rules = [
        ...(route.allow === undefined ? [] : [`only ${route.allow.join(', ') || 'nobody'}`]),
        ...(route.never.length === 0 ? [] : [`never ${route.never.join(', ')}`]),
        ...(route.save ? [] : ['nothing is saved']),
      ];
      return [
        ...flowed([`${route.pattern.padEnd(pattern)}  ${targets[0] ?? 'nobody'}`, ...targets.slice(1)], ' → ', width, indent),
        ...turnLine(route.turns, indent, width).map(paint.dim),
        ...(rules.length === 0
          ? []
          : wrapped(
              `${indent}${rules.join('; ')}${route.targets.every(allowed) ? '' : '; those in brackets are not asked'}`,
              width,
              indent,
            ).map(paint.warn)),
      ];
    }),
  ];
}

function spendLines(caps: StatusReport['spend'], width: number): string[] {
  return caps
    .filter(({ spent, underWay }) => spent + underWay > 0)
    .flatMap(({ who, spent, underWay, dollars, per, setting }) => {
      const more = underWay > 0 ? `, about $${underWay.toFixed(2)} more under way` : '';
      return wrapped(`${who} cost $${spent.toFixed(2)} of $${plain(dollars)} a ${per}${more} (${setting}).`, width, '  ');
    });
}

/** What it would cost to go there in the middle of an agent's work. */
function turnLine(turns: StatusReport['routes'][number]['turns'], indent: string, width: number): string[] {
  if (turns === undefined || turns.length === 0) return [];
  const each = turns.map(({ target, dollars }) => `${dollarsText(dollars)} at ${target}`);
  return wrapped(`${indent}a turn of ${AGENT_TURN / 1000}k tokens without a cache: about ${each.join(', ')}`, width, indent);
}

function mayReceive({ allow, never }: StatusReport['routes'][number], provider: string): boolean {
  return (allow === undefined || allow.includes(provider)) && !never.includes(provider);
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
