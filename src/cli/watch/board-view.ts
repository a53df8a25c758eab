import type { Incident } from '../../watch/incident.ts';
import { parseProductKey } from '../../watch/product.ts';
import type { Board } from '../../watch/questions.ts';
import { type Evidence, isIll, type Scope, type Verdict } from '../../watch/verdict.ts';
import { counted } from '../counted.ts';
import { durationText } from '../duration-text.ts';
import type { Paint, Terminal } from '../terminal.ts';
import { shown, wrapped } from '../wrap.ts';

type Screen = Pick<Terminal, 'paint' | 'width'>;
type Judged = Board['judgements'][number];

const PAINTS: Record<Verdict, keyof Paint> = { operational: 'good', degraded: 'warn', down: 'bad', unknown: 'dim' };
const ORDER: readonly Verdict[] = ['down', 'degraded', 'unknown', 'operational'];
/** Reasons shown for each product; the API has all. */
const MOST_REASONS = 4;

/** The board for people: what is wrong first, with its reasons. `all`: models that are well too. */
export function boardLines(board: Board, { all }: { all: boolean }, screen: Screen): string[] {
  const worth = board.judgements.filter(({ key, verdict }) => all || parseProductKey(key)?.model === undefined || isIll(verdict));
  if (worth.length === 0) {
    return wrapped(
      'Nothing is watched yet: a provider is once it is configured or has been asked, and any other product by `watch.products` in understudy.yaml.',
      screen.width,
    );
  }
  const sorted = worth.toSorted(
    (one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict) || (one.title < other.title ? -1 : 1),
  );
  const name = Math.max(...sorted.map(({ title }) => title.length));
  const lines = sorted.flatMap((judged) => judgementLines(judged, name, board.at, screen));
  const open = board.incidents.filter(({ kind }) => kind === 'incident');
  const planned = board.incidents.filter(({ kind }) => kind === 'maintenance');
  const blind = board.pages.filter(({ state }) => state === 'unknown');
  return [
    ...lines,
    ...section('Open incidents', open, board.at, screen),
    ...section('Planned work', planned, board.at, screen),
    ...runbookSection(board.runbooks ?? [], screen),
    ...(blind.length === 0 ? [] : ['', screen.paint.bold('Status pages that could not be read')]),
    ...blind.flatMap(({ url, problem, readAt }) => {
      const last = readAt === undefined ? 'never read' : `last read ${durationText(board.at - readAt)} ago`;
      return wrapped(`  ${url}: ${problem ?? 'not read yet'} (${last})`, screen.width, '    ').map(screen.paint.dim);
    }),
  ];
}

function runbookSection(runbooks: readonly { name: string; title: string }[], { paint, width }: Screen): string[] {
  if (runbooks.length === 0) return [];
  const lines = runbooks.flatMap(({ name, title }) => wrapped(`  ${title}: understudy runbook show ${name}`, width, '    '));
  return ['', paint.bold('What to do'), ...lines];
}

function judgementLines(judged: Judged, name: number, now: number, { paint, width }: Screen): string[] {
  const { title, verdict, since } = judged;
  const head = `${title.padEnd(name)}  ${paint[PAINTS[verdict]](verdict)}`;
  if (verdict === 'operational') return [head];
  const long = isIll(verdict)
    ? `  for ${durationText(Math.max(0, now - since))}${judged.scope === undefined ? '' : SCOPES[judged.scope]}`
    : '';
  const first = shown(head + long) <= width ? [head + long] : [head, `   ${long}`];
  return [...first, ...judged.evidence.slice(0, MOST_REASONS).flatMap((one) => reasonLines(one, { paint, width }))];
}

const SCOPES: Record<Scope, string> = {
  everyone: ', for everyone',
  model: ', this model only',
  account: ', your account or quota',
  network: ', your network',
  inconclusive: ', and nobody knows yet whose fault it is',
};

function reasonLines({ text, url }: Evidence, { paint, width }: Screen): string[] {
  return wrapped(`   - ${text}${url === undefined ? '' : ` (${url})`}`, width, '     ').map(paint.dim);
}

function section(title: string, incidents: readonly Incident[], now: number, screen: Screen): string[] {
  return incidents.length === 0 ? [] : ['', screen.paint.bold(title), ...incidents.flatMap((one) => incidentLines(one, now, screen))];
}

/** One incident in a few lines: what, since when, whom it touches, the last word. */
export function incidentLines(incident: Incident, now: number, { width, paint }: Screen): string[] {
  const { title, phase, startedAt, endedAt, products, models, updates, kind } = incident;
  const when =
    kind === 'maintenance'
      ? `${momentText(startedAt)}${endedAt === undefined ? '' : ` to ${momentText(endedAt)}`}`
      : endedAt === undefined
        ? `since ${momentText(startedAt)} (${durationText(Math.max(0, now - startedAt))})`
        : `${momentText(startedAt)}, lasted ${durationText(Math.max(0, endedAt - startedAt))}`;
  const last = updates.findLast(({ removedAt }) => removedAt === undefined);
  const whom = [...products, ...models].join(', ');
  return [
    ...wrapped(`  ${title}`, width, '    '),
    ...wrapped(`    ${phase}, ${when}${whom === '' ? '' : `; ${whom}`}`, width, '    ').map(paint.dim),
    ...(last === undefined ? [] : wrapped(`    ${last.text}`, width, '    ').slice(0, 3).map(paint.dim)),
    ...(incident.updates.length > 1 ? [paint.dim(`    ${counted(updates.length, 'update')}: understudy incidents ${incident.id}`)] : []),
  ];
}

/** `2026-06-02 06:05 UTC`. */
export function momentText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
