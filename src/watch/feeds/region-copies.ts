import type { PageIncident } from '../page-reading.ts';

/** Milliseconds between the first and the last copy of one event; xAI files them by hand, one after the other. */
const FILED_WITHIN = 3_600_000;
const PLACE = /^(\[[^\]]{1,80}\])\s+(\S.*)$/s;

/**
 * xAI files one event once for each region and surface: `[API (us-east-1.api.x.ai)] High error rate`, `[Grok (iOS)] High error rate`. Copies of different
 * places with the same words, begun within an hour, are one incident, linked to its places; the same words of the same place are two, since titles
 * are used again and again. It is over when all copies are.
 */
export function joinCopies(incidents: readonly PageIncident[]): PageIncident[] {
  const events: { title: string; copies: { place: string; incident: PageIncident }[] }[] = [];
  const others: PageIncident[] = [];
  const inTime = incidents.toSorted((one, other) => one.startedAt - other.startedAt || (one.id < other.id ? -1 : 1));
  for (const incident of inTime) {
    const [, place, title] = PLACE.exec(incident.title) ?? [];
    if (place === undefined || title === undefined) {
      others.push(incident);
      continue;
    }
    const known = events.find(
      (event) =>
        event.title === title &&
        event.copies[0]!.incident.kind === incident.kind &&
        incident.startedAt - event.copies[0]!.incident.startedAt <= FILED_WITHIN &&
        !event.copies.some((copy) => copy.place === place),
    );
    if (known) known.copies.push({ place, incident });
    else events.push({ title, copies: [{ place, incident }] });
  }
  return [...others, ...events.map(({ title, copies }) => joined(title, copies))];
}

function joined(title: string, copies: readonly { place: string; incident: PageIncident }[]): PageIncident {
  const first = copies[0]!.incident;
  const open = copies.filter(({ incident }) => incident.phase !== 'resolved');
  const { phase, impact, url } = (open[0] ?? copies[0]!).incident;
  const ends = copies.map(({ incident }) => incident.endedAt).filter((at) => at !== undefined);
  const updates: PageIncident['updates'] = [];
  for (const update of copies.flatMap(({ incident }) => incident.updates).toSorted((one, other) => one.at - other.at)) {
    if (!updates.some(({ phase: same, text }) => same === update.phase && text === update.text)) updates.push(update);
  }
  return {
    id: first.id,
    kind: first.kind,
    title,
    impact,
    phase,
    startedAt: first.startedAt,
    ...(open.length === 0 && ends.length > 0 && { endedAt: Math.max(...ends) }),
    updates,
    components: copies.map(({ place, incident }) => ({
      id: place,
      name: place,
      ...(open.length > 0 && incident.phase === 'resolved' && { state: 'operational' as const }),
    })),
    ...(url !== undefined && { url }),
  };
}
