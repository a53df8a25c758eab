import type { Incident, IncidentSource, IncidentUpdate } from '../../watch/incident.ts';
import { durationText } from '../duration-text.ts';
import type { Terminal } from '../terminal.ts';
import { wrapped } from '../wrap.ts';
import { momentText } from './board-view.ts';

type Screen = Pick<Terminal, 'paint' | 'width'>;

/** Milliseconds within which something is seen as soon as it is said: pages are looked at every five minutes. */
const AT_ONCE = 6 * 60_000;

/** One incident with each of its updates: what was claimed, when it was seen, and what it said before. */
export function incidentDetailLines(incident: Incident, now: number, { paint, width }: Screen): string[] {
  const { id, title, kind, phase, severity, products, models, startedAt, firstSeenAt, endedAt, endSeenAt, updates, sources } = incident;
  const row = (name: string, text: string): string[] => wrapped(`  ${name.padEnd(10)} ${text}`, width, ' '.repeat(13));
  const isPlanned = kind === 'maintenance';
  return [
    ...wrapped(title, width, '  ').map(paint.bold),
    ...row('id', id),
    ...row('state', isPlanned ? `${phase}, planned work` : `${phase}, ${severity}`),
    ...row('products', products.join(', ')),
    ...(models.length === 0 ? [] : row('models', models.join(', '))),
    ...row(isPlanned ? 'begins' : 'began', `${momentText(startedAt)}${seenText(startedAt, firstSeenAt)}`),
    ...(endedAt === undefined
      ? row('lasts', durationText(Math.max(0, now - startedAt)))
      : row(isPlanned ? 'ends' : 'ended', `${momentText(endedAt)}${endSeenAt === undefined ? '' : seenText(endedAt, endSeenAt)}`)),
    ...row('told by', sources.map(sourceText).join(', ')),
    ...updates.flatMap((update) => ['', ...updateLines(update, { paint, width })]),
  ];
}

function updateLines({ at, seenAt, phase, text, source, before = [], removedAt }: IncidentUpdate, { paint, width }: Screen): string[] {
  const head = `  ${momentText(at)}  ${phase}, ${sourceText(source)}${seenText(at, seenAt)}`;
  return [
    ...wrapped(head, width, '    ').map(paint.dim),
    ...wrapped(`    ${text}`, width, '    '),
    ...before.flatMap((old) =>
      wrapped(`    until ${momentText(old.seenUntil)} it said (${momentText(old.at)}, ${old.phase}): ${old.text}`, width, '      ').map(
        paint.warn,
      ),
    ),
    ...(removedAt === undefined ? [] : [paint.warn(`    taken away; seen ${momentText(removedAt)}`)]),
  ];
}

/** Nothing where it was seen as soon as it was said. */
function seenText(at: number, seenAt: number): string {
  return seenAt - at < AT_ONCE ? '' : `, first seen ${durationText(seenAt - at)} later`;
}

function sourceText(source: IncidentSource): string {
  switch (source.type) {
    case 'page':
      return source.url ?? `the page ${source.page}`;
    case 'own':
      return 'this machine’s own requests';
    case 'hand':
      return source.by ?? 'whoever runs this server';
  }
}
