import type { ExchangeSummary } from '../../journal/journal.ts';
import { clockText } from '../clock-text.ts';
import { answeredBy, switchIn } from '../run/switch-seen.ts';
import type { Paint } from '../terminal.ts';

/** What a status line has room for: who answers, since when, and the last switch. `exchanges`: newest first. */
export function statuslineText(exchanges: readonly ExchangeSummary[], session: string | undefined, paint: Paint): string {
  // Before its first question a session has none; then what others saw is worth knowing.
  const own = exchanges.filter((exchange) => session !== undefined && exchange.session === session);
  const seen = own.length > 0 ? own : exchanges;
  const [newest] = seen;
  if (newest === undefined) return `${paint.good('●')} Understudy`;
  if (newest.state === 'failed') return `${paint.bad('●')} Understudy: nobody could answer at ${shortClock(newest.at)} (understudy status)`;

  const answered = seen.flatMap((exchange) => {
    const by = answeredBy(exchange);
    return by === undefined ? [] : [{ by, at: exchange.at }];
  });
  const [last] = answered;
  if (last === undefined) return `${paint.good('●')} Understudy`;
  const change = answered.findIndex(({ by }) => providerOf(by) !== providerOf(last.by));
  const since = answered[change < 0 ? answered.length - 1 : change - 1]!.at;
  const switches = seen.flatMap((exchange) => switchIn(exchange) ?? []);
  const [switched] = switches;
  const standsIn = switched !== undefined && switched.to === last.by && switched.at >= since;
  const who = `${paint[standsIn ? 'warn' : 'good']('●')} ${last.by} ${standsIn ? 'stands in' : 'answers'} since ${shortClock(since)}`;
  if (switched === undefined) return who;
  const why = switched.why === '' ? '' : `: ${switched.why}`;
  return `${who} ${paint.dim(`· ${shortClock(switched.at)} ${switched.from} → ${switched.to}${why}`)}`;
}

function shortClock(at: number): string {
  return clockText(at).slice(0, 5);
}

function providerOf(target: string): string {
  return target.slice(0, target.indexOf('/'));
}
