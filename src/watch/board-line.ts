import { isIll, type Judgement } from './verdict.ts';

/** Products that are named; a prompt has little room. */
const MOST = 2;

/** What is wrong, in a line: `Claude API down 12 min, ChatGPT degraded 1 h 5 min`. Empty: nothing that is known. `now`: UTC ms. */
export function boardLine(
  judgements: readonly (Pick<Judgement, 'key' | 'verdict' | 'since' | 'scope'> & { title: string })[],
  now: number,
): string {
  const ill = judgements.filter(({ key, verdict }) => isIll(verdict) && key.split('/').length === 2);
  const worst = ill.toSorted(
    (one, other) =>
      Number(one.verdict !== 'down') - Number(other.verdict !== 'down') || one.since - other.since || (one.key < other.key ? -1 : 1),
  );
  const named = worst
    .slice(0, MOST)
    .map(
      ({ title, verdict, since, scope }) => `${title} ${scope === 'account' ? 'refuses your account' : verdict}${minutesText(now - since)}`,
    );
  return [...named, ...(worst.length > MOST ? [`${worst.length - MOST} more`] : [])].join(', ');
}

/** With a blank before it; nothing in the first minute. */
function minutesText(span: number): string {
  const minutes = Math.max(0, Math.floor(span / 60_000));
  if (minutes < 60) return minutes === 0 ? '' : ` ${minutes} min`;
  return minutes % 60 === 0 ? ` ${minutes / 60} h` : ` ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
