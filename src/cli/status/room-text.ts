import type { TargetStatus } from '../../health/health.ts';
import { durationText } from '../duration-text.ts';

/** What is left of a target's limits, account by account, in one line; none where nothing is known. `now`: UTC milliseconds. */
export function roomText({ rooms = [], concurrency }: Pick<TargetStatus, 'rooms' | 'concurrency'>, now: number): string[] {
  const accounts = new Map<string, string[]>();
  for (const { account, kind, window, limit, remaining, reset } of rooms) {
    const what =
      kind === 'share'
        ? `${Math.round((1 - remaining) * 100)} % of the plan`
        : `${short(remaining)}${limit === undefined ? '' : ` of ${short(limit)}`} ${kind.replace('-', ' ')}`;
    const wait = remaining > 0 || reset === undefined || reset <= now ? '' : `, full in ${durationText(reset - now)}`;
    const said = kind === 'share' ? `${what} used` : `${what} left`;
    accounts.set(account, [...(accounts.get(account) ?? []), `${said}${window === undefined ? '' : ` (${window})`}${wait}`]);
  }
  const lines = [...accounts].map(
    ([account, said]) => `${accounts.size > 1 || account.startsWith('key ') ? `${account}: ` : ''}${said.join(', ')}`,
  );
  if (concurrency) {
    const { now: busy, most, waiting, line = [] } = concurrency;
    lines.push(`${busy} of ${most} places taken${waiting === 0 ? '' : `, ${waiting} waiting${lineText(line)}`}`);
  }
  return lines.length === 0 ? [] : [`room: ${lines.join('; ')}`];
}

/** Names beyond these are only counted. */
const MOST_NAMES = 6;

/** `: ann, bob (batch)`, next first; nothing where all of them are the one person who uses this server. */
function lineText(line: NonNullable<NonNullable<TargetStatus['concurrency']>['line']>): string {
  if (line.every(({ principal, priority }) => priority === 'interactive' && (principal === 'local' || principal === 'token'))) return '';
  const names = line
    .slice(0, MOST_NAMES)
    .map(({ principal, priority }) => (priority === 'interactive' ? principal : `${principal} (${priority})`));
  return `: ${names.join(', ')}${line.length > MOST_NAMES ? ', …' : ''}`;
}

/** `29.5k`, `2M`. */
function short(number: number): string {
  if (number < 10_000) return String(Math.round(number));
  const [divisor, unit] = number < 1_000_000 ? [1000, 'k'] : [1_000_000, 'M'];
  return `${Number((number / divisor).toPrecision(3))}${unit}`;
}
