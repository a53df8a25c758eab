import type { AlertOverview, ToldAlert } from '../../watch/alerts/alerts.ts';
import { durationText } from '../duration-text.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';

type Screen = Pick<Terminal, 'width' | 'paint'>;

/** Lines of the log under the alerts: what went wrong lately is among them. */
const LOGGED = 8;

export function alertLines({ alerts, log, channels, quietUntil }: AlertOverview, now: number, screen: Screen): string[] {
  const { paint, width } = screen;
  const quiet = quietUntil === undefined ? [] : [paint.warn(`Quiet until ${moment(quietUntil)}: what there is to tell is told then.`), ''];
  if (alerts.length === 0 && log.length === 0)
    return [...quiet, ...wrapped(`Nobody was told of anything yet. Channels: ${channels.join(', ')}.`, width, '')];
  return [
    ...quiet,
    ...alerts.flatMap((alert) => [...oneAlert(alert, now, screen), '']),
    ...(log.length === 0 ? [] : [paint.bold('What was sent')]),
    ...log.slice(0, LOGGED).flatMap(({ at, channel, message, outcome, problem }) => {
      const why = problem === undefined ? '' : `: ${problem}`;
      const line = `  ${moment(at)}  ${outcome.padEnd(7)}  ${channel}  «${message}»${why}`;
      return wrapped(outcome === 'sent' ? line : paint.warn(line), width, ' '.repeat(4));
    }),
  ];
}

function oneAlert({ id, state, title, lines, began, ended, answer, channels }: ToldAlert, now: number, { paint, width }: Screen): string[] {
  const span = durationText((ended ?? now) - began);
  const head = `${state === 'open' ? paint.bad('open') : paint.good('over')}  ${title}`;
  const told = channels.map(({ channel, told: kind, waitingUntil, refused }) => {
    if (refused) return `${channel} (refused it)`;
    if (waitingUntil !== undefined) return `${channel} (waits until ${moment(waitingUntil)})`;
    return kind === undefined ? `${channel} (not yet)` : channel;
  });
  const said = answer === undefined ? '' : ` You said that it ${answer.failing ? 'fails' : 'works'} for you.`;
  return [
    ...wrapped(head, width, '      '),
    ...wrapped(`      ${id}, ${state === 'open' ? 'for' : 'lasted'} ${span}, since ${moment(began)}.${said}`, width, '      ').map(
      paint.dim,
    ),
    ...(state === 'open' ? lines.flatMap((line) => wrapped(`      ${line}`, width, '      ')) : []),
    ...wrapped(`      told: ${told.join(', ')}`, width, '      ').map(paint.dim),
  ];
}

/** `2 Jun 06:05`, this machine's time. */
function moment(at: number): string {
  return new Date(at)
    .toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .replace(',', '');
}
