import type { Incident, IncidentSource, IncidentUpdate, Severity } from '../incident.ts';
import { modelsInTitle } from '../feeds/models-in-title.ts';
import type { Impact, PageIncident, Phase } from '../page-reading.ts';

const SEVERITIES: Record<Impact, Severity> = { none: 'minor', minor: 'minor', major: 'major', critical: 'critical', unknown: 'unknown' };
const ORDER: readonly Severity[] = ['unknown', 'minor', 'major', 'critical'];

export interface Told {
  incident: Incident;
  /** `undefined`: nothing that anybody wants to know. */
  change?: 'updated' | 'edited' | 'ended' | 'reopened';
}

/**
 * What a page says now of an incident, taken over. What it said before and says otherwise now is kept (`before`); what it has taken away is marked.
 * `seenAt`: when this was read (UTC ms). `whole`: the entry has all its updates, so that one which is missing was removed.
 */
export function told(
  known: Incident,
  entry: PageIncident,
  source: Extract<IncidentSource, { type: 'page' }>,
  more: { products: readonly string[]; models: readonly string[] },
  seenAt: number,
): Told {
  const { updates, fresh, edited } = mergedUpdates(known.updates, entry, source, seenAt);
  const others = known.updates.filter((update) => isOther(update.source, source));
  const isFirstPage = known.sources.every(({ type }) => type !== 'page');
  const wasOver = known.phase === 'resolved';
  const isLast = !isOpenElsewhere(known, source);
  const isOver = entry.phase === 'resolved' && isLast;
  const hasSay = isFirstPage || isMain(known, source);
  const startedAt = hasSay ? beginning(known, entry) : known.startedAt;
  const severity = hasSay ? SEVERITIES[entry.impact] : worse(known.severity, SEVERITIES[entry.impact]);
  const title = hasSay ? entry.title : known.title;
  const { endedAt: _ended, endSeenAt: _seen, byWindow: _window, ...rest } = known;
  const stated = entry.endedAt ?? (isOver ? (entry.updates.findLast(({ phase }) => phase === 'resolved')?.at ?? seenAt) : undefined);
  const endedAt = isLast && stated !== undefined ? Math.max(stated, ...endsElsewhere(known, source)) : undefined;
  const phase = entry.phase === 'resolved' && !isLast ? known.phase : entry.phase;
  const incident: Incident = {
    ...rest,
    title,
    products: united(known.products, more.products),
    models: modelsOf(known, entry.title, more.models, isFirstPage, hasSay),
    severity,
    phase,
    startedAt,
    updates: [...others, ...updates].toSorted((one, other) => one.at - other.at || one.seenAt - other.seenAt),
    sources: known.sources.some((one) => !isOther(one, source))
      ? known.sources.map((one) => (isOther(one, source) ? one : source))
      : [...known.sources, source],
    ...(endedAt !== undefined && { endedAt }),
    ...(isOver && { endSeenAt: known.endSeenAt ?? seenAt }),
  };
  const restated = !isFirstPage && hasSay && (known.title !== title || known.severity !== severity || known.startedAt !== startedAt);
  if (restated) {
    const { title: was, severity: called, startedAt: began } = known;
    incident.before = [...(known.before ?? []), { title: was, severity: called, startedAt: began, seenUntil: seenAt }];
  }
  const rewritten = edited || restated;
  const change =
    isOver && !wasOver
      ? 'ended'
      : wasOver && !isOver
        ? 'reopened'
        : fresh || known.phase !== phase
          ? 'updated'
          : rewritten
            ? 'edited'
            : undefined;
  return { incident, ...(change && { change }) };
}

/** What each of the other entries (another page, another region's copy) said last. */
function lastElsewhere({ kind, sources, updates }: Incident, source: Extract<IncidentSource, { type: 'page' }>): IncidentUpdate[] {
  // Planned work goes by its window.
  if (kind === 'maintenance') return [];
  const others = sources.filter((one): one is typeof source => one.type === 'page' && isOther(one, source));
  return others.flatMap((other) => updates.findLast((update) => !isOther(update.source, other) && update.removedAt === undefined) ?? []);
}

/** Another entry tells of it and does not say that it is over: it is over when the last of them does. One that has no updates does not hold it up. */
export function isOpenElsewhere(known: Incident, source: Extract<IncidentSource, { type: 'page' }>): boolean {
  return lastElsewhere(known, source).some(({ phase }) => phase !== 'resolved');
}

function endsElsewhere(known: Incident, source: Extract<IncidentSource, { type: 'page' }>): number[] {
  return lastElsewhere(known, source).map(({ at }) => at);
}

/** Of planned work what is planned; of an outage not later than it was noticed here, whatever its page states. */
function beginning({ kind, updates }: Incident, entry: PageIncident): number {
  const own = updates.filter(({ source }) => source.type === 'own').map(({ at }) => at);
  return kind === 'maintenance' ? entry.startedAt : Math.min(entry.startedAt, ...own);
}

/** Models that it is limited to, by whoever has the say; `Opus 4.6` that becomes `multiple models` is limited to none. */
function modelsOf(known: Incident, title: string, named: readonly string[], isFirstPage: boolean, hasSay: boolean): string[] {
  if (isFirstPage) return named.length > 0 ? [...named] : known.models;
  if (!hasSay) return known.models.length > 0 ? united(known.models, named) : [];
  const provider = (known.products[0] ?? '').split('/')[0]!;
  const said = named.length > 0 || modelsInTitle(known.title, provider).length > 0;
  return said && known.title !== title ? [...named] : known.models;
}

/** The page that was first to tell of it has the say in title and times. */
function isMain({ sources }: Incident, source: Extract<IncidentSource, { type: 'page' }>): boolean {
  const first = sources.find(({ type }) => type === 'page');
  return first !== undefined && !isOther(first, source);
}

function isOther(one: IncidentSource, other: Extract<IncidentSource, { type: 'page' }>): boolean {
  return one.type !== 'page' || one.page !== other.page || one.id !== other.id;
}

interface MergedUpdates {
  updates: IncidentUpdate[];
  /** There is one that was not there before. */
  fresh: boolean;
  /** One says something else than before, or is gone. */
  edited: boolean;
}

function mergedUpdates(
  known: readonly IncidentUpdate[],
  entry: PageIncident,
  source: Extract<IncidentSource, { type: 'page' }>,
  seenAt: number,
): MergedUpdates {
  const mine = known.filter((update) => !isOther(update.source, source));
  const left = [...mine];
  let fresh = false;
  let edited = false;
  const updates = entry.updates.map((update): IncidentUpdate => {
    const place = left.findIndex((one) => one.at === update.at && one.text === update.text && one.phase === update.phase);
    const same = place >= 0 ? place : left.findIndex((one) => one.at === update.at || one.text === update.text);
    if (same < 0) {
      fresh = true;
      return { at: update.at, seenAt, phase: update.phase, text: update.text, source };
    }
    const [before] = left.splice(same, 1) as [IncidentUpdate];
    const { removedAt: _back, ...kept } = before;
    if (before.text === update.text && before.phase === update.phase && before.at === update.at) return { ...kept, source };
    edited = true;
    const old = { text: before.text, phase: before.phase, at: before.at, seenUntil: seenAt };
    return { ...kept, at: update.at, phase: update.phase, text: update.text, source, before: [...(before.before ?? []), old] };
  });
  // A page that lists no updates at all (a summary) has not removed them.
  const gone = left.map((one) => (entry.updates.length === 0 || one.removedAt !== undefined ? one : { ...one, removedAt: seenAt }));
  edited ||= entry.updates.length > 0 && left.some(({ removedAt }) => removedAt === undefined);
  return { updates: [...updates, ...gone], fresh, edited };
}

function united(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

export function worse(one: Severity, other: Severity): Severity {
  return ORDER.indexOf(one) >= ORDER.indexOf(other) ? one : other;
}

/** Of planned work that a page forgot to close, or whose feed does not say: by its window. */
export function phaseByWindow({ phase, startedAt, endedAt }: Pick<PageIncident, 'phase' | 'startedAt' | 'endedAt'>, now: number): Phase {
  if (phase === 'resolved' || phase === 'verifying') return phase;
  if (endedAt !== undefined && now >= endedAt) return 'resolved';
  return now >= startedAt ? 'in-progress' : 'scheduled';
}
